"""Finds a tenant's providers, and the way to each of them."""

from __future__ import annotations

import uuid

from django.db.models import Q

from chatcms.core.errortext import ErrorText
from providers import keys
from providers.catalog import selectors as catalog
from providers.config import listed_models
from providers.connect import LOCAL_MODEL, Access, ProviderRef
from providers.enums import ProviderType
from providers.exceptions import NoSuchProviderError, ProviderMisconfigured
from providers.learned import listed_by_vendor, may_have
from providers.models import TenantAIProvider, TenantAIProviderQuerySet
from providers.types import ModelInfo, ProviderConfig
from tenants.context import current_tenant_id


def all_providers(
    *, search: str = "", provider_type: str = "", is_active: bool | None = None
) -> TenantAIProviderQuerySet:
    """Return the providers of the tenant in force that fit, newest first."""
    found = TenantAIProvider.objects.all()
    if search:
        found = found.filter(name__icontains=search)
    if provider_type:
        found = found.filter(provider_type=provider_type)
    return found if is_active is None else found.filter(is_active=is_active)


def failing_providers(most: int) -> list[TenantAIProvider]:
    """Return the providers in use whose last check or call failed, by name; at most so many."""
    return list(TenantAIProvider.objects.active().filter(last_check_ok=False).order_by("name")[:most])


def provider_by_id(provider_id: uuid.UUID) -> TenantAIProvider:
    """Return one provider of the tenant in force; raise `NoSuchProviderError`."""
    provider = TenantAIProvider.objects.filter(id=provider_id).first()
    if provider is None:
        raise NoSuchProviderError
    return provider


def default_provider() -> TenantAIProvider:
    """Return the provider of whatever names none: the tenant's default, else its built-in one.

    Raises `ProviderMisconfigured` when there is neither.
    """
    default_or_builtin = Q(is_default=True) | Q(provider_type=ProviderType.LOCAL)
    candidates = TenantAIProvider.objects.active().filter(default_or_builtin)
    provider = candidates.order_by("-is_default", "id").first()
    if provider is None:
        raise ProviderMisconfigured("No provider is set up here. Add one and make it the default.")
    return provider


def resolve(provider_id: uuid.UUID | None) -> TenantAIProvider:
    """Return the provider that a row names, the tenant's default when it names none.

    Raises `NoSuchProviderError`, or `ProviderMisconfigured` when the provider is switched off.
    """
    return default_provider() if provider_id is None else usable(provider_by_id(provider_id))


def builtin_provider() -> TenantAIProvider:
    """Return the provider that answers without any vendor; raise `ProviderMisconfigured` when it is switched off."""
    builtin = TenantAIProvider.objects.active().filter(provider_type=ProviderType.LOCAL)
    provider = builtin.order_by("-is_default", "id").first()
    if provider is None:
        raise ProviderMisconfigured(
            ErrorText(
                "“%(local_model)s” is the built-in model, and its provider is switched off.", local_model=LOCAL_MODEL
            )
        )
    return provider


def provider_for(provider_id: uuid.UUID | None, *, model: str) -> TenantAIProvider:
    """Return the provider that runs a model for whatever names both: where no provider is named, `local` is local.

    Raises as `resolve` does.
    """
    return builtin_provider() if provider_id is None and model == LOCAL_MODEL else resolve(provider_id)


def usable(provider: TenantAIProvider) -> TenantAIProvider:
    """Return the provider if bots may use it; raise `ProviderMisconfigured` when it is switched off."""
    if not provider.is_active:
        raise ProviderMisconfigured(
            ErrorText(
                "The provider “%(provider_name)s” is switched off. Switch it on or choose another.",
                provider_name=provider.name,
            )
        )
    return provider


def access_to(provider: TenantAIProvider) -> Access:
    """Return the way to a provider of the tenant in force; one query if it is lent by the platform.

    Of a lent provider everything is the platform's: key, address, models, prices and context lengths. The tenant's
    row adds nothing to it. A tenant's address gets the tenant's own key or none. Raises `ProviderMisconfigured` when
    the platform no longer lends the provider, or a key cannot be read.
    """
    tenant_id = current_tenant_id()
    if provider.global_provider_id is not None:
        return catalog.lent_access(catalog.lent_to(tenant_id, provider_id=provider.global_provider_id))
    key = keys.key_of(provider, context=keys.tenant_context(tenant_id, provider.id))
    return Access.build(
        provider.provider_type,
        provider.settings,
        api_key=key,
        learned=provider.knowledge,
        ref=ProviderRef(provider.pk, is_lent=False),
    )


def is_unlisted(provider: TenantAIProvider, model: str) -> bool:
    """Say whether a provider of the tenant's own names its models, and this one is not among them.

    Those are what its config lists and what its vendor does. A provider whose vendor was never asked, and that lists
    nothing itself, names none.
    """
    if provider.global_provider_id is not None or provider.is_local:
        return False
    listed = listed_models(provider.settings)
    if model in listed:
        return False
    return not may_have(provider.knowledge, model) if listed_by_vendor(provider.knowledge) else bool(listed)


def config_for(provider: TenantAIProvider) -> ProviderConfig:
    """Return what an adapter needs to call a provider; see `access_to`."""
    return access_to(provider).config


def model_info(provider: TenantAIProvider, model: str) -> ModelInfo:
    """Return what is known of one model of a provider, without a call."""
    return access_to(provider).model_info(model)


def models_of(provider: TenantAIProvider) -> list[ModelInfo]:
    """Return the models that are known of a provider, without a call."""
    return access_to(provider).known_models()
