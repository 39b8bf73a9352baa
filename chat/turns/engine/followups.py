"""What a question that goes on from others is searched with, and how what each wording finds becomes one list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from itertools import cycle
from uuid import UUID

from chat.turns.asks import Ask
from chat.turns.engine.speech import Kind, hear
from chat.turns.engine.speech.folding import tokens_of
from chat.turns.sources import Source
from providers.messages import Message

# A question of fewer words goes on from the one before it, too: "And for two?" "And for three?"
_WORDS_OF_ITS_OWN = 4
_MOST_BEFORE = 3
# In which order the lists of two wordings are taken from. What both find is no better for it: prices of all that is
# sold are in both lists of "And how much does it cost?".
_TURNS = (0, 1, 0)


def wordings_of(ask: Ask) -> tuple[str, ...]:
    """Return the texts to search for, the likelier first: the question with those it goes on from, and it alone.

    "And how much does it cost?" finds prices of everything by itself. One that changes the subject finds its own
    passages by itself, and is not lost beside the other.
    """
    before = earlier_questions(ask)
    return ("\n".join((*before, ask.question)), ask.question) if before else (ask.question,)


def earlier_questions(ask: Ask) -> tuple[str, ...]:
    """Return the question before, and those that it goes on from, in the order asked; thanks and the like are none."""
    found: list[str] = []
    for text in _asked_before(ask.history):
        found.append(text)
        if len(tokens_of(text)) >= _WORDS_OF_ITS_OWN or len(found) == _MOST_BEFORE:
            break
    return tuple(reversed(found))


def merged(lists: Sequence[Sequence[Source]], limit: int, *, on_subject: Collection[UUID] = ()) -> tuple[Source, ...]:
    """Return the best passages of what each wording found, at most `limit`, numbered from 1 and with new scores.

    First come those that both found and that are `on_subject`: chunks that hold the rare words of the joined wording.
    The others are taken in turn, two of each three from the likeliest wording's list.
    """
    if len(lists) == 1:
        return tuple(lists[0][:limit])
    joined = {source.chunk_id for source in lists[0]} & set(on_subject)
    agreed = [source for source in lists[1] if source.chunk_id in joined][: max(1, limit // 2)]
    chosen = {source.chunk_id: source for source in agreed}
    waiting = [iter(sources) for sources in lists]
    turns = cycle(_TURNS)
    tried = 0
    while len(chosen) < limit and tried < len(_TURNS):
        new = next((one for one in waiting[next(turns)] if one.chunk_id not in chosen), None)
        tried = 0 if new else tried + 1
        if new:
            chosen[new.chunk_id] = new
    best = enumerate(list(chosen.values())[:limit], 1)
    return tuple(replace(source, number=number, score=1.0 / number) for number, source in best)


def _asked_before(history: Sequence[Message]) -> list[str]:
    """Return the questions of a conversation, the last one first."""
    asked = (message.text.strip() for message in reversed(history) if message.role == "user")
    return [text for text in asked if text and not _is_talk(text)]


def _is_talk(text: str) -> bool:
    heard = hear(text)
    return heard is not None and heard.kind != Kind.HELP
