"""Sets aside what an answer may cost before a model is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from django.db import transaction
from django.utils import timezone

from chat.money.exceptions import BudgetExceededError, ModelPriceUnknownError
from chat.money.pricing import PER_MILLION
from chat.money.services import ledger
from chat.money.services.ledger import ZERO, Reservation, SpendingLimit
from chat.turns.turn import Turn
from chatcms.core.errortext import ErrorText
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit

# How long an answer is reckoned to become at the most when its bot does not say; it is held to that.
MOST_ANSWER_TOKENS = 4096
# An answer for which there is not even money for so many tokens is not begun.
FEWEST_ANSWER_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a token of the prompt and of the answer, at the most: as one that is cached, or a thought."""

    prompt: Decimal
    answer: Decimal


def reserve(turn: Turn, prompt_tokens: int) -> tuple[Reservation, int] | None:
    """Set aside what an answer may cost at the most; return that and how many tokens it may have.

    None when nothing bounds it any more. When less is left than an answer of full length may cost, the answer is held
    to what is left. Raises `BudgetExceededError` when that is next to nothing, and `ModelPriceUnknownError`.
    """
    exceeded: SpendingLimit | None = None
    with transaction.atomic():
        limits = ledger.limits_of(tenant_id=turn.tenant.id, bot_id=turn.ask.bot.id)
        if not limits:
            return None
        prices = _highest_prices(turn)
        accounts = ledger.locked_accounts(limits)
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
            return ledger.set_aside(rows, amount, message_id=turn.message_id), answer_tokens
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
    models = [route.model for route in turn.routes]
    prompt, answer = ZERO, ZERO
    for model in models:
        if model.input_price is None or model.output_price is None:
            raise ModelPriceUnknownError(
                ErrorText("What “%(model_id)s” costs is not known, so no budget can be kept.", model_id=model.id)
            )
        prompt = max(prompt, model.input_price, model.cache_write_price or ZERO)
        answer = max(answer, model.output_price, model.reasoning_price or ZERO)
    return Prices(prompt / PER_MILLION, answer / PER_MILLION)


def _tell(limit: SpendingLimit) -> None:
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
