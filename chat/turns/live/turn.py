"""Runs a turn in its own task, writes what comes of it into its log, and hands it to its reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from chat.turns.events import TurnEvent
from chat.turns.live import wire
from chat.turns.live.committer import committer
from chat.turns.live.stopper import Stopper
from chat.turns.live.store import ENDED_LOG_SECONDS, LOG_SECONDS, LogEntry, TurnKey


class LiveTurn:
    """An answer under way in this process, with one reader.

    What the reader gets is in the log before, so that no other process knows less than a reader; while Redis is away
    it is not. When the reader leaves, the turn is cancelled; with `finish` it goes on to its end.
    """

    def __init__(
        self,
        source: AsyncGenerator[TurnEvent, None],
        key: TurnKey,
        *,
        conversation_id: UUID,
        stopper: Stopper,
        finish: bool = False,
    ) -> None:
        self.key = key
        self.message_id = key.message_id
        self.conversation_id = conversation_id
        self.has_ended = False
        self.is_owned = False
        self._stopper = stopper
        self._finish = finish
        self._events: list[TurnEvent] = []
        self._logged = self._gathered = self._shown = self._read = 0
        self._news = asyncio.Event()
        self._is_over = False
        self._begun = False
        self._abandoned = False
        self._committer = committer()
        self._committer.add(self)
        self._task = asyncio.create_task(self._work(source))

    # --- its reader ----------------------------------------------------------------------------------------

    async def batch(self, seconds: float) -> list[TurnEvent] | None:
        """Return what has come, after at most `seconds` ([] if nothing has); None at the end."""
        if self._read == self._shown and not self._is_over:
            self._news.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                return []
        if self._read < self._shown:
            events = self._events[self._read : self._shown]
            self._read = self._shown
            return events
        if not self._is_over:
            return []
        if not self._task.cancelled():
            await self._task
        return None

    async def aclose(self) -> None:
        """The reader leaves: end the turn and wait until it is saved, unless it is to go on; safe to call again."""
        self.leave()
        if not self._finish:
            await asyncio.gather(self._task, return_exceptions=True)

    def leave(self) -> None:
        """The reader leaves; does not wait."""
        if self._finish or self._task.done():
            return
        if self._begun:
            self._task.cancel()
        else:
            # A task that is cancelled before it begins does nothing at all, and would leave the answer as it is.
            self._abandoned = True

    # --- its committer -------------------------------------------------------------------------------------

    def entry(self) -> LogEntry | None:
        """Return what the log lacks."""
        self._gathered = len(self._events)
        new = self._events[self._logged :]
        seconds = ENDED_LOG_SECONDS if self.has_ended else LOG_SECONDS
        return LogEntry(self.key, self._logged, wire.dumps(new), seconds) if new else None

    def committed(self, *, logged: bool) -> None:
        """Show the reader what was gathered."""
        if logged:
            self._logged = self._gathered
            self.is_owned = True
        self._shown = self._gathered
        self._is_over = self.has_ended and self._shown == len(self._events)
        self._news.set()

    def stop(self) -> None:
        """End the answer here: what there is of it is saved and sent as stopped."""
        self._stopper.stop()

    def lose(self) -> None:
        """End the turn; the process that restarted it saves it."""
        if self._begun:
            self._task.cancel()

    async def _work(self, source: AsyncGenerator[TurnEvent, None]) -> None:
        self._begun = True
        try:
            async with aclosing(source) as events:
                async for event in events:
                    self._events.append(event)
                    self._committer.note(self)
                    if self._abandoned:
                        break
        finally:
            self.has_ended = True
            self._committer.note(self)
