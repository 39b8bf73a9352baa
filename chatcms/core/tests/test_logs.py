"""Tests that a log line about an error of the database holds nothing of what people wrote."""

from __future__ import annotations

import logging

import psycopg
import pytest
from django.db import Error, connection, transaction

from chatcms.config.environment import BASE_DIR
from chatcms.core.logs import JSONFormatter
from chatcms.runtime.postgres import SETTINGS
from tenants.models import Plan

CANARY = "canary-of-a-person"
FAILING = [
    f"INSERT INTO plans (id, code) VALUES (gen_random_uuid(), '{CANARY}')",
    f"SELECT '{CANARY}'::uuid",
    f"SELECT '{CANARY}'::int",
    f"SELECT '{{\"a\": {CANARY}'::jsonb",
    f"SELECT '{CANARY}'::timestamptz",
    f"DO $$ BEGIN RAISE EXCEPTION USING MESSAGE = 'refused', DETAIL = '{CANARY}'; END $$",
]


def line_of(error: BaseException, *args: object) -> str:
    record = logging.LogRecord("x", logging.ERROR, "x", 1, "It failed: %s %r", args or (error, str(error)), None)
    record.exc_info = (type(error), error, error.__traceback__)
    return JSONFormatter().format(record)


@pytest.mark.parametrize("statement", FAILING)
def test_an_error_of_the_database_is_logged_without_values(db: None, statement: str) -> None:
    with pytest.raises(Error) as failed, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert CANARY in str(failed.value)

    line = line_of(failed.value)

    assert CANARY not in line
    assert isinstance(failed.value.__cause__, psycopg.Error)
    assert "Traceback" in line


def test_an_error_behind_another_is_logged_without_values(db: None) -> None:
    Plan.objects.create(code=CANARY, name="One")

    def keep() -> None:
        try:
            with transaction.atomic():
                Plan.objects.create(code=CANARY, name="Two")
        except Error as error:
            raise RuntimeError("It could not be kept.") from error

    with pytest.raises(RuntimeError) as failed:
        keep()

    line = line_of(failed.value)

    assert CANARY not in line
    assert "duplicate key value violates unique constraint" in line


QUIET = (
    *("log_min_error_statement", "log_error_verbosity"),
    *("log_parameter_max_length", "log_parameter_max_length_on_error"),
)


def test_postgresql_logs_neither_statements_nor_values(db: None) -> None:
    compose = (BASE_DIR / "docker-compose.yml").read_text()
    with connection.cursor() as cursor:
        for name in QUIET:
            cursor.execute(f"SHOW {name}")
            assert cursor.fetchone() == (SETTINGS[name],), name
            assert f"-c {name}={SETTINGS[name]}" in compose
