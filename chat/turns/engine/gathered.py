"""Puts an answer together from its events: the one place that knows what each of them means for the whole."""

from __future__ import annotations

from collections.abc import Iterable

from chat.money.pricing import UsageKnown
from chat.turns.asks import ModelRoute
from chat.turns.events import (
    MODEL,
    CitationMade,
    Delta,
    Done,
    Ended,
    EngineEvent,
    Failed,
    Refused,
    Rerouted,
    Restarted,
    Retrieved,
    ToolCalled,
    TurnEvent,
)
from chat.turns.sources import Source
from providers.messages import Part, RefusalPart, TextPart


def gather(events: Iterable[EngineEvent | TurnEvent]) -> Gathered:
    """Return what came of events."""
    gathered = Gathered()
    for event in events:
        gathered.note(event)
    return gathered


class Gathered:
    """What has come of an answer, whether its events are the engine's, a turn's, or read from a log."""

    def __init__(self) -> None:
        self.retrieved = Retrieved((), None)
        self.route: ModelRoute | None = None
        self.ended: Ended | None = None
        self.usage: UsageKnown | None = None
        self.done: Done | None = None
        self.failed: Failed | None = None
        self.cited: list[Source] = []
        self.pieces: list[str] = []
        self._parts: list[Part] = []
        self._divided = 0

    def note(self, event: EngineEvent | TurnEvent) -> None:
        """Take the next event."""
        match event:
            case Delta(text):
                self.pieces.append(text)
            case CitationMade(source):
                self.cited.append(source)
            case ToolCalled(part):
                self._divide()
                self._parts.append(part)
            case Refused(text):
                self._divide(len(text))
            case Restarted():
                self._begin_anew()
            case _:
                self._note_once(event)

    def _note_once(self, event: EngineEvent | TurnEvent) -> None:
        match event:
            case Retrieved():
                self.retrieved = event
            case Rerouted(route):
                self.route = route
            case Ended():
                self.ended = event
            case UsageKnown():
                self.usage = event
            case Done():
                self.done = event
            case Failed():
                self.failed = event

    @property
    def text(self) -> str:
        """All the words, those of a refusal too."""
        return "".join(self.pieces)

    @property
    def has_words(self) -> bool:
        """Whether anything was said or done yet."""
        return bool(self.pieces or self._parts)

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of the answer; none where it is made of words only."""
        if not self._parts:
            return ()
        rest = "".join(self.pieces[self._divided :])
        return (*self._parts, TextPart(rest)) if rest else tuple(self._parts)

    @property
    def consulted(self) -> tuple[Source, ...]:
        """The passages that the model was shown, where it answered from them and cites none."""
        is_held = self.ended is None or (self.ended.is_held and self.ended.answered_by == MODEL)
        is_from_them = bool(self.retrieved.has_evidence) and is_held and bool(self.pieces)
        return self.retrieved.sources if is_from_them and not self.cited else ()

    def _divide(self, refused: int = 0) -> None:
        """The words since the last part are a text; the last `refused` characters of them are a refusal."""
        said = "".join(self.pieces[self._divided :])
        self._divided = len(self.pieces)
        cut = max(0, len(said) - refused)
        if said[:cut]:
            self._parts.append(TextPart(said[:cut]))
        if said[cut:]:
            self._parts.append(RefusalPart(said[cut:]))

    def _begin_anew(self) -> None:
        self.cited, self.pieces, self._parts, self._divided = [], [], [], 0
