"""Puts an answer together from its pieces, part by part, and tells each step as an event."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import uuid4

from providers.adapters._lenient import CharacterJoiner, whole_characters
from providers.messages import (
    Part,
    PartDelta,
    PartEnd,
    PartStart,
    RefusalPart,
    StreamEvent,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)

Words = type[TextPart] | type[RefusalPart] | type[ThinkingPart]


@dataclass
class _Open:
    """A part that is not complete; `seal` is what its vendor signs a thought with."""

    index: int
    part: Part
    pieces: list[str] = field(default_factory=list)
    joiner: CharacterJoiner = field(default_factory=CharacterJoiner)
    seal: str = ""

    def whole(self) -> Part:
        text = "".join(self.pieces)
        if isinstance(self.part, ToolCallPart):
            # a call without arguments is one with none
            return ToolCallPart(self.part.id, self.part.name, text.strip() or "{}")
        if isinstance(self.part, ThinkingPart):
            return ThinkingPart(text, self.seal, self.part.redacted)
        return RefusalPart(text) if isinstance(self.part, RefusalPart) else TextPart(text)


class PartWriter:
    """Takes the pieces as the vendor sends them; `take` gives the events since the last time, in whole characters.

    Words of one kind that follow each other are one part. Calls of tools may be sent in turns: each is complete when
    words follow, when `end` names it, or at the end of the answer.
    """

    def __init__(self) -> None:
        self._events: list[StreamEvent] = []
        self._words: _Open | None = None
        self._calls: dict[int, _Open] = {}
        self._count = 0

    def take(self) -> list[StreamEvent]:
        """Return what has happened since; neighbouring pieces of one part come as one."""
        events, self._events = self._events, []
        return events

    def say(self, kind: Words, text: str) -> None:
        """Add words of a kind; nothing for no words."""
        if not text:
            return
        if self._words is None or type(self._words.part) is not kind:
            self.end()
            self._words = self._start(kind(""))
        self._add(self._words, text)

    def seal(self, signature: str) -> None:
        """Sign the thought under way; one whose words are kept back by the vendor is a thought all the same."""
        if self._words is None or not isinstance(self._words.part, ThinkingPart):
            self.end()
            self._words = self._start(ThinkingPart(""))
        self._words.seal += signature

    def redacted(self, data: str) -> None:
        """Add a thought that only the vendor can read."""
        self.end()
        self._words = self._start(ThinkingPart("", redacted=data))
        self.end()

    def was_thought(self) -> None:
        """The text under way turns out to have been a thought."""
        if self._words is not None and isinstance(self._words.part, TextPart):
            self._words.part = ThinkingPart("")
            self.end()

    def call(self, key: int, *, id_: str = "", name: str = "", arguments: str = "") -> None:
        """Begin the call that the vendor numbers `key`, or add to it; another id under that number is another call."""
        call = self._calls.get(key)
        if call is None or (id_ and isinstance(call.part, ToolCallPart) and id_ != call.part.id):
            self._end_words()
            if call is not None:
                self._end_call(key)
            id_ = whole_characters(id_) or f"call_{uuid4().hex[:24]}"
            call = self._calls[key] = self._start(ToolCallPart(id_, whole_characters(name), ""))
        self._add(call, arguments)

    def is_calling(self, key: int) -> bool:
        """Say whether the call that the vendor numbers `key` is under way."""
        return key in self._calls

    def end(self, key: int | None = None) -> None:
        """Complete one call, or all that is under way."""
        if key is not None and key in self._calls:
            self._end_call(key)
            return
        self._end_words()
        for each in list(self._calls):
            self._end_call(each)

    def _start(self, part: Part) -> _Open:
        started = _Open(self._count, part)
        self._count += 1
        self._events.append(PartStart(started.index, part))
        return started

    def _add(self, to: _Open, text: str) -> None:
        if text := to.joiner.feed(text):
            self._tell(to, text)

    def _tell(self, to: _Open, text: str) -> None:
        to.pieces.append(text)
        last = self._events[-1] if self._events else None
        if isinstance(last, PartDelta) and last.index == to.index:
            self._events[-1] = PartDelta(to.index, last.text + text)
        else:
            self._events.append(PartDelta(to.index, text))

    def _end_words(self) -> None:
        if self._words is not None:
            self._close(self._words)
            self._words = None

    def _end_call(self, key: int) -> None:
        self._close(self._calls.pop(key))

    def _close(self, part: _Open) -> None:
        if rest := part.joiner.finish():
            self._tell(part, rest)
        self._events.append(PartEnd(part.index, part.whole()))
