"""Sums up usage across tenants, from the counters that are rolled up of each."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any, Literal

from django.db.models import F, Sum
from django.utils import timezone

from tenants.exceptions import PeriodError
from tenants.models import Tenant, UsageDay
from tenants.selectors import tenant_for_staff

COUNTERS = (
    *("messages", "prompt_tokens", "completion_tokens", "cost", "unpriced"),
    *("cache_read_tokens", "cache_write_tokens", "reasoning_tokens"),
)
USUAL_DAYS = 30
MOST_DAYS = 366
MOST_LINES = 1000

_SUMS = {name: Sum(name, default=0) for name in COUNTERS}


def usage(
    *,
    since: date | None = None,
    until: date | None = None,
    tenant_id: uuid.UUID | None = None,
    group_by: Literal["tenant", "day", "model"] = "tenant",
) -> dict[str, Any]:
    """Return `since`, `until`, `group_by`, `results` (each with `COUNTERS` and its tenant, day or model) and `total`.

    Days are UTC, both included; costs are US dollars. Three queries at most. Raises `PeriodError` and
    `NoSuchTenantError`.
    """
    until = until or timezone.now().date()
    since = since or until - timedelta(days=USUAL_DAYS - 1)
    if not timedelta(0) <= until - since < timedelta(days=MOST_DAYS):
        raise PeriodError
    days = UsageDay.objects.filter(day__gte=since, day__lte=until)
    if tenant_id is not None:
        days = days.filter(tenant=tenant_for_staff(tenant_id))
    # Not named like a counter or column: an annotation of that name would stand in for it in the sums.
    key = {"tenant": "tenant_id", "day": "day", "model": "model"}[group_by]
    order = "key" if group_by == "day" else "-sum_messages"
    sums = {f"sum_{name}": total for name, total in _SUMS.items()}
    lines: Any = days.order_by().annotate(key=F(key)).values("key").annotate(**sums).order_by(order, "key")[:MOST_LINES]
    return {
        "since": since,
        "until": until,
        "group_by": group_by,
        "results": _named(group_by, list(lines)),
        "total": _unprefixed(days.aggregate(**sums)),
    }


def _named(group_by: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names: dict[Any, Any] = {}
    if group_by == "tenant":
        names = Tenant.objects.in_bulk([line["key"] for line in lines])
    return [{group_by: names.get(line["key"], line["key"]), **_unprefixed(line)} for line in lines]


def _unprefixed(sums: dict[str, Any]) -> dict[str, Any]:
    return {name: sums[f"sum_{name}"] for name in COUNTERS}
