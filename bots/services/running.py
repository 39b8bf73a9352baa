"""Settles what a bot runs on: its provider and its model are stored when it is made, so that nothing moves it later."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from bots.exceptions import BotSettingsError
from bots.models import DEFAULT_MODEL, Bot
from chatcms.core.errortext import ErrorText
from providers.connect import LOCAL_MODEL
from providers.exceptions import NoSuchProviderError, ProviderError, ProviderMisconfigured
from providers.models import TenantAIProvider
from providers.selectors import access_to, provider_by_id, provider_for

_SHOWN = 5
_OWN = "/provider_id"
_NO_PROVIDER = ErrorText("There is no such provider here.")

Faults = dict[str, ErrorText]
"""JSON pointer to sentence."""


def settled(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a new bot with the provider and model that it is to run on, and those of its fallbacks.

    Who names no provider gets the built-in one for `local`, else the tenant's default; who names no model gets one
    that the provider has. Raises `BotSettingsError` when the built-in model is named and switched off.
    """
    chosen = dict(settings)
    model = chosen.get("model")
    provider = _provider(chosen.get("tenant_ai_provider_id"), model or "", "/model")
    if provider is not None:
        chosen["tenant_ai_provider_id"] = provider.pk
        if model is None or (model == DEFAULT_MODEL and provider.is_local):
            chosen["model"] = _fitting(provider)
    if "fallbacks" in chosen:
        chosen["fallbacks"] = [
            _fallback(fallback, f"/fallbacks/{index}/model") for index, fallback in enumerate(chosen["fallbacks"])
        ]
    return chosen


def _provider(provider_id: Any, model: str, pointer: str) -> TenantAIProvider | None:
    """The provider, None where nothing is set up or the id is unknown, which is told when the bot is checked."""
    try:
        return provider_by_id(provider_id) if provider_id else provider_for(None, model=model)
    except NoSuchProviderError:
        return None
    except ProviderMisconfigured as error:
        if model == LOCAL_MODEL:
            raise BotSettingsError({pointer: error.detail}) from error
        return None


def _fitting(provider: TenantAIProvider) -> str:
    try:
        return access_to(provider).fitting_model(DEFAULT_MODEL)
    except ProviderError:
        return DEFAULT_MODEL


def _fallback(fallback: Mapping[str, Any], pointer: str) -> dict[str, Any]:
    if fallback.get("provider_id"):
        return dict(fallback)
    provider = _provider(None, fallback.get("model", "").strip(), pointer)
    return {**fallback, "provider_id": provider.pk if provider else None}


def faults_of(bot: Bot, changed: Iterable[str]) -> Faults:
    """Say which providers that are named do not exist and which models they do not have; keep the providers meanwhile.

    Only what is changed is judged by its model: an older bot can be renamed although its vendor has dropped a model.
    """
    named: dict[str, tuple[uuid.UUID | None, str, str]] = {}
    names = set(changed)
    if bot.tenant_ai_provider_id is not None or names & {"tenant_ai_provider_id", "model"}:
        named[_OWN] = (bot.tenant_ai_provider_id, bot.model, "/model")
    if "fallbacks" in names:
        for index, fallback in enumerate(bot.fallbacks):
            provider_id = uuid.UUID(fallback["provider_id"]) if fallback["provider_id"] else None
            pointer = f"/fallbacks/{index}"
            named[f"{pointer}/provider_id"] = (provider_id, fallback["model"], f"{pointer}/model")
    kept = _kept({provider_id for provider_id, _model, _pointer in named.values() if provider_id})
    faults: Faults = {}
    for pointer, (provider_id, model, model_pointer) in named.items():
        if provider_id is not None and provider_id not in kept:
            faults[pointer] = _NO_PROVIDER
        elif pointer != _OWN or names & {"tenant_ai_provider_id", "model"}:
            faults |= _fault_of_model(provider_id, model, model_pointer)
    return faults


def _kept(ids: set[uuid.UUID]) -> set[uuid.UUID]:
    if not ids:
        return set()
    rows = TenantAIProvider.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=ids)
    return set(rows.order_by("pk").values_list("pk", flat=True))


def _fault_of_model(provider_id: uuid.UUID | None, model: str, pointer: str) -> Faults:
    """Say that the provider has no such model, where what it has is known; one that is switched off is not asked."""
    try:
        provider = provider_for(provider_id, model=model)
        access = access_to(provider)
        if not model or access.may_be_chosen(model) or (provider_id is None and model == DEFAULT_MODEL):
            return {}
        known = [info.id for info in access.known_models() if info.kind == "chat"][:_SHOWN]
    except ProviderMisconfigured:
        return {}
    names = {"provider": provider.name, "model": model}
    if not known:
        return {pointer: ErrorText("“%(provider)s” has no model “%(model)s”. It has none.", **names)}
    told = ErrorText("“%(provider)s” has no model “%(model)s”. It has %(known)s.", **names, known=", ".join(known))
    return {pointer: told}
