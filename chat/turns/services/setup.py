"""Puts together what the engine needs to know of a bot."""

from __future__ import annotations

from bots.models import Bot
from chat.turns.asks import BotSetup, Overrides
from chat.turns.services.fence import fence_of


def setup_of(bot: Bot, model: str, overrides: Overrides) -> BotSetup:
    """Return the bot's settings for one call: `overrides` go before its own, `model` is the one to ask."""
    return BotSetup(
        id=bot.pk,
        name=bot.name,
        model=model,
        system_prompt=bot.system_prompt,
        temperature=bot.temperature if overrides.temperature is None else overrides.temperature,
        max_tokens=_smaller(bot.max_tokens, overrides.max_tokens),
        passages=bot.passages,
        no_evidence=bot.no_evidence,
        no_evidence_message=bot.no_evidence_message,
        fence=fence_of(bot.pk),
    )


def _smaller(own: int | None, asked: int | None) -> int | None:
    """The bot's limit is the tenant's purse: a caller may only lower it."""
    limits = [limit for limit in (own, asked) if limit]
    return min(limits) if limits else None
