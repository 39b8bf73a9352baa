"""The worker's sign of life, as a file in var/run: who reads it needs no Celery."""

from __future__ import annotations

import time
from pathlib import Path

FILE = "worker.alive"
FRESH_SECONDS = 15.0


def is_fresh(run: Path, pid: int | None = None) -> bool:
    """Whether a worker (the one with this process id, if given) has shown itself in the last seconds."""
    sign = run / FILE
    try:
        named, age = sign.read_text(), time.time() - sign.stat().st_mtime
    except OSError:
        return False
    return age < FRESH_SECONDS and (pid is None or named == str(pid))
