"""Finds the models that a bot asks: its own first, then those that it names for when that one fails."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bots.models import Bot
from bots.selectors import model_for
from chat.turns.asks import ModelRoute, Wants
from chatcms.core.errortext import ErrorText
from providers import profiles
from providers.connect import Access
from providers.exceptions import ModelCannotError, NoSuchProviderError, ProviderMisconfigured
from providers.messages import Message
from providers.selectors import access_to, provider_for, usable
from providers.types import ChatRequest


def routes_of(bot: Bot) -> tuple[ModelRoute, ...]:
    """Return the models that a bot asks, each when the one before it fails: its own, and those that it names for that.

    One that cannot be used now, its provider being switched off for example, is passed over. Raises
    `ProviderMisconfigured`, the first one's, when none can.
    """
    routes: list[ModelRoute] = []
    refused: ProviderMisconfigured | None = None
    for named in (None, *bot.fallbacks):
        try:
            routes.append(_own_route(bot) if named is None else _fallback_route(bot, named))
        except ProviderMisconfigured as error:
            refused = refused or error
    if not routes:
        raise refused or ProviderMisconfigured
    return tuple(routes)


def refuse_unless_one_can(routes: Sequence[ModelRoute], wants: Wants, messages: Sequence[Message]) -> None:
    """Raise `ModelCannotError`, the first model's, when none of them can do what a call brings and wants."""
    refused: ModelCannotError | None = None
    for route in routes:
        asked = (*messages, Message("user", wants.parts))
        request = ChatRequest(route.model.id, asked, tools=wants.tools, output=wants.output)
        try:
            profiles.check(request, route.model)
        except ModelCannotError as error:
            refused = refused or error
        else:
            return
    if refused is not None:
        raise refused


def provider_of(bot: Bot) -> tuple[str, Access]:
    """Return the name of the provider that a bot uses, and the way to it; raise `ProviderMisconfigured`."""
    row = usable(bot.tenant_ai_provider) if bot.tenant_ai_provider else provider_for(None, model=bot.model)
    return row.name, access_to(row)


def _own_route(bot: Bot) -> ModelRoute:
    provider_name, access = provider_of(bot)
    return _route(provider_name, access, model_for(bot, access))


def _fallback_route(bot: Bot, named: dict[str, Any]) -> ModelRoute:
    provider_id = named.get("provider_id")
    try:
        row = provider_for(uuid.UUID(provider_id) if provider_id else None, model=named["model"])
    except NoSuchProviderError:
        raise ProviderMisconfigured(
            ErrorText("A provider that “%(bot_name)s” falls back to is gone.", bot_name=bot.name)
        ) from None
    return _route(row.name, access_to(row), named["model"])


def _route(provider_name: str, access: Access, model: str) -> ModelRoute:
    return ModelRoute(provider_name, replace(access.model_info(model), id=model), access)
