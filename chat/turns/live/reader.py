"""What a face of the API reads an answer from: one under way here, one that is made elsewhere, one that has ended."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from typing import Protocol
from uuid import UUID

from chat.turns.events import Delta, Done, Failed, ToolCalled, TurnEvent
from chatcms.core.api.sse import Pump


class AnswerReader(Protocol):
    """The events of one answer, for one reader."""

    @property
    def conversation_id(self) -> UUID: ...
    @property
    def message_id(self) -> UUID: ...

    async def batch(self, seconds: float) -> list[TurnEvent] | None:
        """Return what has come, after at most `seconds` ([] if nothing has); None at the end."""
        ...

    async def aclose(self) -> None:
        """The reader leaves; return when what that entails is done."""
        ...

    def leave(self) -> None:
        """The reader leaves; does not wait."""
        ...


class AnswerReading(Pump[TurnEvent]):
    """Events from any generator, as `AnswerReader` has them."""

    def __init__(self, source: AsyncGenerator[TurnEvent, None], *, conversation_id: UUID, message_id: UUID) -> None:
        super().__init__(source)
        self.conversation_id = conversation_id
        self.message_id = message_id


class ReadAhead:
    """A reader of which some events have been read, which come once more."""

    def __init__(self, reader: AnswerReader, events: list[TurnEvent]) -> None:
        self._reader = reader
        self._events = events

    async def batch(self, seconds: float) -> list[TurnEvent] | None:
        """Return what was read before, and then as the reader does."""
        if self._events:
            events, self._events = self._events, []
            return events
        return await self._reader.batch(seconds)

    async def aclose(self) -> None:
        """The reader leaves."""
        await self._reader.aclose()


async def until_word(reader: AnswerReader, seconds: float) -> list[TurnEvent]:
    """Read to the first word or the end, but no longer than that, and return what has come."""
    until = time.monotonic() + seconds
    events: list[TurnEvent] = []
    while (left := until - time.monotonic()) > 0:
        batch = await reader.batch(left)
        if not batch:
            break
        events += batch
        if any(isinstance(event, Delta | ToolCalled | Failed | Done) for event in batch):
            break
    return events


async def events_of(reader: AnswerReader, *, patience: float = 60.0) -> AsyncGenerator[TurnEvent, None]:
    """Yield all events of an answer one by one; the reader is left when the generator is closed."""
    try:
        while (events := await reader.batch(patience)) is not None:
            for event in events:
                yield event
    finally:
        await reader.aclose()
