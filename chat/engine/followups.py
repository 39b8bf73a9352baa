"""What a question that goes on from others is searched with, and how what each wording finds becomes one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chat.engine.speech import Kind, hear
from chat.engine.speech.folding import tokens_of
from chat.types import Ask, Source
from providers.messages import Message

# A question of fewer words goes on from the one before it, too: "And for two?" "And for three?"
_WORDS_OF_ITS_OWN = 4
_MOST_BEFORE = 3
# How soon the rank in a list stops to matter; small, so that the first of each list come before the second ones
_RANK_OFFSET = 10
# What a place in the list of a wording counts, that of the likeliest wording first
_WEIGHTS = (1.0, 0.9)


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


def merged(lists: Sequence[Sequence[Source]], limit: int) -> tuple[Source, ...]:
    """Return the best passages of what each wording found, at most `limit`, numbered from 1 and with new scores."""
    if len(lists) == 1:
        return tuple(lists[0][:limit])
    scores: dict[object, float] = {}
    by_chunk: dict[object, Source] = {}
    for weight, sources in zip(_WEIGHTS, lists, strict=False):
        for rank, source in enumerate(sources, 1):
            by_chunk.setdefault(source.chunk_id, source)
            scores[source.chunk_id] = scores.get(source.chunk_id, 0.0) + weight / (_RANK_OFFSET + rank)
    best = sorted(scores, key=lambda chunk: -scores[chunk])[:limit]
    return tuple(replace(by_chunk[chunk], number=number, score=scores[chunk]) for number, chunk in enumerate(best, 1))


def _asked_before(history: Sequence[Message]) -> list[str]:
    """Return the questions of a conversation, the last one first."""
    asked = (message.text.strip() for message in reversed(history) if message.role == "user")
    return [text for text in asked if text and not _is_talk(text)]


def _is_talk(text: str) -> bool:
    heard = hear(text)
    return heard is not None and heard.kind != Kind.HELP
