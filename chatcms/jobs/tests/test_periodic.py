"""Periodic tasks leave a record of each run, go on past a broken tenant, and are told when they are late."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils import timezone

from chatcms.celery import app
from chatcms.jobs import heartbeat, periodic
from chatcms.jobs.models import PeriodicTask
from chatcms.jobs.periodic import periodic_task
from chatcms.portal import condition
from tenants.each import for_each_tenant
from tenants.models import Tenant, TenantSettings

ENTRIES = settings.CELERY_BEAT_SCHEDULE.items()
LOOPING = (
    "chat.fail_abandoned",
    "chat.end_idle",
    "chat.sum_up",
    "chat.forget_keys",
    "chat.roll_up_usage",
    "webhooks.forget_old",
    "exports.remove_old",
    "chat.delete_expired",
)


@pytest.fixture(autouse=True)
def _tasks_are_found() -> None:
    app.loader.import_default_modules()


@contextmanager
def broken(tenant: Tenant) -> Iterator[None]:
    """Take all of the tenant's tables away by naming its schema otherwise."""
    _rename(tenant.schema_name, "broken_for_a_while")
    try:
        yield
    finally:
        _rename("broken_for_a_while", tenant.schema_name)


def _rename(schema: str, other: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER SCHEMA "{schema}" RENAME TO "{other}"')


@pytest.mark.parametrize(("name", "entry"), ENTRIES, ids=[name for name, _ in ENTRIES])
def test_every_scheduled_task_exists_and_leaves_a_record(name: str, entry: dict[str, Any]) -> None:
    assert getattr(app.tasks[entry["task"]], "is_periodic", False), "make it with chatcms.jobs.periodic.periodic_task"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("name", LOOPING)
def test_a_tenant_with_a_broken_schema_is_named_and_stops_nothing_for_the_others(
    name: str, acme: Tenant, globex: Tenant
) -> None:
    before = timezone.now()
    TenantSettings.objects.update_or_create(tenant=acme, defaults={"retention_days": 30})
    with broken(acme):
        app.tasks[name]()
    row = PeriodicTask.objects.get(pk=name)
    assert row.succeeded_at is not None
    assert row.succeeded_at >= before
    assert [failed["slug"] for failed in row.failed_tenants] == ["acme"]
    first = row.failed_tenants[0]["since"]
    with broken(acme):
        app.tasks[name]()
    row.refresh_from_db()
    assert [failed["since"] for failed in row.failed_tenants] == [first]
    app.tasks[name]()
    row.refresh_from_db()
    assert row.failed_tenants == []


@pytest.mark.django_db(transaction=True)
def test_the_condition_names_tenants_that_tasks_failed_for(acme: Tenant, globex: Tenant) -> None:
    heartbeat.beat()
    with broken(globex):
        app.tasks["chat.sum_up"]()
    (found,) = [each for each in condition.findings() if each.key == "rounds"]
    assert (found.level, "chat.sum_up for globex" in found.text) == (condition.Level.WRONG, True)
    app.tasks["chat.sum_up"]()
    (found,) = [each for each in condition.findings() if each.key == "rounds"]
    assert found.level == condition.Level.OK


@pytest.mark.django_db(transaction=True)
def test_a_command_serves_the_other_tenants_and_fails_by_name(acme: Tenant, globex: Tenant) -> None:
    with broken(acme), pytest.raises(CommandError, match="acme"):
        call_command("rotate_keys", stdout=StringIO())
    call_command("rotate_keys", stdout=StringIO())


def test_what_a_task_raises_is_recorded_and_not_counted_as_success(db: None) -> None:
    @periodic_task("tests.raising")
    def raising() -> None:
        raise RuntimeError("password sk-abcdefghij")

    with pytest.raises(RuntimeError):
        raising()
    row = PeriodicTask.objects.get(pk="tests.raising")
    assert (row.succeeded_at, row.error) == (None, "RuntimeError: password [redacted]")
    assert row.started_at is not None
    assert row.duration_ms is not None


@pytest.mark.django_db(transaction=True)
def test_while_the_database_is_away_a_task_says_so_once(caplog: pytest.LogCaptureFixture) -> None:
    is_away = True

    @periodic_task("tests.waiting")
    def waiting() -> None:
        if is_away:
            raise OperationalError("connection refused")

    for _ in range(3):
        waiting()
    assert [line.name for line in caplog.records if "tests.waiting waits" in line.message] == ["chatcms.jobs.periodic"]
    is_away = False
    waiting()
    assert PeriodicTask.objects.get(pk="tests.waiting").succeeded_at is not None


def test_a_failing_tenant_is_logged_once_and_once_more_when_it_works_again(
    acme: Tenant, globex: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    failing = {"acme"}

    def work(tenant: Tenant) -> None:
        if tenant.slug in failing:
            raise ValueError("broken")

    with caplog.at_level(logging.INFO, logger="tenants.each"):
        for _ in range(3):
            found = for_each_tenant(work, task="tests.round")
            assert [each.slug for each in found.failures] == ["acme"]
            assert "globex" in [tenant.slug for tenant in found.done]
        failing.clear()
        for_each_tenant(work, task="tests.round")
    messages = [line.message for line in caplog.records]
    assert messages == [
        "tests.round failed for tenant acme: ValueError: broken",
        "tests.round works again for tenant acme",
    ]


AGES = [
    ("chat.fail_abandoned", timedelta(seconds=30), False),
    ("chat.fail_abandoned", timedelta(minutes=4), True),
    ("chat.roll_up_usage", timedelta(minutes=5), False),
    ("chat.roll_up_usage", timedelta(hours=3), True),
    ("chat.delete_expired", timedelta(hours=2), False),
    ("chat.delete_expired", timedelta(days=3), True),
    ("datasets.sweep_orphan_files", timedelta(hours=20), False),
    ("datasets.sweep_orphan_files", timedelta(days=2), True),
]


@pytest.mark.parametrize(("name", "age", "late"), AGES)
def test_a_task_is_late_when_it_should_have_succeeded_by_now(db: None, name: str, age: timedelta, late: bool) -> None:
    then = timezone.now() - age
    PeriodicTask.objects.create(name=name, watched_since=then, succeeded_at=then)
    assert [task.name for task in periodic.late_tasks()] == ([name] if late else [])
    (found,) = [each for each in condition.findings() if each.key == "periodic"]
    assert (found.level == condition.Level.WRONG, name in found.text) == (late, late)


def test_a_restart_excuses_what_runs_each_minute_and_not_what_runs_each_day(db: None) -> None:
    then = timezone.now() - timedelta(days=3)
    names = ("chat.fail_abandoned", "datasets.sweep_orphan_files")
    for name in names:
        PeriodicTask.objects.create(name=name, watched_since=then, succeeded_at=then)
    assert {task.name for task in periodic.late_tasks()} == set(names)
    periodic.watch_from_now()
    assert {task.name for task in periodic.late_tasks()} == {"datasets.sweep_orphan_files"}
