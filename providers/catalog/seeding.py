"""Puts the platform's first providers into the catalogue, with the keys that the environment names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction

from providers import keys
from providers.catalog import services
from providers.catalog.models import GlobalAIProvider
from providers.connect import USUAL_MODELS
from providers.enums import ProviderType
from providers.exceptions import ProviderMisconfigured
from tenants.services import seeding
from tenants.types import SYSTEM, Actor


@dataclass(frozen=True, slots=True)
class Seed:
    """A provider that every installation begins with."""

    name: str
    kind: ProviderType
    config: dict[str, Any]
    is_default: bool = False


SEEDS = (
    Seed(
        "OpenAI",
        ProviderType.OPENAI,
        {
            "base_url": "https://api.openai.com",
            "models": list(USUAL_MODELS[ProviderType.OPENAI]),
        },
        is_default=True,
    ),
    Seed(
        "Anthropic",
        ProviderType.ANTHROPIC,
        {
            "base_url": "https://api.anthropic.com",
            "models": list(USUAL_MODELS[ProviderType.ANTHROPIC]),
        },
    ),
    Seed("Built-in (no key)", ProviderType.LOCAL, {}),
)


def seed(*, by: Actor = SYSTEM) -> list[str]:
    """Add what was never added of `SEEDS` and give them the environment's keys; safe to run again and again.

    A provider that is there is left as it is, but for its key: one that the environment names goes in. One that the
    platform has removed stays removed.
    Returns a sentence for each thing done; no key is in any of them.
    """
    done: list[str] = []
    with transaction.atomic():
        for wanted in SEEDS:
            row, is_new = _found_or_added(wanted, by=by)
            if row is None:
                continue
            if is_new:
                done.append(f"{row.name}: added")
            secret = settings.PLATFORM_PROVIDER_KEYS.get(wanted.kind.value, "")
            if secret and secret.strip() != _stored_key(row):
                services.save_provider(by=by, provider=row, api_key=secret)
                done.append(f"{row.name}: key from the environment stored (…{row.key_last_four})")
    return done or ["Nothing to do: the providers are there, their keys are up to date."]


def seed_key(kind: ProviderType) -> str:
    """Return the key by which a provider that was added is remembered."""
    return f"provider:{kind.value}"


def _found_or_added(wanted: Seed, *, by: Actor) -> tuple[GlobalAIProvider | None, bool]:
    row = GlobalAIProvider.objects.filter(provider_type=wanted.kind).order_by("created_at", "id").first()
    if row is not None:
        seeding.remember(seed_key(wanted.kind))
        return row, False
    return seeding.once(seed_key(wanted.kind), lambda: _add(wanted, by=by)), True


def _add(wanted: Seed, *, by: Actor) -> GlobalAIProvider:
    first = not GlobalAIProvider.objects.filter(is_default=True).exists()
    row = GlobalAIProvider(
        name=wanted.name,
        provider_type=wanted.kind,
        config=wanted.config,
        is_default=wanted.is_default and first,
    )
    return services.save_provider(by=by, provider=row)


def _stored_key(row: GlobalAIProvider) -> str:
    try:
        return keys.key_of(row, context=keys.platform_context(row.pk))
    except ProviderMisconfigured:
        return ""  # written with an encryption key that is gone: to be stored anew
