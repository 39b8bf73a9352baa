"""Adds providers to a tenant and takes them away."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError

from chatcms.core.errortext import ErrorText
from providers import usages
from providers.catalog import selectors as catalog
from providers.enums import ProviderType
from providers.exceptions import (
    ProviderInUseError,
    ProviderIsDefaultError,
    ProviderMisconfigured,
    ProviderSettingsError,
)
from providers.models import TenantAIProvider
from providers.services import rows
from tenants import audit
from tenants.context import current_tenant_id
from tenants.models import Tenant
from tenants.types import SYSTEM, Actor

BUILTIN_NAME = "Built-in (no key)"


def create_provider(
    *,
    by: Actor,
    name: str,
    provider_type: str,
    api_key: str = "",
    config: Mapping[str, Any] | None = None,
    is_default: bool | None = None,
    confirmed: bool = False,
) -> TenantAIProvider:
    """Add a provider to the tenant in force, with a key of the tenant's own or without one.

    Without a word about the default, the first provider with a key becomes the one that new bots run on, if no bot
    follows the default. Raises `ProviderSettingsError` for settings that cannot work, `ProviderNameTakenError`, and
    `DefaultInUseError` as `update_provider` does.
    """
    provider = TenantAIProvider(name=name, provider_type=provider_type)
    rows.put_config(provider, config or {})
    rows.put_own_key(provider, api_key)
    return _add(provider, by=by, is_default=is_default, confirmed=confirmed)


def use_global(
    *,
    by: Actor,
    global_id: uuid.UUID,
    name: str = "",
    provider_type: str = "",
    config: Mapping[str, Any] | None = None,
    is_default: bool | None = None,
    confirmed: bool = False,
) -> TenantAIProvider:
    """Add a provider that the platform lends: its key and address stay the platform's.

    Raises `ProviderSettingsError` when the platform does not lend it to this tenant, it is of another type
    than the one named, or a config is sent along; and `ProviderNameTakenError`.
    """
    try:
        lent = catalog.lent_to(current_tenant_id(), provider_id=global_id)
    except ProviderMisconfigured:
        raise ProviderSettingsError(
            "The platform offers you no such provider.", pointer="/global_provider_id"
        ) from None
    if provider_type not in ("", lent.provider_type):
        raise ProviderSettingsError(
            ErrorText("The platform's is of type %(provider_type)s.", provider_type=lent.provider_type),
            pointer="/provider_type",
        )
    provider = TenantAIProvider(name=name or lent.name, provider_type=lent.provider_type, global_provider_id=lent.id)
    rows.put_config(provider, config or {})
    return _add(provider, by=by, is_default=is_default, confirmed=confirmed)


def create_builtin(*, by: Actor) -> TenantAIProvider:
    """Make sure that the tenant in force has the built-in provider, as the default if there is no other.

    Safe to run twice: the one that is there is returned.
    """
    present = TenantAIProvider.objects.filter(provider_type=ProviderType.LOCAL).order_by("id").first()
    if present is not None:
        return present
    first = not TenantAIProvider.objects.filter(is_default=True).exists()
    provider = TenantAIProvider(name=BUILTIN_NAME, provider_type=ProviderType.LOCAL)
    return _add(provider, by=by, is_default=first, confirmed=True)


def prepare_tenant(tenant: Tenant) -> None:
    """Give a new tenant, which is in force, its built-in provider and the platform's default one.

    The platform's becomes the default if it has a key. Safe to run twice.
    """
    create_builtin(by=SYSTEM)
    lent = catalog.starting_provider(tenant.id)
    if lent and not TenantAIProvider.objects.filter(global_provider_id=lent.id).exists():
        use_global(by=SYSTEM, global_id=lent.id)


def delete_provider(*, by: Actor, provider: TenantAIProvider) -> None:
    """Delete a provider of the tenant in force, its key included.

    Raises `ProviderIsDefaultError`, `ProviderInUseError` with its usages, and `NoSuchProviderError`.
    """
    with transaction.atomic():
        row = rows.locked(provider.pk)
        if row.is_default:
            raise ProviderIsDefaultError
        if found := usages.usages_of(row.pk):
            raise ProviderInUseError(
                ErrorText(
                    "This provider is used by %(named)s. Give them another provider first.", named=usages.named(found)
                ),
                usages=usages.listed(found),
            )
        audit.record("provider.delete", by=by, target=row)
        try:
            row.delete()
        except ProtectedError as error:
            raise ProviderInUseError from error


def _add(provider: TenantAIProvider, *, by: Actor, is_default: bool | None, confirmed: bool) -> TenantAIProvider:
    with rows.name_is_free(), transaction.atomic():
        rows.lock_all()
        if is_default or (is_default is None and _takes_over(provider)):
            rows.make_default(provider, confirmed=confirmed)
        provider.save(force_insert=True)
        audit.record(
            "provider.create",
            by=by,
            target=provider,
            provider_type=provider.provider_type,
            lent_by_platform=provider.global_provider_id is not None,
            has_key=provider.has_key,
        )
    return provider


def _takes_over(provider: TenantAIProvider) -> bool:
    """Say whether a new provider becomes the default: it can answer, only the built-in one did, and no bot moves."""
    if not provider.has_key and provider.global_provider_id is None:
        return False
    chosen = TenantAIProvider.objects.filter(is_default=True).exclude(provider_type=ProviderType.LOCAL)
    return not chosen.exists() and not usages.followers_of_default()
