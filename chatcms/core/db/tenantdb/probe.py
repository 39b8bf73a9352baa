"""Asks PostgreSQL for a sign of life over a connection of its own, never waiting longer than it is told.

It speaks libpq directly: neither a stopped server nor Python code that holds the interpreter's lock makes it wait
longer, or makes an answer that has arrived look late.
"""

from __future__ import annotations

import select
import time
from collections.abc import Callable

from psycopg import pq
from psycopg.pq import ConnStatus, ExecStatus, PollingStatus
from psycopg.pq.abc import PGconn

_MILLISECOND = 0.001
# A server that is merely full of connections is there.
_FULL = ("too many clients", "connection slots")
Limit = Callable[[], float]


class SilentError(Exception):
    """PostgreSQL does not answer; the text says how."""


class StarvedError(Exception):
    """This process did not get to run in time, so that the silence says nothing about the server."""


class Probe:
    """One connection, opened when it is needed and kept."""

    def __init__(self, conninfo: str, heard_at: Callable[[], float] = lambda: 0.0) -> None:
        self._conninfo = conninfo.encode()
        self._heard_at = heard_at
        self._link: PGconn | None = None

    def ask(self, *, seconds: float) -> None:
        """Have a query answered; raises `SilentError` after `seconds` in which nobody was answered, or `StarvedError`.

        A server that is slow to answer here and answers others meanwhile (`heard_at`) is busy, and not away.
        """
        began = time.monotonic()

        def limit() -> float:
            return max(began, self._heard_at()) + seconds

        try:
            link = self._link = self._link or _connect(self._conninfo, limit)
            _query(link, limit)
        except (SilentError, StarvedError):
            self.forget()
            raise

    def forget(self) -> None:
        """Close the connection: the next question is asked over a new one."""
        if self._link is not None:
            self._link.finish()
            self._link = None


def _connect(conninfo: bytes, limit: Limit) -> PGconn:
    link: PGconn = pq.PGconn.connect_start(conninfo)
    link.nonblocking = 1
    state = int(PollingStatus.WRITING)
    while link.status != ConnStatus.BAD and state != PollingStatus.OK:
        if state == PollingStatus.FAILED:
            break
        _wait(link, select.POLLIN if state == PollingStatus.READING else select.POLLOUT, limit)
        state = link.connect_poll()
    if link.status == ConnStatus.BAD or state != PollingStatus.OK:
        reason = link.get_error_message()
        link.finish()
        raise SilentError("is full" if any(word in reason for word in _FULL) else "refuses connections")
    return link


def _query(link: PGconn, limit: Limit) -> None:
    if link.status == ConnStatus.BAD:
        raise SilentError("has closed the connection")
    link.send_query(b"SELECT 1")
    while link.flush():
        _wait(link, select.POLLOUT, limit)
    while link.is_busy():
        _wait(link, select.POLLIN, limit)
        link.consume_input()
    while (result := link.get_result()) is not None:
        if result.status != ExecStatus.TUPLES_OK:
            raise SilentError("does not carry out queries")


def _wait(link: PGconn, event: int, limit: Limit) -> None:
    poll = select.poll()
    poll.register(link.socket, event)
    while True:
        began = time.monotonic()
        seconds = max(limit() - began, 0.0)
        if poll.poll(seconds / _MILLISECOND):
            return
        now = time.monotonic()
        if now - began > 1.5 * seconds + 0.1:
            raise StarvedError
        if now >= limit():
            raise SilentError("does not answer")
