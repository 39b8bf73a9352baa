"""Sets, changes and takes away money budgets."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from bots.models import Bot
from chat.enums import BudgetPeriod
from chat.models import Budget
from chat.money.exceptions import BudgetTakenError, NoSuchBudgetError
from chat.money.services import ledger
from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError, PermissionDeniedError
from tenants import audit
from tenants.types import Actor

MAX_AMOUNT = Decimal("999999.9999")


class BudgetChanges(TypedDict, total=False):
    """What may be changed of a budget."""

    amount: Decimal


def create_budget(*, by: Actor, amount: Decimal, period: BudgetPeriod, bot_id: uuid.UUID | None = None) -> Budget:
    """Bound what the current tenant, or one bot of it, may spend in each day or month (UTC); in US dollars.

    A key that is limited to some bots bounds those only. Raises `BudgetTakenError` when there is one for that already,
    `PermissionDeniedError` and `InvalidInputError`.
    """
    if bot_id is None and by.bot_ids is not None:
        raise PermissionDeniedError("This key may use some bots only: name one of them as `bot_id`.")
    if bot_id is not None and not (by.may_use_bot(bot_id) and Bot.objects.filter(pk=bot_id).exists()):
        complaint = ErrorText("There is no such bot here.")
        raise InvalidInputError(complaint, errors=[{"pointer": "/bot_id", "detail": complaint, "code": "unknown"}])
    budget = Budget(bot_id=bot_id, period=period, amount=amount)
    try:
        with transaction.atomic():
            budget.save(force_insert=True)
            _recount(budget)
            audit.record("budget.create", by=by, target=budget, amount=str(amount), period=period)
    except IntegrityError as error:
        raise BudgetTakenError from error
    return budget


def update_budget(*, by: Actor, budget: Budget, **changes: Unpack[BudgetChanges]) -> Budget:
    """Change a budget; answers under way keep what was set aside for them. Raises `NoSuchBudgetError`."""
    with transaction.atomic():
        row = Budget.objects.select_for_update().filter(pk=budget.pk).first()
        if row is None:
            raise NoSuchBudgetError
        before = {"amount": row.amount}
        row.amount = changes.get("amount", row.amount)
        row.save()
        detail = audit.changes(before, {"amount": row.amount})
        audit.record("budget.update", by=by, target=row, amount=str(row.amount), changes=detail)
    return row


def delete_budget(*, by: Actor, budget: Budget) -> None:
    """Take a budget away."""
    with transaction.atomic():
        audit.record("budget.delete", by=by, target=budget)
        budget.delete()


def _recount(budget: Budget) -> None:
    """Begin with what was spent: the account may be there from a budget of before, and have missed some since."""
    limit = ledger.limit_of(budget, timezone.now().date())
    account = ledger.locked_accounts([limit])[limit.account]
    account.spent = ledger.spent_since(limit.starts, limit.bot_id)
    account.save(update_fields=["spent"])
