"""What an answer used and what that costs, by the prices of the model that was asked."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from providers.messages import Usage as TokenUsage
from providers.types import ModelInfo

Currency = Literal["USD"]


@dataclass(frozen=True, slots=True)
class UsageKnown:
    """Tokens and cost of the answer; `cost` is None when the model's price is unknown.

    The tokens of the cache are a part of the prompt's, those of thoughts a part of the answer's.
    """

    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    cost: Decimal | None = None
    currency: Currency = "USD"
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


PER_MILLION = Decimal(1_000_000)


def priced(model: ModelInfo, tokens: TokenUsage) -> UsageKnown:
    """Return the usage with its cost by the model's prices; without a price the cost is unknown."""
    return UsageKnown(
        prompt_tokens=tokens.input_tokens,
        completion_tokens=tokens.output_tokens,
        estimated=tokens.estimated,
        cost=_cost(model, tokens),
        cache_read_tokens=tokens.cache_read_tokens,
        cache_write_tokens=tokens.cache_write_tokens,
        reasoning_tokens=tokens.reasoning_tokens,
    )


def _cost(model: ModelInfo, tokens: TokenUsage) -> Decimal | None:
    """Price each kind of token by itself; what the model has no price for costs what the whole is priced at."""
    if not tokens.input_tokens and not tokens.output_tokens:
        return Decimal(0)
    if model.input_price is None or model.output_price is None:
        return None
    cached = tokens.cache_read_tokens + tokens.cache_write_tokens
    spent = (
        (tokens.input_tokens - cached) * model.input_price
        + tokens.cache_read_tokens * _or(model.cache_read_price, model.input_price)
        + tokens.cache_write_tokens * _or(model.cache_write_price, model.input_price)
        + (tokens.output_tokens - tokens.reasoning_tokens) * model.output_price
        + tokens.reasoning_tokens * _or(model.reasoning_price, model.output_price)
    )
    return spent / PER_MILLION


def _or(price: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if price is None else price


def together(one: UsageKnown, other: UsageKnown) -> UsageKnown:
    """Return what both used; the cost of all is unknown when that of one is."""
    return UsageKnown(
        prompt_tokens=one.prompt_tokens + other.prompt_tokens,
        completion_tokens=one.completion_tokens + other.completion_tokens,
        estimated=one.estimated or other.estimated,
        cost=None if one.cost is None or other.cost is None else one.cost + other.cost,
        currency=one.currency,
        cache_read_tokens=one.cache_read_tokens + other.cache_read_tokens,
        cache_write_tokens=one.cache_write_tokens + other.cache_write_tokens,
        reasoning_tokens=one.reasoning_tokens + other.reasoning_tokens,
    )
