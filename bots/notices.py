"""Says what of a bot's settings may be a mistake though it is acceptable: models that their provider does not list."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from providers.connect import LOCAL_MODEL
from providers.models import TenantAIProvider
from providers.selectors import all_providers, is_unlisted

UNLISTED = "model_not_listed"


@dataclass(frozen=True, slots=True)
class Notice:
    """A model that the provider `provider_name` does not list; `pointer` is to the setting that names it."""

    pointer: str
    model: str
    provider_name: str
    code: str = UNLISTED

    @property
    def detail(self) -> str:
        """What it means, in a sentence."""
        return (
            f"“{self.provider_name}” lists no model “{self.model}”. It may have it all the same: try the bot, or "
            "correct the name."
        )


def known_providers() -> dict[uuid.UUID, TenantAIProvider]:
    """Return the tenant's providers by id, as `notices_of` wants them; one query."""
    return {row.pk: row for row in all_providers()}


def notices_of(settings: Mapping[str, Any], providers: Mapping[uuid.UUID, TenantAIProvider]) -> list[Notice]:
    """Return what may be a mistake in settings as `bots.versioned` has them, without a query or a call."""
    return [
        Notice(pointer, model, provider.name)
        for pointer, provider_id, model in _models(settings)
        if (provider := _provider(provider_id, model, providers)) is not None and is_unlisted(provider, model)
    ]


def _models(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any, str]]:
    yield "/model", settings["tenant_ai_provider_id"], settings["model"]
    for index, fallback in enumerate(settings["fallbacks"]):
        yield f"/fallbacks/{index}/model", fallback.get("provider_id"), fallback["model"]


def _provider(provider_id: Any, model: str, providers: Mapping[uuid.UUID, TenantAIProvider]) -> TenantAIProvider | None:
    if provider_id:
        return providers.get(uuid.UUID(str(provider_id)))
    return None if model == LOCAL_MODEL else next((row for row in providers.values() if row.is_default), None)
