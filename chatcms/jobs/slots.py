"""Bounds how many jobs of each queue a worker does at once, and keeps one place for whoever has none running.

A queue has its usual slots, and one more that only a tenant takes that has no job of that queue running: so a tenant
with long jobs has all of the usual slots as long as it is alone, and another tenant's first job still starts at once.

A slot is one byte of a file that the worker's processes share, locked by the process that has it. The kernel frees
it when that process ends, however it ends. Beside it, in memory that they share too, stands what is done in it: the
keeper (`chatcms.jobs.keeper`) reads that, and needs nothing of the process that does the job.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, Any

from celery.signals import worker_init
from django.conf import settings

RESERVED = 1
# Whether something is done, by which process, under which lease, since when and for how many seconds at most.
_ENTRY = struct.Struct("=?q16sdd")


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one job; `for_newcomers` says that only a tenant may have it that has none running."""

    for_newcomers: bool = False
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Holding:
    """What is done in a slot: the job with that `lease_token`, by the process `pid`, since `begun` (monotonic)."""

    number: int
    pid: int
    lease_token: uuid.UUID
    begun: float
    time_limit: float

    @property
    def is_over(self) -> bool:
        """Whether it has taken longer than it may."""
        return time.monotonic() - self.begun > self.time_limit


class Slots:
    """The slots of one worker; `usual` says how many each queue has besides the reserved one."""

    def __init__(self, usual: Mapping[str, int]) -> None:
        self._usual = dict(usual)
        self.count = sum(usual.values()) + RESERVED * len(usual)
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the worker
        # A byte is locked whether the file has it or not: first one for each slot, then one for what is done in it.
        self._board = mmap.mmap(-1, _ENTRY.size * self.count)

    @contextmanager
    def taken(self, queue: str) -> Iterator[Slot | None]:
        """Lend a free slot of the queue, None when there is none; the reserved one comes last."""
        first = self._first_of(queue)
        for number in range(self._usual[queue] + RESERVED):
            if self._lock(first + number):
                try:
                    yield Slot(for_newcomers=number >= self._usual[queue], number=first + number)
                finally:
                    self._unlock(first + number)
                return
        yield None

    @contextmanager
    def noted(self, slot: Slot, lease_token: uuid.UUID, time_limit: float) -> Iterator[None]:
        """Show the keeper what this process does in its slot, as long as the block runs."""
        alive = self.count + slot.number
        fcntl.lockf(self._file, fcntl.LOCK_EX, 1, alive)  # the keeper may be looking, for a moment
        try:
            self._write(slot.number, os.getpid(), lease_token.bytes, time.monotonic(), time_limit)
            yield
        finally:
            self._clear(slot.number)
            self._unlock(alive)

    def holding(self, number: int) -> Holding | None:
        """Return what is done in a slot, None when nothing is."""
        busy, pid, token, begun, limit = _ENTRY.unpack_from(self._board, _ENTRY.size * number)
        return Holding(number, pid, uuid.UUID(bytes=token), begun, limit) if busy else None

    def abandoned(self, holding: Holding) -> bool:
        """Say whether the process of a holding has ended in the midst of it, and clear it then; True only once."""
        alive = self.count + holding.number
        if not self._lock(alive):
            return False
        try:
            if self.holding(holding.number) != holding:
                return False
            self._clear(holding.number)
            return True
        finally:
            self._unlock(alive)

    def close(self) -> None:
        """End all that was lent in this process."""
        self._file.close()

    def _write(self, number: int, *values: Any) -> None:
        # The mark that it is valid comes last, so that nobody reads half of it.
        _ENTRY.pack_into(self._board, _ENTRY.size * number, False, *values)
        self._board[_ENTRY.size * number] = 1

    def _clear(self, number: int) -> None:
        self._board[_ENTRY.size * number] = 0

    def _first_of(self, queue: str) -> int:
        names = list(self._usual)
        return sum(self._usual[name] + RESERVED for name in names[: names.index(queue)])

    def _lock(self, byte: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except OSError:
            return False
        return True

    def _unlock(self, byte: int) -> None:
        fcntl.lockf(self._file, fcntl.LOCK_UN, 1, byte)


_slots: Slots | None = None


def install() -> None:
    """Have each worker make its slots before it starts the processes that share them."""
    worker_init.connect(_open)


def of_this_worker() -> Slots | None:
    """Return the slots of the worker that this process belongs to, None outside a worker."""
    return _slots


def _open(**_: Any) -> None:
    global _slots  # noqa: PLW0603 - inherited by each process of the worker
    _slots = Slots(settings.JOB_SLOTS)


@contextmanager
def taken(queue: str) -> Iterator[Slot | None]:
    """Lend a free slot of this worker, None when there is none; outside a worker there always is one."""
    if _slots is None:
        yield Slot()
        return
    with _slots.taken(queue) as slot:
        yield slot


@contextmanager
def noted(slot: Slot, *, lease_token: uuid.UUID | None, time_limit: float) -> Iterator[None]:
    """Have the lease of the job in `slot` kept and its time limited; outside a worker nobody would take the job."""
    if _slots is None or lease_token is None:
        yield
        return
    with _slots.noted(slot, lease_token, time_limit):
        yield
