"""Lets one start or stop at a time work on a var folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from .errors import SetupError
from .paths import Layout
from .processes import wait_until

PATIENCE = 600.0


@contextmanager
def exclusive(place: Layout) -> Iterator[None]:
    """Hold the folder's lock; if another process holds it, say so and wait for it to finish."""
    handle = os.open(place.run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not _take(handle):
            print("Another start or stop is at work here; waiting for it.", flush=True)
            if not wait_until(lambda: _take(handle), PATIENCE, pause=0.2):
                raise SetupError("Another start or stop does not come to its end.", f"look into {place.log}.")
        yield
    finally:
        os.close(handle)


@contextmanager
def if_free(place: Layout) -> Iterator[bool]:
    """Hold the folder's lock if nobody else does; the value says whether it is held."""
    handle = os.open(place.run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield _take(handle)
    finally:
        os.close(handle)


def _take(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
