"""Lets somebody else than its reader end an answer while the model speaks."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class StoppedError(Exception):
    """The answer is to end here."""


class Stopper:
    """The switch of one turn."""

    def __init__(self) -> None:
        self._requested = False
        self._thrown = False
        self._task: asyncio.Task[object] | None = None

    def stop(self) -> None:
        """End the block that listens, now or as soon as it begins; nothing once it is over."""
        if self._requested:
            return
        self._requested = True
        if self._task is not None:
            self._thrown = True
            self._task.cancel()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Raise `StoppedError` out of the block, whatever it waits for, when somebody stops it."""
        if self._requested:
            raise StoppedError
        self._task = asyncio.current_task()
        try:
            yield
        except asyncio.CancelledError:
            if not self._thrown or self._task is None:
                raise
            self._task.uncancel()
            raise StoppedError from None
        finally:
            self._task = None
