"""Keeps the sums by day from which figures are read: a copy of `usage` that is brought up to date now and then.

Safe to run twice, at once or after a crash: whole days are thrown away and made again in one transaction with the note
of how far the sums reach. What is not in them yet, readers add up themselves.
"""

from __future__ import annotations

import uuid
import zoneinfo
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Min, Q
from django.utils import timezone

from chat.analytics.period import month_after, start_of_day, time_zone_of
from chat.analytics.sums import KEEP, KEEP_DOCUMENTS, STATE
from chat.enums import Span
from chat.models import AnalyticsDay, AnalyticsDocument, AnalyticsState, Usage

# The last minutes are left out: no transaction takes so long, so what lies before is all there. What comes later still,
# the usage of an answer that took longer or had to wait for the database, has its day made again (`changed_at`).
LAG = timedelta(minutes=10)
DAYS_AT_ONCE = 31
_DAY = timedelta(days=1)
_CHANGED_DAYS = """
SELECT DISTINCT (asked_at AT TIME ZONE %(time_zone)s)::date FROM usage
WHERE changed_at >= %(seen)s AND asked_at < %(through)s
"""


def sum_up(*, tenant_id: uuid.UUID) -> int:
    """Bring the sums of the current tenant up to date; return how many days were made again.

    All of them when the tenant has changed its time zone. A month at most in one transaction.
    """
    time_zone = time_zone_of(tenant_id)
    until = timezone.now() - LAG
    made = 0
    while True:
        with transaction.atomic():
            state = _locked_state(time_zone, until)
            before = state.through
            made += _sum_some(state, until)
        if state.through in {before, until}:
            return made


def _locked_state(time_zone: str, until: datetime) -> AnalyticsState:
    """Return how far the sums reach; from the beginning, without any, when there are none by the days of this zone."""
    fresh = {"time_zone": time_zone, "through": until, "changes_seen": until}
    AnalyticsState.objects.get_or_create(name=STATE, defaults={**fresh, "time_zone": ""})
    state = AnalyticsState.objects.select_for_update().get(name=STATE)
    if state.time_zone != time_zone:
        AnalyticsDay.objects.all().delete()
        AnalyticsDocument.objects.all().delete()
        first = Usage.objects.aggregate(first=Min("asked_at"))["first"] or until
        state.time_zone, state.through = time_zone, _start_of_its_day(min(first, until), time_zone)
        state.save()
    return state


def _sum_some(state: AnalyticsState, until: datetime) -> int:
    days = set(_changed_days(state))
    oldest = Usage.objects.filter(asked_at__gte=state.through, asked_at__lt=until).aggregate(first=Min("asked_at"))
    through = state.through
    if oldest["first"] is not None:
        first = _day_of(oldest["first"], state.time_zone)
        through = min(until, start_of_day(first + DAYS_AT_ONCE * _DAY, state.time_zone))
        last = _day_of(through - timedelta(microseconds=1), state.time_zone)
        days |= {first + number * _DAY for number in range((last - first).days + 1)}
    if days:
        for begins, ends in _runs(days):
            _make_anew(state.time_zone, begins, ends, through)
        state.through, state.changes_seen = through, until
        state.save()
    return len(days)


def _changed_days(state: AnalyticsState) -> list[date]:
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"time_zone": state.time_zone, "seen": state.changes_seen, "through": state.through}
        cursor.execute(_CHANGED_DAYS, values)
        return [row[0] for row in cursor.fetchall()]


def _make_anew(time_zone: str, first: date, last: date, through: datetime) -> None:
    first_month, after = first.replace(day=1), month_after(last)
    of_months = Q(span=Span.MONTH, day__gte=first_month, day__lt=after)
    AnalyticsDocument.objects.filter(Q(span=Span.DAY, day__range=(first, last)) | of_months).delete()
    AnalyticsDay.objects.filter(day__range=(first, last)).delete()
    values: dict[str, Any] = {
        "time_zone": time_zone,
        "since": start_of_day(first, time_zone),
        "until": min(start_of_day(last + _DAY, time_zone), through),
        "first_month": first_month,
        "month_after": after,
    }
    with connection.cursor() as cursor:
        for statement in (*KEEP, *KEEP_DOCUMENTS):
            cursor.execute(statement, values)


def _runs(days: Iterable[date]) -> list[tuple[date, date]]:
    """Put days that follow each other together: the first and the last of each run."""
    runs: list[tuple[date, date]] = []
    for day in sorted(days):
        if runs and day - runs[-1][1] == _DAY:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _day_of(moment: datetime, time_zone: str) -> date:
    return moment.astimezone(zoneinfo.ZoneInfo(time_zone)).date()


def _start_of_its_day(moment: datetime, time_zone: str) -> datetime:
    return start_of_day(_day_of(moment, time_zone), time_zone)
