"""Names the settings that come in versions, and turns them into JSON and back."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bots.look import Look

if TYPE_CHECKING:
    from bots.models import Bot

Settings = dict[str, Any]
"""Settings as JSON, by name."""

_PLAIN = (
    "name",
    "description",
    "system_prompt",
    "model",
    "temperature",
    "max_tokens",
    "passages",
    "fallbacks",
    "welcome_message",
    "suggested_questions",
    "no_evidence",
    "no_evidence_message",
)
# What is called otherwise outside than in the tables, and in versions that were kept.
PUBLIC_NAMES = {"tenant_ai_provider_id": "provider_id"}
NAMES = (*_PLAIN, "tenant_ai_provider_id", "dataset_ids", "look")


def settings_of(bot: Bot) -> Settings:
    """Return all that comes in versions, as the bot has it; one query unless it knows its datasets."""
    provider_id = bot.tenant_ai_provider_id
    return {
        **{name: getattr(bot, name) for name in _PLAIN},
        "tenant_ai_provider_id": str(provider_id) if provider_id else None,
        # In which order makes no difference to answers, and so none between versions.
        "dataset_ids": sorted(str(dataset_id) for dataset_id in bot.dataset_ids),
        "look": Look.read(bot.look).stored(),
    }


def typed(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings as services take them, from JSON; names that no version has any more are left out."""
    values = {name: settings[name] for name in NAMES if name in settings}
    if "tenant_ai_provider_id" in values:
        values["tenant_ai_provider_id"] = _id(values["tenant_ai_provider_id"])
    if "dataset_ids" in values:
        values["dataset_ids"] = [uuid.UUID(dataset_id) for dataset_id in values["dataset_ids"]]
    if "fallbacks" in values:
        values["fallbacks"] = [{**one, "provider_id": _id(one["provider_id"])} for one in values["fallbacks"]]
    return values


def said(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings, or what is told by their names, under the names that people outside have for them."""
    return {PUBLIC_NAMES.get(name, name): value for name, value in settings.items()}


def differing(settings: Mapping[str, Any], base: Mapping[str, Any]) -> Settings:
    """Return those of `settings` that `base` has otherwise."""
    return {name: settings[name] for name in NAMES if name in settings and settings[name] != base.get(name)}


def _id(text: str | None) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None
