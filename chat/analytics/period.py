"""Days of a tenant's time zone: the ones that are asked for, and as many before them to compare with."""

from __future__ import annotations

import uuid
import zoneinfo
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from chat.analytics.exceptions import AnalyticsPeriodError
from tenants.models import TenantSettings

USUAL_DAYS = 30
MOST_DAYS = 400
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """Some days in a row, `since` and `until` included."""

    since: date
    until: date
    time_zone: str

    @property
    def days(self) -> int:
        """How many there are."""
        return (self.until - self.since).days + 1

    @property
    def before(self) -> Period:
        """As many days just before."""
        return Period(self.since - timedelta(days=self.days), self.since - _DAY, self.time_zone)

    @property
    def begins(self) -> datetime:
        """The first moment."""
        return start_of_day(self.since, self.time_zone)

    @property
    def ends(self) -> datetime:
        """The first moment after."""
        return start_of_day(self.until + _DAY, self.time_zone)

    @property
    def months(self) -> tuple[date, date]:
        """The first day of the first month that is wholly in it, and the first day after the last one."""
        first = self.since if self.since.day == 1 else month_after(self.since)
        after = (self.until + _DAY).replace(day=1)
        return first, max(first, after)

    def every_day(self) -> list[date]:
        """The days in order."""
        return [self.since + timedelta(days=number) for number in range(self.days)]


def start_of_day(day: date, time_zone: str) -> datetime:
    """Return the first moment of a day; where clocks are put forward at midnight, the day begins at one."""
    return datetime.combine(day, time(), zoneinfo.ZoneInfo(time_zone))


def month_after(day: date) -> date:
    """Return the first day of the month after that of a day."""
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def period_of(
    *, tenant_id: uuid.UUID, since: date | None = None, until: date | None = None, days: int = USUAL_DAYS
) -> Period:
    """Return the days from `since` to `until`; as usual the last `days` up to today. One query, for the time zone.

    Raises `AnalyticsPeriodError` when they are none or more than `MOST_DAYS`.
    """
    time_zone = time_zone_of(tenant_id)
    until = until or timezone.now().astimezone(zoneinfo.ZoneInfo(time_zone)).date()
    since = since or until - timedelta(days=days - 1)
    # Both ends have a day beyond them, which no date may lie outside of.
    if not timedelta(0) <= until - since < timedelta(days=MOST_DAYS) or since.year < 2000 or until.year > 2999:
        raise AnalyticsPeriodError
    return Period(since, until, time_zone)


def time_zone_of(tenant_id: uuid.UUID) -> str:
    """Return the name of a tenant's time zone."""
    named = TenantSettings.objects.filter(tenant_id=tenant_id).values_list("time_zone", flat=True).first()
    return named or "UTC"
