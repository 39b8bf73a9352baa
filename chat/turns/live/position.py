"""Says how far a reader has come in an answer, and what of the answer lies after that: pure functions of both.

An event's id is a position in the answer, not a number in a list: a process that has the answer, from the database,
from the log of another process or from the model once more, can tell what a reader lacks. The id carries a checksum of
what the reader has, so that an answer that turned out differently is noticed; then the reader is told to start over.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import IntEnum

from chat.money.pricing import UsageKnown
from chat.turns.events import (
    CitationMade,
    ConversationStarted,
    Delta,
    Done,
    Failed,
    Refused,
    Restarted,
    Retrieved,
    ToolCalled,
    TurnEvent,
)
from chat.turns.exceptions import InvalidPositionError

# How an event's id looks, with which a reader comes back.
ID_PATTERN = r"^([0-3])\.([0-9]{1,9})\.([0-9]{1,4})\.([0-9a-f]{1,8})(?:\.([0-9]{1,4}))?$"
_ID = re.compile(ID_PATTERN)


class Phase(IntEnum):
    """The last thing that a reader has that comes once."""

    NOTHING = -1
    CONVERSATION = 0
    RETRIEVAL = 1
    USAGE = 2
    END = 3


_PHASES: dict[type[TurnEvent], Phase] = {
    ConversationStarted: Phase.CONVERSATION,
    Retrieved: Phase.RETRIEVAL,
    UsageKnown: Phase.USAGE,
    Done: Phase.END,
    Failed: Phase.END,
}
# What the answer itself comes in
_PIECES = (Delta, CitationMade, ToolCalled, Refused)


@dataclass(frozen=True, slots=True)
class Position:
    """How far a reader has come: characters of the text, citations, other parts, and a checksum of them all.

    Where there are no other parts, nothing is said of them.
    """

    phase: int = Phase.NOTHING
    chars: int = 0
    citations: int = 0
    check: int = 0
    parts: int = 0

    def __str__(self) -> str:
        parts = f".{self.parts}" if self.parts else ""
        return f"{self.phase:d}.{self.chars}.{self.citations}.{self.check:x}{parts}"

    @classmethod
    def parse(cls, text: str) -> Position:
        """Return what an event's id stands for, the beginning for none; raise `InvalidPositionError`."""
        if not text:
            return START
        if (found := _ID.fullmatch(text)) is None:
            raise InvalidPositionError
        return cls(int(found[1]), int(found[2]), int(found[3]), int(found[4], 16), int(found[5] or 0))

    @property
    def is_within(self) -> bool:
        """Whether the reader has something of the answer itself."""
        return bool(self.chars or self.citations or self.parts)


START = Position()


class _Tally:
    """Counts what has gone by of one answer."""

    def __init__(self) -> None:
        self.phase: int = Phase.NOTHING
        self.chars = 0
        self.citations = 0
        self.parts = 0
        self._text_check = 0
        self._citations_check = 0
        self._parts_check = 0

    def add(self, event: TurnEvent) -> None:
        if isinstance(event, Delta):
            self.chars += len(event.text)
            self._text_check = zlib.crc32(event.text.encode(), self._text_check)
        elif isinstance(event, CitationMade):
            self.citations += 1
            self._citations_check = zlib.crc32(event.source.chunk_id.bytes, self._citations_check)
        elif isinstance(event, ToolCalled | Refused):
            self.parts += 1
            self._parts_check = zlib.crc32(repr(event).encode(), self._parts_check)
        else:
            self.phase = _PHASES[type(event)]

    def position(self) -> Position:
        check = self._text_check ^ self._citations_check ^ self._parts_check
        return Position(self.phase, self.chars, self.citations, check, self.parts)


class Rest:
    """Takes the events of an answer from its beginning, and gives those that lie after a reader's position.

    `Restarted` may come in between: the answer then restarts, and what follows is held back until it is as long
    as what the reader has. If it is the same so far, the reader gets what lies after; if not, `Restarted` and all.
    A second `Retrieved` takes the place of the first, which the reader may have: it comes after `Restarted`.
    """

    def __init__(self, after: Position = START) -> None:
        self._has = after
        self._tally = _Tally()
        self._held: list[TurnEvent] | None = [] if after.is_within else None
        self._has_found = False

    def take(self, event: TurnEvent) -> list[tuple[TurnEvent, Position]]:
        """Return what the reader is to get for `event`, each with its position; often just that, sometimes nothing."""
        if isinstance(event, Restarted):
            self._begin_anew()
            return []
        if isinstance(event, Retrieved) and self._has_found:
            return self._found_anew(event)
        self._has_found = self._has_found or isinstance(event, Retrieved)
        if self._held is not None:
            self._held.append(event)
            return self._checked() if self._long_enough(event) else []
        return self._beyond(event)

    def _found_anew(self, event: Retrieved) -> list[tuple[TurnEvent, Position]]:
        if self._held is not None:
            self._held = [one for one in self._held if not isinstance(one, Retrieved)] + [event]
            return []
        self._tally.phase = Phase.CONVERSATION
        self._has = self._tally.position()
        return [(Restarted(), self._has), *self._beyond(event)]

    def _begin_anew(self) -> None:
        self._has_found = False
        self._tally = _Tally()
        self._held = [] if self._has.is_within else None

    def _beyond(self, event: TurnEvent) -> list[tuple[TurnEvent, Position]]:
        """Add the event, and return it unless the reader has it."""
        self._tally.add(event)
        if not isinstance(event, _PIECES) and self._tally.phase <= self._has.phase:
            return []
        self._has = self._tally.position()
        return [(event, self._has)]

    def _long_enough(self, event: TurnEvent) -> bool:
        """Say whether there is as much as the reader has, or will never be more."""
        held, has = self._held or [], self._has
        if not isinstance(event, _PIECES):
            return _PHASES[type(event)] >= Phase.USAGE
        chars = sum(len(one.text) for one in held if isinstance(one, Delta))
        citations = sum(isinstance(one, CitationMade) for one in held)
        parts = sum(isinstance(one, ToolCalled | Refused) for one in held)
        return chars >= has.chars and citations >= has.citations and parts >= has.parts

    def _checked(self) -> list[tuple[TurnEvent, Position]]:
        held, self._held = self._held or [], None
        known, rest = _split(held, self._has)
        for event in known:
            self._tally.add(event)
        at = self._tally.position()
        if replace(at, phase=self._has.phase) == self._has:
            self._tally.phase = Phase.RETRIEVAL
            return [given for event in rest for given in self._beyond(event)]
        self._tally = _Tally()
        self._tally.phase = Phase.CONVERSATION
        self._has = self._tally.position()
        return [(Restarted(), self._has), *(given for event in held for given in self._beyond(event))]


def _split(events: Iterable[TurnEvent], at: Position) -> tuple[list[TurnEvent], list[TurnEvent]]:
    """Divide what an answer is made of at a position; what comes once lies after it, to be left out by its phase."""
    known: list[TurnEvent] = []
    rest: list[TurnEvent] = []
    chars, citations, parts = at.chars, at.citations, at.parts
    for event in events:
        if isinstance(event, Delta):
            head, tail = event.text[:chars], event.text[chars:]
            chars -= len(head)
            known += [Delta(head)] if head else []
            rest += [Delta(tail)] if tail else []
        elif isinstance(event, CitationMade) and citations:
            citations -= 1
            known.append(event)
        elif isinstance(event, ToolCalled | Refused) and parts:
            parts -= 1
            known.append(event)
        else:
            rest.append(event)
    return known, rest
