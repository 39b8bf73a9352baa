"""Kinds of jobs for a real worker's tests, which hold Python's lock: no thread of their process runs meanwhile.

A worker that is started with `--include` of this module knows them.
"""

from __future__ import annotations

import ctypes
import os
import uuid
from pathlib import Path

from chatcms.jobs import registry
from chatcms.jobs.registry import Handler

HOLD = "test.hold"
HOLD_FOR_EVER = "test.hold_for_ever"
# Where each run adds a line, as the environment of the worker says
RUNS = "TEST_RUNS"
LEASES_HELD = 4


def _hold(seconds: float) -> None:
    with Path(os.environ[RUNS]).open("a", encoding="utf-8") as runs:
        runs.write(f"{os.getpid()}\n")
    # PyDLL, unlike CDLL, keeps the lock while the function runs.
    ctypes.PyDLL(None).usleep(int(seconds * 1_000_000))


def _for_some_leases(_target: uuid.UUID) -> None:
    _hold(LEASES_HELD * float(os.environ["JOB_LEASE_SECONDS"]))


def _for_ever(_target: uuid.UUID) -> None:
    _hold(600)


def _nothing(_target: uuid.UUID, _reason: str = "") -> None:
    return


KINDS = {
    HOLD: Handler(run=_for_some_leases, give_up=_nothing, revive=_nothing),
    HOLD_FOR_EVER: Handler(run=_for_ever, give_up=_nothing, revive=_nothing, pauses=(0,), time_limit=1),
}
if RUNS in os.environ:
    for kind, handler in KINDS.items():
        registry.register(kind, handler)
