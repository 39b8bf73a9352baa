"""Bounds how many jobs of each queue a worker does at once, and keeps one place for whoever has none running.

A queue has its usual slots, and one more that only a tenant takes that has no job of that queue running: so a tenant
with long jobs has all of the usual slots as long as it is alone, and another tenant's first job still starts at once.

A slot is one byte of a file that the worker's processes share, locked by the process that has it. The kernel frees
it when that process ends, however it ends.
"""

from __future__ import annotations

import fcntl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any

from celery.signals import worker_init
from django.conf import settings

RESERVED = 1


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for one job; `for_newcomers` says that only a tenant may have it that has none running."""

    for_newcomers: bool = False


class Slots:
    """The slots of one worker; `usual` says how many each queue has besides the reserved one."""

    def __init__(self, usual: Mapping[str, int]) -> None:
        self._usual = dict(usual)
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - as long as the worker
        # A byte is locked whether the file has it or not.

    @contextmanager
    def taken(self, queue: str) -> Iterator[Slot | None]:
        """Lend a free slot of the queue, None when there is none; the reserved one comes last."""
        first = self._first_of(queue)
        for number in range(self._usual[queue] + RESERVED):
            if self._lock(first + number):
                try:
                    yield Slot(for_newcomers=number >= self._usual[queue])
                finally:
                    fcntl.lockf(self._file, fcntl.LOCK_UN, 1, first + number)
                return
        yield None

    def close(self) -> None:
        """End all that was lent in this process."""
        self._file.close()

    def _first_of(self, queue: str) -> int:
        names = list(self._usual)
        return sum(self._usual[name] + RESERVED for name in names[: names.index(queue)])

    def _lock(self, byte: int) -> bool:
        try:
            fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, byte)
        except OSError:
            return False
        return True


_slots: Slots | None = None


def install() -> None:
    """Have each worker make its slots before it starts the processes that share them."""
    worker_init.connect(_open)


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
