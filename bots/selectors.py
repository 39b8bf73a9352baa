"""Finds bots."""

from __future__ import annotations

import uuid

from bots.exceptions import NoSuchBotError
from bots.models import Bot, BotQuerySet
from providers.usages import Usage


def all_bots() -> BotQuerySet:
    """Return the bots of the tenant in force with their dataset ids, newest first."""
    return Bot.objects.with_dataset_ids()


def bots_usable() -> BotQuerySet:
    """Return those that may be talked to."""
    return all_bots().usable()


def bot_by_id(bot_id: uuid.UUID) -> Bot:
    """Return one bot of the tenant in force, talked to or not; raise `NoSuchBotError`."""
    bot = all_bots().filter(id=bot_id).first()
    if bot is None:
        raise NoSuchBotError
    return bot


def bot_by_ref(ref: str) -> Bot:
    """Return the bot of that id or slug that may be talked to, provider and dataset ids with it, by one query.

    Raises `NoSuchBotError`.
    """
    by_ref = {"id": bot_id} if (bot_id := uuid_of(ref)) else {"slug": ref.lower()}
    bot = bots_usable().select_related("tenant_ai_provider").filter(**by_ref).first()
    if bot is None:
        raise NoSuchBotError
    return bot


def uuid_of(text: str) -> uuid.UUID | None:
    """Return the id that a text spells, None when it spells none."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def bots_using(provider_id: uuid.UUID) -> list[Usage]:
    """Return the bots that name a provider."""
    bots = Bot.objects.filter(tenant_ai_provider_id=provider_id).order_by("name", "id")
    return [Usage("bot", bot.id, bot.name) for bot in bots.only("id", "name")]
