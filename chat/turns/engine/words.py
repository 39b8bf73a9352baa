"""Turns the text of a model into what its reader gets: words, citations, and an honest end."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from bots.enums import NoEvidence
from chat.turns.asks import BotSetup
from chat.turns.engine.evidence import nothing_found
from chat.turns.engine.marks import MarkReader
from chat.turns.engine.speech.sentences import ENGLISH
from chat.turns.events import CitationMade, Delta
from chat.turns.sources import Source

_MARKS = re.compile(r"\[[\d\s,;]{1,60}\]")
_PARAGRAPH = "\n\n"


class Words:
    """Reads an answer piece by piece; what it gives is for the reader.

    Nothing is given before the first word, so that another model can still be asked. What follows a leading `[0]` is
    held back until a passage is cited: should none be, a strict bot says its own sentence in place of the model's.
    """

    def __init__(self, sources: Mapping[int, Source], bot: BotSetup, language: str = ENGLISH) -> None:
        self.has_spoken = False
        self.hands_over = False  # the bot has said that a person can help
        self._sources = sources
        self._bot = bot
        self._language = language
        # Without passages nothing was said about marks.
        self._marks = MarkReader(sources) if sources else None
        self._held: list[Delta | CitationMade] = []
        self._shown: list[str] = []
        self._says_something = False

    @property
    def text(self) -> str:
        """All that was given to the reader."""
        return "".join(self._shown)

    @property
    def has_cited(self) -> bool:
        """Whether a passage was cited."""
        return self._marks is not None and self._marks.has_cited

    @property
    def is_admitted(self) -> bool:
        """Whether the model has said that the passages do not hold the answer, and cited none of them so far."""
        return self._marks is not None and self._marks.is_admitted and not self._marks.has_cited

    @property
    def _is_replaced(self) -> bool:
        return self.is_admitted and self._bot.no_evidence != NoEvidence.ANSWER_ANYWAY

    def feed(self, text: str) -> Iterator[Delta | CitationMade]:
        """Take the next piece; yield what can be given of it."""
        yield from self._given(self._marks.feed(text) if self._marks else [text])

    def release(self) -> Iterator[Delta | CitationMade]:
        """Yield what was held back, since a word was said or another part follows: the text, then its citations."""
        text = "".join(event.text for event in self._held if isinstance(event, Delta))
        if text:
            self._shown.append(text)
            yield Delta(text)
        yield from (event for event in self._held if isinstance(event, CitationMade))
        self._held = []

    def finish(self) -> Iterator[Delta | CitationMade]:
        """The answer has ended: yield the rest, and the bot's own sentence where the model admitted to have none."""
        yield from self._given(self._marks.finish() if self._marks else [])
        if self._is_replaced or (self.is_admitted and not self.has_spoken):
            yield Delta((_PARAGRAPH if self.has_spoken else "") + nothing_found(self._bot, self._language))
            self.has_spoken = True
            self.hands_over = self._bot.no_evidence == NoEvidence.HANDOFF

    def _given(self, pieces: Iterable[str | int]) -> Iterator[Delta | CitationMade]:
        # Piece by piece, so that it makes no difference how the stream was cut: the marks are read as far as the piece.
        for piece in pieces:
            if isinstance(piece, str):
                self._held.append(Delta(piece))
                self._says_something = self._says_something or any(map(_means, _MARKS.sub("", piece)))
            else:
                self._held.append(CitationMade(self._sources[piece]))
            self.has_spoken = self.has_spoken or (self._says_something and not self._is_replaced)
        if self.has_spoken:
            yield from self.release()


def _means(letter: str) -> bool:
    """Whether a character is of a word or a number, or a sign such as 👍; white space and punctuation mean nothing."""
    return letter.isalnum() or (not letter.isascii() and unicodedata.category(letter).startswith("S"))
