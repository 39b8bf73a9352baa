"""Hears an answer's parts as they come from a model: words, calls of tools, refusals; thoughts are left out."""

from __future__ import annotations

from collections.abc import Iterator

from chat.turns.events import Delta, Refused, Restarted, ToolCalled
from chatcms.core.text.safety import storable
from providers.messages import (
    PartDelta,
    PartEnd,
    PartStart,
    RefusalPart,
    StreamEvent,
    TextPart,
    ThinkingPart,
    ToolCallPart,
)

Heard = Delta | ToolCalled | Refused | Restarted


class PartsHeard:
    """Gives what each event of a stream means to a reader.

    Texts that follow each other are one part of the answer, as it is stored. Where a text that was passed on turns out
    to have been a thought, `Restarted` takes all of it back.
    """

    def __init__(self) -> None:
        self._spoken: set[int] = set()
        self._count = 0
        self._is_speaking = False

    def take(self, event: StreamEvent) -> Iterator[Heard]:
        """Yield what the event brings."""
        if isinstance(event, PartStart) and isinstance(event.part, TextPart | RefusalPart):
            self._spoken.add(event.index)
            self._is_speaking = self._is_speaking and isinstance(event.part, TextPart)
        elif isinstance(event, PartDelta) and event.index in self._spoken:
            self._speak()
            yield Delta(storable(event.text))
        elif isinstance(event, PartEnd):
            yield from self._ended(event)

    def _ended(self, event: PartEnd) -> Iterator[Heard]:
        part = event.part
        if isinstance(part, ThinkingPart) and event.index in self._spoken:
            self._spoken.clear()
            self._count, self._is_speaking = 0, False
            yield Restarted()
        elif isinstance(part, RefusalPart) and part.text:
            self._speak()
            yield Refused(storable(part.text), self._count - 1)
            self._is_speaking = False
        elif isinstance(part, ToolCallPart):
            self._is_speaking = False
            call = ToolCallPart(storable(part.id), storable(part.name), storable(part.arguments))
            yield ToolCalled(call, self._count)
            self._count += 1

    def _speak(self) -> None:
        if not self._is_speaking:
            self._is_speaking = True
            self._count += 1
