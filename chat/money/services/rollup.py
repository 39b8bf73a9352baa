"""Rolls a tenant's usage up into counters by day, bot and model, which the platform's staff read across tenants."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Max, Min, Q, QuerySet, Sum

from chat.models import Usage
from tenants.each import for_each_tenant
from tenants.models import Tenant, UsageDay

_KEY = ("day", "bot_id", "model")
_PARTS = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
_TOKENS = ("prompt_tokens", "completion_tokens", *_PARTS)
_COUNTERS = ("messages", *_TOKENS, "cost", "unpriced")


def roll_up_everywhere() -> int:
    """Roll every tenant's usage up; return for how many it could be done. One that fails holds up no other."""
    return len(for_each_tenant(lambda tenant: roll_up(tenant=tenant), task="chat.roll_up_usage").done)


def roll_up(*, tenant: Tenant) -> None:
    """Set the counters of the current `tenant` to what its usage says; safe to do twice, or at the same time.

    Counted again from the day before the last that has counters: that one may have been counted before it was over,
    and an answer that ended at midnight may have come late for the one before. So whatever was missed is caught up
    with, from the first answer on if there are none yet. Older days that lack a counter are counted again as well.
    """
    days = UsageDay.objects.filter(tenant=tenant)
    since = _first_open_day(days)
    if since is None:
        return
    lacking = days.filter(cache_read_tokens=None)
    oldest: date = lacking.aggregate(first=Min("day"))["first"] or since
    with transaction.atomic():
        rows = list(_counted(tenant, min(since, oldest)))
        UsageDay.objects.bulk_create(
            rows, batch_size=1000, update_conflicts=True, unique_fields=["tenant", *_KEY], update_fields=_COUNTERS
        )
        kept = {(row.day, row.bot_id, row.model) for row in rows}
        had = days.filter(day__gte=since).values_list("pk", *_KEY)
        days.filter(pk__in=[pk for pk, *key in had if tuple(key) not in kept]).delete()
        # Of what is left no usage is there any more.
        lacking.update(**dict.fromkeys(_PARTS, 0))


def _first_open_day(days: QuerySet[UsageDay]) -> date | None:
    last: date | None = days.aggregate(last=Max("day"))["last"]
    if last is not None:
        return last - timedelta(days=1)
    first: date | None = Usage.objects.aggregate(first=Min("day"))["first"]
    return first


def _counted(tenant: Tenant, since: date) -> Iterator[UsageDay]:
    sums: dict[str, Any] = {
        "sum_messages": Count("pk"),
        **{f"sum_{name}": Sum(name) for name in _TOKENS},
        "sum_cost": Sum("cost", default=0),
        "sum_unpriced": Count("pk", filter=Q(cost__isnull=True)),
    }
    for line in Usage.objects.filter(day__gte=since).order_by().values(*_KEY).annotate(**sums):
        counters = {name: line[f"sum_{name}"] for name in _COUNTERS}
        yield UsageDay(tenant=tenant, **{name: line[name] for name in _KEY}, **counters)
