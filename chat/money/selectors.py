"""Finds budgets, and what counts against the plan."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from chat.models import Budget
from chat.money.exceptions import NoSuchBudgetError
from tenants import quotas
from tenants.context import current_tenant_id
from tenants.types import Actor


def messages_this_month() -> int:
    """Return how many answers of this calendar month (UTC) count against the plan."""
    return int(quotas.used(current_tenant_id(), "monthly_messages")["monthly_messages"])


def budgets(*, by: Actor, bot_id: uuid.UUID | None = None, period: str = "") -> QuerySet[Budget]:
    """Return the budgets of the current tenant that fit; a key that is limited to some bots sees theirs only."""
    rows = Budget.objects.all()
    if by.bot_ids is not None:
        rows = rows.filter(bot__in=by.bot_ids)
    if bot_id is not None:
        rows = rows.filter(bot=bot_id)
    return rows.filter(period=period) if period else rows


def budget_by_id(budget_id: uuid.UUID, *, by: Actor) -> Budget:
    """Return one budget that `by` may see; raise `NoSuchBudgetError`."""
    budget = budgets(by=by).filter(pk=budget_id).first()
    if budget is None:
        raise NoSuchBudgetError
    return budget
