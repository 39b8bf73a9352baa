"""Finds the platform's providers and what they lend."""

from __future__ import annotations

import uuid
from dataclasses import replace

from providers import keys
from providers.catalog.models import GlobalAIProvider
from providers.config import listed_models
from providers.connect import Access, ProviderRef
from providers.exceptions import NoSuchProviderError, ProviderMisconfigured
from providers.registry import features_of


def available_to(tenant_id: uuid.UUID) -> list[GlobalAIProvider]:
    """Return the platform's providers that a tenant may use, the default first."""
    return list(GlobalAIProvider.objects.available_to(tenant_id).order_by("-is_default", "-created_at"))


def able_to_answer(tenant_id: uuid.UUID) -> list[GlobalAIProvider]:
    """Return those of `available_to` that have what they need: a key, or a kind that works without one."""
    return [row for row in available_to(tenant_id) if row.has_key or not features_of(row.provider_type).needs_key]


def provider_by_id(provider_id: uuid.UUID) -> GlobalAIProvider:
    """Return one of the platform's providers; raise `NoSuchProviderError`."""
    provider = GlobalAIProvider.objects.filter(pk=provider_id).first()
    if provider is None:
        raise NoSuchProviderError
    return provider


def lent_to(tenant_id: uuid.UUID, *, provider_id: uuid.UUID) -> GlobalAIProvider:
    """Return a platform provider that the tenant may use; raise `ProviderMisconfigured` when it may not."""
    provider = GlobalAIProvider.objects.available_to(tenant_id).filter(id=provider_id).first()
    if provider is None:
        raise ProviderMisconfigured(
            "The platform does not lend you this provider any more. Choose another one, or ask its staff."
        )
    return provider


def starting_provider(tenant_id: uuid.UUID) -> GlobalAIProvider | None:
    """Return the platform's default provider, if it has a key and the tenant may use it."""
    candidates = GlobalAIProvider.objects.available_to(tenant_id).filter(is_default=True)
    return candidates.exclude(encrypted_key="").order_by("-created_at").first()


def lent_access(provider: GlobalAIProvider) -> Access:
    """Return the way to a platform provider for a tenant: where the platform lists models, to those and no others.

    Raises `ProviderMisconfigured` when the key cannot be read.
    """
    return replace(platform_access(provider), listed_only=bool(listed_models(provider.settings)))


def platform_access(provider: GlobalAIProvider) -> Access:
    """Return the way to a platform provider: the platform's key, for the row's own address and no other.

    Raises `ProviderMisconfigured` when the key cannot be read.
    """
    key = keys.key_of(provider, context=keys.platform_context(provider.id))
    return Access.build(
        provider.provider_type,
        provider.settings,
        api_key=key,
        learned=provider.knowledge,
        ref=ProviderRef(provider.pk, is_lent=True),
    )
