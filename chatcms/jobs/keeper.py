"""A process beside a worker's that renews the leases of its jobs, ends those that take too long, and frees those lost.

A thread of the process that does a job could do none of that: what holds Python's lock (a pattern, a parser, a driver)
stops every thread. The keeper shares nothing with it but the board of the slots, and the kernel tells whether it lives.

The worker's parent forks it, looks for it once a second, and forks another when it is gone. It outlives the parent as
long as a job runs: a worker that was killed leaves children that finish theirs.
"""

from __future__ import annotations

import logging
import os
import signal
import time
import uuid
from contextlib import suppress
from typing import Any, NoReturn

from celery import Celery, bootsteps
from celery.signals import worker_init
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

from chatcms.jobs import slots
from chatcms.jobs.slots import Holding, Slots

logger = logging.getLogger(__name__)

RENEWALS_PER_LEASE = 3
ROUND_SECONDS = 0.5
STOPPED = "The process that worked on it ended before it was done."


class Keeper:
    """What the keeper's process knows: the board, when leases are due, which jobs it ended, and whose end is unsaid."""

    def __init__(self, board: Slots) -> None:
        self._board = board
        self._renew_at = 0.0
        self._ended: set[uuid.UUID] = set()
        self._lost: dict[uuid.UUID, str] = {}

    def look(self) -> bool:
        """Go round once; False when no job of the worker runs and nothing is left to say."""
        found = [each for number in range(self._board.count) if (each := self._board.holding(number))]
        held = [holding for holding in found if not self._is_abandoned(holding)]
        for holding in held:
            if holding.is_over and holding.lease_token not in self._ended:
                self._end(holding)
        self._write([holding.lease_token for holding in held])
        return bool(held or self._lost)

    def _is_abandoned(self, holding: Holding) -> bool:
        if not self._board.abandoned(holding):
            return False
        token = holding.lease_token
        self._lost[token] = _took_too_long(holding) if token in self._ended else STOPPED
        self._ended.discard(token)
        return True

    def _end(self, holding: Holding) -> None:
        # It still holds the lock that only a living process holds: the number is no other process's.
        self._ended.add(holding.lease_token)
        logger.warning("A job has run for more than %g s; its process %s is killed.", holding.time_limit, holding.pid)
        with suppress(ProcessLookupError):
            os.kill(holding.pid, signal.SIGKILL)

    def _write(self, tokens: list[uuid.UUID]) -> None:
        is_due = bool(tokens) and time.monotonic() >= self._renew_at
        if not is_due and not self._lost:
            return
        from chatcms.jobs import services  # late: models can be read only once Django is ready

        try:
            if is_due:
                services.renew(tokens)
                self._renew_at = time.monotonic() + settings.JOB_LEASE_SECONDS / RENEWALS_PER_LEASE
            for token, reason in list(self._lost.items()):
                services.lose(lease_token=token, reason=reason)
                del self._lost[token]
        except DatabaseError as error:
            # It may be starting again: the next round tries again, and a lease that runs out does no harm.
            logger.warning("Leases could not be renewed: %s", type(error).__name__)
        finally:
            if not connection.in_atomic_block:
                connection.close()


def _took_too_long(holding: Holding) -> str:
    seconds = holding.time_limit
    limit = f"{seconds / 60:g} minutes" if seconds >= 60 else f"{seconds:g} seconds"
    return f"It took longer than {limit}, and was ended."


def install(app: Celery) -> None:
    """Give every worker of the application a keeper, before it starts the processes that do jobs."""
    worker_init.connect(_begin)
    app.steps["worker"].add(Watch)


class Watch(bootsteps.StartStopStep):
    """Looks in the worker's parent whether the keeper lives."""

    requires = ("celery.worker.components:Timer",)

    def __init__(self, worker: Any, **_: Any) -> None:
        self._timer: Any = None

    def start(self, worker: Any) -> None:
        """Begin with the worker."""
        self._timer = worker.timer.call_repeatedly(1.0, _begin_again_if_gone)

    def stop(self, worker: Any) -> None:
        """End with the worker, whose end the keeper sees."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


_pid = 0


def _begin(**_: Any) -> None:
    global _pid  # noqa: PLW0603 - of the worker's parent
    board = slots.of_this_worker()
    if board is None:
        return
    parent = os.getpid()
    _pid = os.fork()
    if _pid == 0:
        _run(board, parent)


def _begin_again_if_gone() -> None:
    try:
        gone, _ = os.waitpid(_pid, os.WNOHANG)
    except ChildProcessError:
        gone = _pid
    if gone:
        logger.warning("The process that keeps leases has ended; another one begins.")
        _begin()


def _run(board: Slots, parent: int) -> NoReturn:
    """Be the keeper, until the parent and every job of its children are gone."""
    code = 1
    try:
        # Whoever asks the worker to end asks all of its processes: jobs are finished first, and their leases kept.
        for asked in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
            signal.signal(asked, signal.SIG_IGN)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # Its type belongs to Django's models, which are not ready where this module is loaded.
        wrapper: Any = connections[DEFAULT_DB_ALIAS]
        wrapper.watched("Leases are renewed when it is back.")
        keeper = Keeper(board)
        while keeper.look() or os.getppid() == parent:
            time.sleep(min(ROUND_SECONDS, settings.JOB_LEASE_SECONDS / RENEWALS_PER_LEASE))
        code = 0
    except Exception:  # edge: the process ends here, and the worker begins another
        logger.exception("The process that keeps leases failed.")
    finally:
        os._exit(code)
