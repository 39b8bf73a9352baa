"""A server that is slow is not away: somebody of the process is answered while the probe waits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError, connection
from psycopg import OperationalError as DriverError
from psycopg_pool import PoolClosed, PoolTimeout

from chatcms.core.db import outages
from chatcms.core.db.tenantdb import watch
from chatcms.core.db.tenantdb.probe import Probe, SilentError
from chatcms.tests.faulty import Line, line_to_the_database
from chatcms.tests.waiting import wait_until

PATIENCE_SECONDS = 0.05


@pytest.fixture
def reached(db: None) -> Iterator[tuple[Line, str]]:
    with line_to_the_database() as found:
        yield found


def test_a_server_that_answers_nobody_is_silent(reached: tuple[Line, str]) -> None:
    line, url = reached
    probe = Probe(url)
    probe.ask(seconds=60)
    line.hang()

    with pytest.raises(SilentError, match="does not answer"):
        probe.ask(seconds=PATIENCE_SECONDS)


def test_a_server_that_answers_others_is_waited_for(reached: tuple[Line, str]) -> None:
    line, url = reached
    asked = 0

    def heard_at() -> float:
        nonlocal asked
        asked += 1
        return time.monotonic()

    probe = Probe(url, heard_at)
    probe.ask(seconds=60)
    line.hang()
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(probe.ask, seconds=PATIENCE_SECONDS)
        wait_until(lambda: asked > 10, "that the probe was patient ten times")
        line.mend()
        waiting.result()
    probe.forget()


def test_every_answered_statement_is_heard(db: None) -> None:
    before = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    assert watch._Heard.at >= before


@pytest.mark.parametrize(
    ("cause", "code"),
    [(PoolTimeout(), "overloaded"), (PoolClosed(), "database_unavailable"), (DriverError(), "database_unavailable")],
)
def test_a_pool_without_a_free_connection_is_no_outage(
    cause: Exception, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    suspected: list[bool] = []
    monkeypatch.setattr(watch, "suspect", lambda: suspected.append(True))
    error = OperationalError("no")
    error.__cause__ = cause

    known = outages.passing_error(error)

    assert known is not None
    assert known.code == code
    assert bool(suspected) == (code == "database_unavailable")
