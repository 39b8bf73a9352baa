"""Makes UUIDv7 identifiers: unique, and ordered by time of creation."""

from __future__ import annotations

import os
import threading
import time
import uuid
from datetime import datetime

_TICKS_PER_MILLISECOND = 4096

_lock = threading.Lock()
_last_ticks = 0


def uuid7() -> uuid.UUID:
    """Return a UUIDv7 (RFC 9562, method 3): Unix milliseconds, 12 bits of their fraction, 62 random bits.

    Those that one process makes ascend, also within a millisecond: rows are listed by id.
    """
    ticks = _next_ticks()
    value = (ticks // _TICKS_PER_MILLISECOND & 0xFFFF_FFFF_FFFF) << 80
    value |= 0x7 << 76
    value |= (ticks % _TICKS_PER_MILLISECOND) << 64
    value |= 0b10 << 62
    value |= int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    return uuid.UUID(int=value)


def first_uuid7_of(moment: datetime) -> uuid.UUID:
    """Return the least id that a row made in this millisecond can have: what was made before has a lesser one."""
    return uuid.UUID(int=max(int(moment.timestamp() * 1000), 0) << 80)


def _next_ticks() -> int:
    """Return the time in 4096ths of a millisecond, or the next number when that one is taken."""
    global _last_ticks  # noqa: PLW0603 - the one clock of the process
    ticks = time.time_ns() * _TICKS_PER_MILLISECOND // 1_000_000
    with _lock:
        _last_ticks = max(ticks, _last_ticks + 1)
        return _last_ticks
