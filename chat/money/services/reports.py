"""Says what a tenant has used, and how much of its plan is left."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from bots.models import Bot
from chat.enums import BudgetPeriod
from chat.models import Usage
from chat.money.services import ledger
from tenants import quotas
from tenants.exceptions import PeriodError
from tenants.models import Tenant
from tenants.selectors import plan_in_force
from tenants.types import Actor

COUNTERS = (
    *("messages", "prompt_tokens", "completion_tokens", "cost", "unpriced"),
    *("cache_read_tokens", "cache_write_tokens", "reasoning_tokens"),
)
USUAL_DAYS = 30
MOST_DAYS = 366

_SUMS: dict[str, Any] = {
    "sum_messages": Count("pk"),
    "sum_prompt_tokens": Sum("prompt_tokens", default=0),
    "sum_completion_tokens": Sum("completion_tokens", default=0),
    "sum_cost": Sum("cost", default=0),
    "sum_unpriced": Count("pk", filter=Q(cost__isnull=True)),
    "sum_cache_read_tokens": Sum("cache_read_tokens", default=0),
    "sum_cache_write_tokens": Sum("cache_write_tokens", default=0),
    "sum_reasoning_tokens": Sum("reasoning_tokens", default=0),
}


def usage(
    *,
    by: Actor,
    since: date | None = None,
    until: date | None = None,
    bot_id: uuid.UUID | None = None,
    model: str = "",
    group_by: Literal["day", "bot", "model"] = "day",
) -> dict[str, Any]:
    """Return `since`, `until`, `group_by`, `results` (each with `COUNTERS` and its day, bot or model) and `total`.

    Of the current tenant; days are UTC, both included; costs are US dollars. What was used stays when conversations
    and bots are deleted; a key that is limited to some bots sees theirs only. Three queries at most. Raises
    `PeriodError`.
    """
    until = until or timezone.now().date()
    since = since or until - timedelta(days=USUAL_DAYS - 1)
    if not timedelta(0) <= until - since < timedelta(days=MOST_DAYS):
        raise PeriodError
    rows = Usage.objects.filter(day__gte=since, day__lte=until)
    if by.bot_ids is not None:
        rows = rows.filter(bot_id__in=by.bot_ids)
    if bot_id is not None:
        rows = rows.filter(bot_id=bot_id)
    if model:
        rows = rows.filter(model=model)
    # Not named like a column: an annotation of that name would stand in for it in the sums.
    key = {"day": "day", "bot": "bot_id", "model": "model"}[group_by]
    order = "key" if group_by == "day" else "-sum_messages"
    lines: Any = rows.order_by().annotate(key=F(key)).values("key").annotate(**_SUMS).order_by(order, "key")
    return {
        "since": since,
        "until": until,
        "group_by": group_by,
        "results": _named(group_by, list(lines)),
        "total": _counters(rows.aggregate(**_SUMS)),
    }


def quota(*, tenant: Tenant) -> dict[str, Any]:
    """Return the `plan`, when its month ends, and the `Quota` of each thing that plans bound, of the current tenant.

    The same figures refuse, and stand on the dashboard and in the platform's admin: see `tenants.quotas`.
    """
    plan = plan_in_force(tenant.id)
    month = ledger.start_of(BudgetPeriod.MONTH, timezone.now().date())
    resets_at = datetime.combine(ledger.next_start(BudgetPeriod.MONTH, month), time(), UTC)
    shares: dict[str, quotas.Quota] = {
        quota.name: quota for quota in quotas.quotas_of(tenant.id, plan, *quotas.FIGURES)
    }
    return {"plan": plan, "resets_at": resets_at, **shares}


def _named(group_by: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if group_by != "bot":
        return [{group_by: line["key"], **_counters(line)} for line in lines]
    bots = Bot.objects.in_bulk([line["key"] for line in lines])
    return [{"bot": {"id": line["key"], "name": _name(bots.get(line["key"]))}, **_counters(line)} for line in lines]


def _name(bot: Bot | None) -> str | None:
    return bot.name if bot is not None else None


def _counters(sums: dict[str, Any]) -> dict[str, Any]:
    return {name: sums[f"sum_{name}"] for name in COUNTERS}
