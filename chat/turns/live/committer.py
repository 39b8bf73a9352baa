"""Writes to Redis for all answers of a process at once: what one round trip cannot take, the next one gathers."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextvars import Context
from typing import Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from redis.exceptions import RedisError

from chat.turns.live.store import LOST, OWNER_SECONDS, STOP, LogEntry, Store, TurnKey, store

logger = logging.getLogger(__name__)

RENEW_SECONDS = 0.5
# For how long a Redis that did not answer is not asked again: answers must not wait for it.
PAUSE_SECONDS = 3.0


class Voice(Protocol):
    """An answer under way, as the committer sees it."""

    @property
    def key(self) -> TurnKey: ...
    @property
    def has_ended(self) -> bool: ...
    @property
    def is_owned(self) -> bool: ...

    def entry(self) -> LogEntry | None:
        """Return what is new for the log since the last entry that is known to be there."""
        ...

    def committed(self, *, logged: bool) -> None:
        """What the last entry held may be read; it is in the log too, or Redis is away."""
        ...

    def stop(self) -> None:
        """Somebody asked for its end."""
        ...

    def lose(self) -> None:
        """Another process has taken it over."""
        ...


class Committer:
    """The one writer of an event loop."""

    def __init__(self) -> None:
        self._store: Store = store()
        self._voices: dict[UUID, Voice] = {}
        self._dirty: dict[UUID, Voice] = {}
        self._news = asyncio.Event()
        self._renew_at = 0.0
        self._paused_until = 0.0
        # In its own context: it belongs to no request.
        self.task = asyncio.create_task(self._run(), context=Context())

    def add(self, voice: Voice) -> None:
        """Give signs of life of an answer, until it has ended."""
        self._voices[voice.key.message_id] = voice

    def find(self, message_id: UUID) -> Voice | None:
        """Return an answer that is under way in this process."""
        return self._voices.get(message_id)

    def note(self, voice: Voice) -> None:
        """Write what is new of an answer, with the next round trip."""
        self._dirty[voice.key.message_id] = voice
        self._news.set()

    async def _run(self) -> None:
        try:
            while True:
                await self._wait()
                dirty, self._dirty = list(self._dirty.values()), {}
                await self._commit(dirty)
        finally:
            # The loop ends: nobody is to wait for Redis any more.
            for voice in self._voices.values():
                voice.entry()
                voice.committed(logged=False)
            await self._store.aclose()

    async def _wait(self) -> None:
        self._news.clear()
        if self._dirty:
            return
        seconds = max(0.0, self._renew_at - time.monotonic()) if self._voices else None
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return

    async def _commit(self, dirty: Sequence[Voice]) -> None:
        now = time.monotonic()
        due = now >= self._renew_at
        if due:
            self._renew_at = now + RENEW_SECONDS
        signs = [*self._voices.values()] if due else [one for one in dirty if one.has_ended or not one.is_owned]
        entries = [entry for voice in dirty if (entry := voice.entry())]
        ended = [voice for voice in dirty if voice.has_ended]
        for voice in ended:
            if self._voices.get(voice.key.message_id) is voice:
                del self._voices[voice.key.message_id]
        said = await self._send(entries, signs) if (entries or signs) and now >= self._paused_until else None
        for voice in dirty:
            voice.committed(logged=said is not None)
        for voice, word in zip(signs, said or (), strict=False):
            if word == STOP:
                voice.stop()
            elif word == LOST:
                voice.lose()

    async def _send(self, entries: Sequence[LogEntry], signs: Sequence[Voice]) -> list[bytes] | None:
        lives = [(voice.key, 0.0 if voice.has_ended else OWNER_SECONDS) for voice in signs]
        try:
            return await self._store.commit(entries, lives)
        except (RedisError, OSError) as error:
            self._paused_until = time.monotonic() + PAUSE_SECONDS
            logger.warning("Answers cannot be resumed while Redis does not answer: %s", type(error).__name__)
            return None


_committers: WeakKeyDictionary[asyncio.AbstractEventLoop, Committer] = WeakKeyDictionary()


def committer() -> Committer:
    """Return the committer of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _committers.get(loop)
    if found is None or found.task.done():
        found = _committers[loop] = Committer()
    return found
