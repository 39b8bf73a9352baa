"""The signs of life of worker and scheduler, as files in var/run: who reads them needs no Celery."""

from __future__ import annotations

import time
from pathlib import Path

WORKER = "worker"
SCHEDULER = "scheduler"
FRESH_SECONDS = 15.0


def file_of(run: Path, name: str) -> Path:
    """The file that a process touches."""
    return run / f"{name}.alive"


def show(run: Path, name: str, pid: int) -> None:
    """Give a sign of life."""
    run.mkdir(parents=True, exist_ok=True)
    file_of(run, name).write_text(str(pid))


def is_fresh(run: Path, pid: int | None = None, name: str = WORKER) -> bool:
    """Whether the process (the one with this process id, if given) has shown itself in the last seconds."""
    sign = file_of(run, name)
    try:
        named, age = sign.read_text(), time.time() - sign.stat().st_mtime
    except OSError:
        return False
    return age < FRESH_SECONDS and (pid is None or named == str(pid))
