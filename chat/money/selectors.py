"""Finds budgets, and what counts against the plan."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.utils import timezone

from chat.enums import MessageStatus
from chat.models import Budget, Message, Usage
from chat.money.exceptions import NoSuchBudgetError
from tenants.types import Actor


def messages_this_month() -> int:
    """Return how many answers of this calendar month (UTC) count against the plan: settled or under way."""
    first = timezone.now().date().replace(day=1)
    settled = Usage.objects.filter(day__gte=first).count()
    return settled + Message.objects.filter(status=MessageStatus.STREAMING).count()


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
