"""Holds bots to money budgets: what an answer may cost is set aside before a model is asked, and settled after."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction
from django.utils import timezone

from bots.models import Bot
from chat.engine import Permit
from chat.enums import BudgetPeriod
from chat.exceptions import (
    BudgetExceededError,
    BudgetTakenError,
    ModelPriceUnknownError,
    NoSuchBudgetError,
)
from chat.models import Budget
from chat.outcomes import Reservation
from chat.services import spending
from chat.services.spending import ZERO, Limit
from chat.types import Turn
from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError, PermissionDeniedError
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit
from tenants import audit
from tenants.context import in_tenant
from tenants.types import Actor

# How long an answer is reckoned to become at the most when its bot does not say; it is held to that.
MOST_ANSWER_TOKENS = 4096
# An answer for which there is not even money for so many tokens is not begun.
FEWEST_ANSWER_TOKENS = 16
MAX_AMOUNT = Decimal("999999.9999")
_PER_MILLION = Decimal(1_000_000)
_CENTS = Decimal("0.00000001")


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a token of the prompt and of the answer, at the most: as one that is cached, or a thought."""

    prompt: Decimal
    answer: Decimal


# --- for a turn ----------------------------------------------------------------------------------------------


def permit_for(turn: Turn, note: Callable[[Reservation], None]) -> Permit | None:
    """Return how a turn gets its money before it asks a model; None when nothing bounds what it may spend.

    `note` is told what was set aside, to be settled with the end of the turn.
    """
    if not turn.rules.has_budget:
        return None

    async def permit(prompt_tokens: int) -> int | None:
        granted = await in_tenant(turn.tenant, reserve, turn, prompt_tokens)
        if granted is None:
            return turn.ask.bot.max_tokens
        reservation, answer_tokens = granted
        note(reservation)
        return answer_tokens

    return permit


def reserve(turn: Turn, prompt_tokens: int) -> tuple[Reservation, int] | None:
    """Set aside what an answer may cost at the most; return that and how many tokens it may have.

    None when nothing bounds it any more. When less is left than an answer of full length may cost, the answer is held
    to what is left. Raises `BudgetExceededError` when that is next to nothing, and `ModelPriceUnknownError`.
    """
    exceeded: Limit | None = None
    with transaction.atomic():
        limits = spending.limits_of(tenant_id=turn.tenant.id, bot_id=turn.ask.bot.id)
        if not limits:
            return None
        prices = _highest_prices(turn)
        accounts = spending.locked_accounts(limits)
        left, tightest = min(
            ((limit.amount - accounts[limit.account].spent - accounts[limit.account].reserved, limit)
             for limit in limits),
            key=lambda pair: pair[0],
        )  # fmt: skip
        wanted = turn.ask.bot.max_tokens or MOST_ANSWER_TOKENS
        answer_tokens = _affordable(left - prompt_tokens * prices.prompt, prices.answer, wanted)
        if answer_tokens >= min(FEWEST_ANSWER_TOKENS, wanted):
            amount = prompt_tokens * prices.prompt + answer_tokens * prices.answer
            rows = [accounts[account] for account in {limit.account for limit in limits}]
            return spending.set_aside(rows, amount, message_id=turn.message_id), answer_tokens
        exceeded = tightest
    _tell(exceeded)
    wait = math.ceil((exceeded.resets_at - timezone.now()).total_seconds())
    raise BudgetExceededError(
        period=exceeded.period, resets_at=exceeded.resets_at.isoformat(), retry_after=max(1, wait)
    )


def _affordable(money: Decimal, price: Decimal, wanted: int) -> int:
    if money < ZERO:
        return 0
    return wanted if price == ZERO else min(wanted, int((money / price).to_integral_value(ROUND_DOWN)))


def _highest_prices(turn: Turn) -> Prices:
    models = [turn.ask.model, *(route.model for route in turn.fallbacks)]
    prompt, answer = ZERO, ZERO
    for model in models:
        if model.input_price is None or model.output_price is None:
            raise ModelPriceUnknownError(
                ErrorText("What “%(model_id)s” costs is not known, so no budget can be kept.", model_id=model.id)
            )
        prompt = max(prompt, model.input_price, model.cache_write_price or ZERO)
        answer = max(answer, model.output_price, model.reasoning_price or ZERO)
    return Prices(prompt / _PER_MILLION, answer / _PER_MILLION)


def _tell(limit: Limit) -> None:
    payload = {
        "quota": "budget" if limit.budget_id else "plan",
        "budget_id": limit.budget_id,
        "bot_id": limit.bot_id,
        "period": limit.period,
        "amount": limit.amount,
        "resets_at": limit.resets_at.isoformat(),
    }
    emit(
        type=EventType.QUOTA_REACHED,
        payload=payload,
        dedupe_key=f"budget:{limit.budget_id}:{limit.starts}:{limit.amount}",
    )


# --- for people ----------------------------------------------------------------------------------------------


class BudgetChanges(TypedDict, total=False):
    """What may be changed of a budget."""

    amount: Decimal


def create_budget(*, by: Actor, amount: Decimal, period: BudgetPeriod, bot_id: uuid.UUID | None = None) -> Budget:
    """Bound what the tenant in force, or one bot of it, may spend in each day or month (UTC); in US dollars.

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
    limit = spending.limit_of(budget, timezone.now().date())
    account = spending.locked_accounts([limit])[limit.account]
    account.spent = spending.spent_since(limit.starts, limit.bot_id)
    account.save(update_fields=["spent"])
