"""Makes the worker touch its sign of life every few seconds, from the moment it takes work.

Celery loads this module into the worker (`--include`). The heartbeat goes out over the broker, so the sign
also stops when the worker has lost the broker or its main loop hangs. Run as a program it exits with 0 if the
sign is fresh (that of the scheduler, if its first argument is `scheduler`), as a container's health check needs it.
"""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

from celery.signals import heartbeat_sent, worker_ready, worker_shutdown

from .paths import layout
from .sign import WORKER, file_of, is_fresh, show


@worker_ready.connect
def _begin(**_: Any) -> None:
    show(layout().run, WORKER, os.getpid())


@heartbeat_sent.connect
def _continue(**_: Any) -> None:
    # Heartbeats start a moment before the worker takes work; until then there is no file.
    with contextlib.suppress(FileNotFoundError):
        os.utime(file_of(layout().run, WORKER))


@worker_shutdown.connect
def _stop(**_: Any) -> None:
    file_of(layout().run, WORKER).unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(0 if is_fresh(layout().run, name=(sys.argv[1:] or [WORKER])[0]) else 1)
