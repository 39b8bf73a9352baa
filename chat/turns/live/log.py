"""Reads along with an answer that another process makes."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from chat.turns.events import TurnEvent
from chat.turns.live import wire
from chat.turns.live.store import TurnKey, logged, store


async def follow(key: TurnKey) -> AsyncGenerator[TurnEvent, None]:
    """Yield the events of an attempt from its beginning, as they come; end when nobody makes it any more.

    Raises `RedisError` or `OSError` when Redis is away.
    """
    log = _Log()
    after = b"0-0"
    while True:
        entries = await store().read(key, after, wait=True)
        if not entries and not await store().is_owned(key):
            entries = await store().read(key, after, wait=False)
            if not entries:
                return
        for entry_id, first, data in entries:
            after = entry_id
            for event in log.new(first, data):
                yield event


def logged_events(key: TurnKey) -> list[TurnEvent]:
    """Return what the log of an attempt has, for synchronous code; raises as `follow` does."""
    log = _Log()
    return [event for _, first, data in logged(key) for event in log.new(first, data)]


class _Log:
    """Puts entries together: one that was written twice counts once, after one that is missing nothing counts."""

    def __init__(self) -> None:
        self._reader = wire.Reader()
        self._known = 0

    def new(self, first: int, data: bytes) -> list[TurnEvent]:
        if first > self._known:
            return []
        events = list(self._reader.loads(data))[self._known - first :]
        self._known += len(events)
        return events
