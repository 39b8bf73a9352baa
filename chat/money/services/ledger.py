"""Keeps the accounts that money budgets are held to: what was spent, and what is set aside for answers under way."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q, Sum
from django.db.models.functions import Greatest
from django.utils import timezone

from chat.enums import BudgetPeriod
from chat.models import Budget, Message, Spending, Usage
from tenants.selectors import plan_in_force

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reservation:
    """Money set aside for an answer (US dollars), from which rows of `spending`."""

    amount: Decimal
    spending_ids: tuple[uuid.UUID, ...]


@dataclass(frozen=True, slots=True)
class SpendingLimit:
    """How much may be spent from `starts` on; `budget_id` is None for what the plan allows the tenant."""

    budget_id: uuid.UUID | None
    bot_id: uuid.UUID | None
    period: BudgetPeriod
    amount: Decimal
    starts: date

    @property
    def resets_at(self) -> datetime:
        """When the next period begins (UTC)."""
        return datetime.combine(next_start(self.period, self.starts), time(), UTC)

    @property
    def account(self) -> tuple[uuid.UUID | None, str, date]:
        """Which row of `spending` it is held to."""
        return self.bot_id, self.period, self.starts


@dataclass(frozen=True, slots=True)
class BudgetAccount:
    """How a budget stands in its present period."""

    limit: SpendingLimit
    spent: Decimal
    reserved: Decimal


def accounts_of(budgets: Sequence[Budget]) -> dict[uuid.UUID, BudgetAccount]:
    """Return how budgets of the current tenant stand, by their ids: by two queries at the most."""
    today = timezone.now().date()
    limits = {budget.pk: limit_of(budget, today) for budget in budgets}
    rows = Spending.objects.filter(starts__in={limit.starts for limit in limits.values()})
    known = {(row.bot_id, row.period, row.starts): (row.spent, row.reserved) for row in rows}
    missing = [limit for limit in limits.values() if limit.account not in known]
    known |= {account: (spent, ZERO) for account, spent in _spent(missing).items()}
    return {pk: BudgetAccount(limit, *known[limit.account]) for pk, limit in limits.items()}


def _spent(limits: Sequence[SpendingLimit]) -> dict[tuple[uuid.UUID | None, str, date], Decimal]:
    """Return what usage says of accounts that have not been opened in their period."""
    if not limits:
        return {}
    used = Usage.objects.filter(day__gte=min(limit.starts for limit in limits), cost__isnull=False)
    days = list(used.order_by().values_list("bot_id", "day").annotate(total=Sum("cost")))
    return {
        limit.account: sum(
            (total for bot, day, total in days if day >= limit.starts and limit.bot_id in {None, bot}), ZERO
        )
        for limit in limits
    }


def start_of(period: BudgetPeriod, day: date) -> date:
    """Return the first day of the period that a day is in."""
    return day if period == BudgetPeriod.DAY else day.replace(day=1)


def next_start(period: BudgetPeriod, starts: date) -> date:
    """Return the first day of the period after the one that begins with `starts`."""
    return starts + timedelta(days=1) if period == BudgetPeriod.DAY else (starts + timedelta(days=32)).replace(day=1)


def next_month() -> datetime:
    """Return when monthly counters reset (UTC)."""
    return datetime.combine(next_start(BudgetPeriod.MONTH, timezone.now().date().replace(day=1)), time(), UTC)


def limits_of(*, tenant_id: uuid.UUID, bot_id: uuid.UUID) -> list[SpendingLimit]:
    """Return all that bounds what a bot of the current tenant may spend now: its budgets, the tenant's, the plan's."""
    today = timezone.now().date()
    budgets = Budget.objects.filter(Q(bot_id=None) | Q(bot_id=bot_id))
    limits = [limit_of(budget, today) for budget in budgets]
    plan = plan_in_force(tenant_id)
    if plan is not None and plan.max_monthly_cost is not None:
        month = BudgetPeriod.MONTH
        limits.append(SpendingLimit(None, None, month, plan.max_monthly_cost, start_of(month, today)))
    return limits


def limit_of(budget: Budget, today: date) -> SpendingLimit:
    """Return what a budget allows in the period that `today` is in."""
    period = BudgetPeriod(budget.period)
    return SpendingLimit(budget.pk, budget.bot_id, period, budget.amount, start_of(period, today))


def locked_accounts(limits: Sequence[SpendingLimit]) -> dict[tuple[uuid.UUID | None, str, date], Spending]:
    """Return the accounts that limits are held to, locked until the transaction ends; missing ones are opened.

    A new account begins with what `usage` says was spent in its period so far.
    """
    wanted = {limit.account for limit in limits}
    known = _locked(wanted)
    if missing := wanted - known.keys():
        rows = [Spending(bot_id=bot, period=period, starts=starts, spent=spent_since(starts, bot))
                for bot, period, starts in missing]  # fmt: skip
        Spending.objects.bulk_create(rows, ignore_conflicts=True)
        known = _locked(wanted)
    return known


def spent_since(starts: date, bot_id: uuid.UUID | None) -> Decimal:
    """Return what answers cost since the beginning of a day, by their usage; those of unknown price count nothing."""
    used = Usage.objects.filter(day__gte=starts)
    if bot_id is not None:
        used = used.filter(bot_id=bot_id)
    total: Decimal | None = used.aggregate(total=Sum("cost"))["total"]
    return total or ZERO


def set_aside(accounts: Sequence[Spending], amount: Decimal, *, message_id: uuid.UUID) -> Reservation:
    """Set money aside from accounts that are locked, and note it with the answer that it is for."""
    ids = tuple(account.pk for account in accounts)
    Spending.objects.filter(pk__in=ids).update(reserved=F("reserved") + amount)
    message = Message.objects.filter(pk=message_id).first()
    if message is not None:
        message.reserved = amount
        message.setting = {**message.setting, "spending": [str(pk) for pk in ids]}
        message.save(update_fields=["reserved", "setting"])
    return Reservation(amount, ids)


def settle(reservation: Reservation, cost: Decimal | None) -> None:
    """Put what an answer cost in the place of what was set aside for it; all of that when the cost is not known."""
    spent = reservation.amount if cost is None else cost
    left = Greatest(F("reserved") - reservation.amount, ZERO)
    # In one order for all, so that two answers cannot wait for each other.
    with transaction.atomic():
        ids = list(
            Spending.objects.filter(pk__in=reservation.spending_ids)
            .order_by("id")
            .select_for_update()
            .values_list("pk", flat=True)
        )
        Spending.objects.filter(pk__in=ids).update(reserved=left, spent=F("spent") + spent)


def reservation_of(message: Message) -> Reservation | None:
    """Return what is set aside for an answer, None when nothing is."""
    if message.reserved is None:
        return None
    ids: list[Any] = message.setting.get("spending", [])
    return Reservation(message.reserved, tuple(uuid.UUID(one) for one in ids))


def _locked(wanted: set[tuple[uuid.UUID | None, str, date]]) -> dict[tuple[uuid.UUID | None, str, date], Spending]:
    starts = {account[2] for account in wanted}
    rows = Spending.objects.filter(starts__in=starts).order_by("id").select_for_update()
    known = {(row.bot_id, row.period, row.starts): row for row in rows.filter(_any_bot(wanted))}
    return {account: row for account, row in known.items() if account in wanted}


def _any_bot(wanted: set[tuple[uuid.UUID | None, str, date]]) -> Q:
    bots = {bot for bot, _, _ in wanted if bot is not None}
    return Q(bot_id=None) | Q(bot_id__in=bots)
