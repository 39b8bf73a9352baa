"""Bounds how many previews a web process has under way: each is a process of its own that somebody waits for."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from datasets.exceptions import PreviewRunningError, PreviewsBusyError

MOST_AT_ONCE = 2
_lock = threading.Lock()
_running: set[uuid.UUID] = set()


@contextmanager
def taken(tenant_id: uuid.UUID) -> Iterator[None]:
    """Let the block run if the tenant has no other under way, and the process few enough; else raise at once.

    Raises `PreviewRunningError` and `PreviewsBusyError`; both say in `retry_after` when to ask again.
    """
    with _lock:
        if tenant_id in _running:
            raise PreviewRunningError(retry_after=2)
        if len(_running) >= MOST_AT_ONCE:
            raise PreviewsBusyError(retry_after=5)
        _running.add(tenant_id)
    try:
        yield
    finally:
        with _lock:
            _running.discard(tenant_id)
