"""The one way to make a periodic task, and the record in PostgreSQL of how each went the last time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from celery import shared_task
from celery.schedules import maybe_schedule
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from chatcms.core.db.outages import is_database_away
from chatcms.core.logs import redact
from chatcms.jobs import heartbeat
from chatcms.jobs.models import PeriodicTask
from tenants.each import Failure, collected_failures

logger = logging.getLogger(__name__)

# A task counts as late when it is overdue by this, or by a tenth of its interval if that is longer.
GRACE = timedelta(seconds=60)
# A restart excuses tasks that run often; one that runs once a day is not to be put off by a restart a day.
EXCUSED_BY_A_RESTART = timedelta(hours=1)
_A_MOMENT = timedelta(seconds=1)

_away: set[str] = set()


def periodic_task(name: str) -> Callable[[Callable[[], object]], Any]:
    """Make a Celery task of a function that the scheduler asks for; each run leaves a record in `PeriodicTask`.

    While the database is away the task does nothing, and the log says so once.
    """

    def made(work: Callable[[], object]) -> Any:
        @wraps(work)
        def run() -> None:
            # Whatever comes of it, a worker has taken the task up.
            heartbeat.beat()
            with postponed_while_away(name):
                _run(name, work)

        task: Any = shared_task(name=name)(run)
        task.is_periodic = True
        return task

    return made


@contextmanager
def postponed_while_away(name: str) -> Iterator[None]:
    """Give up quietly when the database goes away: the task is asked for again, and the log says so once."""
    try:
        yield
    except DatabaseError as error:
        if not is_database_away(error):
            raise
        _tell_away(name, error)
    else:
        _away.discard(name)


def watch_from_now() -> None:
    """Note that a scheduler has begun: what should have run before is late only from now on."""
    now = timezone.now()
    rows = [PeriodicTask(name=name, watched_since=now) for name in schedule()]
    try:
        PeriodicTask.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["name"], update_fields=["watched_since"]
        )
    except DatabaseError as error:
        logger.warning("The start of the scheduler could not be noted: %s", type(error).__name__)
    finally:
        if not connection.in_atomic_block:
            connection.close()


def schedule() -> dict[str, Any]:
    """Return the schedules of the periodic tasks by the tasks' names."""
    entries: dict[str, dict[str, Any]] = settings.CELERY_BEAT_SCHEDULE
    return {entry["task"]: maybe_schedule(entry["schedule"]) for entry in entries.values()}


@dataclass(frozen=True, slots=True)
class Late:
    """A task that should have succeeded by now, and when it last did."""

    name: str
    succeeded_at: datetime | None
    error: str


def late_tasks() -> list[Late]:
    """Return the tasks that are overdue; one that no scheduler was ever started for is not."""
    schedules = schedule()
    rows = PeriodicTask.objects.filter(name__in=schedules)
    return [Late(row.name, row.succeeded_at, row.error) for row in rows if _is_late(row, schedules[row.name])]


def failed_tenants() -> dict[str, list[str]]:
    """Return the slugs of the tenants that tasks failed for in their last round, by the tasks' names."""
    rows = PeriodicTask.objects.filter(name__in=schedule()).exclude(failed_tenants=[])
    return {row.name: [failed["slug"] for failed in row.failed_tenants] for row in rows}


def _run(name: str, work: Callable[[], object]) -> None:
    row, _ = PeriodicTask.objects.get_or_create(name=name)
    started, clock = timezone.now(), time.perf_counter()
    PeriodicTask.objects.filter(pk=name).update(started_at=started)
    values: dict[str, Any] = {"error": "", "succeeded_at": started}
    with collected_failures() as failures:
        try:
            work()
        except Exception as error:
            values = {"error": redact(f"{type(error).__name__}: {error}")[:500]}
            raise
        finally:
            values["duration_ms"] = round((time.perf_counter() - clock) * 1000)
            values["failed_tenants"] = [_noted(failure, row.failed_tenants) for failure in failures]
            _note(name, values)


def _note(name: str, values: dict[str, Any]) -> None:
    if connection.in_atomic_block:
        with transaction.atomic():
            PeriodicTask.objects.filter(pk=name).update(**values)
        return
    connection.close_if_unusable_or_obsolete()
    PeriodicTask.objects.filter(pk=name).update(**values)


def _noted(failure: Failure, before: list[dict[str, str]]) -> dict[str, str]:
    earlier = next((each for each in before if each["tenant_id"] == str(failure.tenant_id)), None)
    since = earlier["since"] if earlier else timezone.now().isoformat(timespec="seconds")
    return {name: str(value) for name, value in asdict(failure).items()} | {"since": since}


def _is_late(row: PeriodicTask, due: Any) -> bool:
    interval = _interval(due)
    last = row.succeeded_at or row.watched_since
    if interval <= EXCUSED_BY_A_RESTART:
        last = max(last, row.watched_since)
    return bool(-due.remaining_estimate(last) > max(GRACE, interval / 10))


def _interval(due: Any) -> timedelta:
    """Return the time between the next run and the one after it."""
    now = timezone.now()
    until_next: timedelta = due.remaining_estimate(now)
    until_the_one_after: timedelta = due.remaining_estimate(now + until_next + _A_MOMENT)
    return until_the_one_after - until_next


def _tell_away(name: str, error: DatabaseError) -> None:
    if name not in _away:
        _away.add(name)
        logger.warning("%s waits until the database is back: %s", name, type(error).__name__)
