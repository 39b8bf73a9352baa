"""Looks after the processes of a worker: each of them watches the database, and the log names one that is lost."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable
from typing import Any

from celery.signals import worker_process_init, worker_ready
from django.db import DEFAULT_DB_ALIAS, connections

logger = logging.getLogger(__name__)

# What a process ends with that has used up its share of memory, as billiard has it.
_RECYCLED = 0x9B


def install() -> None:
    """Have every worker do so."""
    worker_process_init.connect(_watch_the_database)
    worker_ready.connect(_tell_of_losses)


def _watch_the_database(**_: Any) -> None:
    # Its type belongs to Django's models, which are not ready where this module is loaded.
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    wrapper.watched("Jobs wait until it is back.")


def _tell_of_losses(sender: Any = None, **_: Any) -> None:
    """Begin to tell; called again whenever the worker has found its broker again."""
    pool = getattr(getattr(sender, "pool", None), "_pool", None)
    if pool is not None and not isinstance(pool.on_process_down, Teller):
        pool.on_process_down = Teller(pool.on_process_down)


class Teller:
    """Is called with each process that has ended, and hands it on to `inner`."""

    def __init__(self, inner: Callable[[Any], None] | None) -> None:
        self._inner = inner

    def __call__(self, process: Any) -> None:
        """Tell of one that did not end by itself."""
        code = process.exitcode
        if code not in {0, None, _RECYCLED}:
            how = f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
            logger.error(
                "A process of the worker (%s) %s. Another one takes its place, and its job is taken over.",
                process.pid,
                how,
            )
        if self._inner is not None:
            self._inner(process)
