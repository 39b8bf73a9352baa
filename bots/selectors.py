"""Finds bots."""

from __future__ import annotations

import uuid

from bots.exceptions import NoSuchBotError
from bots.models import DEFAULT_MODEL, Bot, BotQuerySet
from bots.slugs import is_slug, uuid_of
from chatcms.core.compiled import CompiledQuery
from providers.connect import Access
from providers.usages import Usage
from tenants.types import SYSTEM, Actor

# What a bot is made with when nobody names a model, and what the built-in provider calls its own
UNCHOSEN_MODELS = frozenset({DEFAULT_MODEL, "local"})


def all_bots() -> BotQuerySet:
    """Return the bots of the tenant in force with their dataset ids, newest first."""
    return Bot.objects.with_dataset_ids()


def bots_usable(*, by: Actor = SYSTEM) -> BotQuerySet:
    """Return those that may be talked to, as far as the actor is not limited to some bots."""
    bots = all_bots().usable()
    return bots if by.bot_ids is None else bots.filter(pk__in=by.bot_ids)


def bot_by_id(bot_id: uuid.UUID) -> Bot:
    """Return one bot of the tenant in force, talked to or not; raise `NoSuchBotError`."""
    bot = all_bots().filter(id=bot_id).first()
    if bot is None:
        raise NoSuchBotError
    return bot


def _with_provider() -> BotQuerySet:
    return bots_usable().select_related("tenant_ai_provider").order_by()


_BY_ID = CompiledQuery(lambda bot_id: _with_provider().filter(id=bot_id), bot_id=uuid.UUID(int=1))
_BY_SLUG = CompiledQuery(lambda slug: _with_provider().filter(slug=slug), slug="any slug")


def bot_by_ref(ref: str, *, by: Actor = SYSTEM) -> Bot:
    """Return the bot of that id or slug that may be talked to, provider and dataset ids with it, by one query.

    Raises `NoSuchBotError`, also when the actor is limited to other bots.
    """
    if bot_id := uuid_of(ref):
        bot = _BY_ID.one(bot_id=bot_id)
    elif is_slug(slug := ref.lower()):
        bot = _BY_SLUG.one(slug=slug)
    else:
        bot = None
    if bot is None or not by.may_use_bot(bot.pk):
        raise NoSuchBotError
    return bot


def origins_of(bot_id: uuid.UUID) -> list[str] | None:
    """Return the origins whose pages may show a bot, None when it may not be talked to."""
    return Bot.objects.usable().filter(pk=bot_id).values_list("allowed_origins", flat=True).first()


def model_for(bot: Bot, access: Access) -> str:
    """Return the model that a bot is to use with the provider that was found for it.

    A bot that follows the tenant's default provider and never chose a model takes one that provider has, so
    that it goes on answering when the default changes.
    """
    if bot.tenant_ai_provider_id is not None or bot.model not in UNCHOSEN_MODELS:
        return bot.model
    return access.fitting_model(bot.model)


def bots_using(provider_id: uuid.UUID) -> list[Usage]:
    """Return the bots that name a provider."""
    bots = Bot.objects.filter(tenant_ai_provider_id=provider_id).order_by("name", "id")
    return [Usage("bot", bot.id, bot.name) for bot in bots.only("id", "name")]
