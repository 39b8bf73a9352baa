"""Knows whether PostgreSQL is there, so that no request waits for one that is not.

A thread of each web process, and of each process that does jobs, asks it twice a second. While it is away new
connections are refused at once, statements that wait for an answer are cut off (a stopped server never closes them),
and the pool is thrown away, since its pauses between attempts would outlast the outage. The log says when it went and
when it came back. A server that answers anybody of this process is not away, however long the thread waits for its own
answer: it is busy.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from psycopg import Error
from psycopg import OperationalError as DriverError
from psycopg.conninfo import make_conninfo

from chatcms.core.db.tenantdb.probe import Probe, SilentError, StarvedError

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.4
PATIENCE_SECONDS = 1.0
REQUESTS = "Requests are answered with 503 until it is back."


@dataclass(frozen=True, slots=True)
class Outage:
    """How many seconds ago the last one began and ended."""

    began: float
    ended: float


class Watch:
    """The thread, and what it knows; `probe` is asked, `drop` throws the pool away, `effect` tells the log of it."""

    def __init__(self, probe: Probe, drop: Callable[[], None], effect: str = REQUESTS) -> None:
        self._probe = probe
        self._drop = drop
        self._effect = effect
        self._last: tuple[float, float] | None = None
        self._news = threading.Event()
        self._suspicious = False
        self._away_since: float | None = None
        self.has_looked = threading.Event()
        self._thread = threading.Thread(target=self._run, name="database-watch", daemon=True)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    @property
    def is_away(self) -> bool:
        """Whether PostgreSQL did not answer when it was last asked."""
        return self._away_since is not None

    def last_outage(self) -> Outage | None:
        """Return the last outage that is over, None when there was none."""
        if self._last is None:
            return None
        now = time.monotonic()
        return Outage(now - self._last[0], now - self._last[1])

    def suspect(self) -> None:
        """A statement has failed: ask now, and over a new connection."""
        self._suspicious = True
        self._news.set()

    def _run(self) -> None:
        while True:
            self.look()
            self._news.wait(PAUSE_SECONDS)
            self._news.clear()

    def look(self) -> None:
        """Ask once."""
        if self._suspicious:
            self._suspicious = False
            self._probe.forget()
        try:
            self._probe.ask(seconds=PATIENCE_SECONDS)
        except StarvedError:
            return
        except SilentError as error:
            self._note_silence(str(error))
        except Error:
            self._probe.forget()
            self._note_silence("has closed the connection")
        else:
            self._note_answer()
        self.has_looked.set()

    def _note_silence(self, how: str) -> None:
        if how == "is full":
            return
        if not self.is_away:
            self._away_since = time.monotonic()
            logger.error("PostgreSQL is away: it %s. %s", how, self._effect)
        # Each time anew, for whoever was on the way to a connection when it went.
        self._drop()
        cut_off()

    def _note_answer(self) -> None:
        if self._away_since is None:
            return
        now = time.monotonic()
        self._last = self._away_since, now
        self._away_since = None
        logger.warning("PostgreSQL is back after %.1f s.", now - self._last[0])


class _Heard:
    """When a statement of this process was last answered."""

    at = float("-inf")


_in_use: WeakSet[Any] = WeakSet()
_watch: Watch | None = None
_lock = threading.Lock()


def begin(parameters: dict[str, Any], drop: Callable[[], None], effect: str) -> Watch:
    """Start the watch of this process, once; `parameters` are those of a connection."""
    global _watch  # noqa: PLW0603 - one for the process
    with _lock:
        if _watch is None:
            known = {"host", "port", "user", "password", "dbname", "sslmode", "sslrootcert", "sslcert", "sslkey"}
            given = {name: value for name, value in parameters.items() if name in known and value}
            probe = Probe(make_conninfo(**given, application_name="watch"), lambda: _Heard.at)
            _watch = Watch(probe, drop, effect)
            _watch.start()
    return _watch


def is_away() -> bool:
    """Whether this process knows that PostgreSQL is away; a process without a watch knows nothing."""
    return _watch is not None and _watch.is_away


def last_outage() -> Outage | None:
    """Return the last outage that this process has seen the end of."""
    return _watch.last_outage() if _watch is not None else None


def heard() -> None:
    """Note that a statement was answered."""
    _Heard.at = time.monotonic()


def suspect() -> None:
    """A statement has failed because of its connection: have the watch ask at once."""
    if _watch is not None:
        _watch.suspect()


def refuse_if_away() -> None:
    """Raise the driver's error while PostgreSQL is known to be away."""
    if is_away():
        raise DriverError("PostgreSQL is away.")


def lent(connection: Any) -> None:
    """Note that a connection is in use, and may have to be cut off."""
    _in_use.add(connection)


def returned(connection: Any) -> None:
    """Note that a connection is no longer in use."""
    _in_use.discard(connection)


def cut_off() -> None:
    """End the wait of every statement under way: its connection counts as lost."""
    for connection in list(_in_use):
        with contextlib.suppress(OSError, Error), socket.socket(fileno=os.dup(connection.fileno())) as link:
            link.shutdown(socket.SHUT_RDWR)
