"""Sets the platform's own providers up and tries them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.db import transaction

from providers import config as provider_settings
from providers import keys
from providers.catalog.models import GlobalAIProvider
from providers.catalog.selectors import platform_access
from providers.connect import failed_check, require_address
from providers.exceptions import ProviderError, ProviderSettingsError
from providers.learned import from_listing, without_limits
from providers.timeouts import told_timeouts
from providers.types import CheckResult
from tenants import audit
from tenants.context import release_connection
from tenants.models import Tenant
from tenants.types import Actor

_TOLD = ("name", "provider_type", "is_active", "is_default", "availability")


def check_change(stored: GlobalAIProvider | None, *, provider_type: str, config: Any, api_key: str) -> dict[str, Any]:
    """Return the config as it is to be stored; raise `ProviderSettingsError` for what cannot work.

    A stored key never goes to a new address unless it is entered again.
    """
    checked = provider_settings.checked(config, kind=provider_type)
    keys.checked_key(api_key)
    require_address(provider_type, checked)
    if stored and stored.has_key and not api_key:
        before = (stored.provider_type, provider_settings.origin_of(stored.settings))
        if before != (provider_type, provider_settings.origin_of(checked)):
            raise ProviderSettingsError("The address is a new one: enter the key again.", pointer="/api_key")
    return checked


def save_provider(
    *,
    by: Actor,
    provider: GlobalAIProvider,
    api_key: str = "",
    allowed_tenants: Iterable[Tenant] | None = None,
) -> GlobalAIProvider:
    """Store a new or changed platform provider; an empty `api_key` keeps the key that is there.

    As the default it takes that place from the others. Raises `ProviderSettingsError` for settings that
    cannot work, and for a new address without the key.
    """
    with transaction.atomic():
        stored = GlobalAIProvider.objects.select_for_update().filter(pk=provider.pk).first()
        provider.config = check_change(
            stored, provider_type=provider.provider_type, config=provider.config, api_key=api_key
        )
        provider.learned = _kept(stored, provider, is_new_key=bool(api_key))
        if api_key:
            keys.put_key(provider, api_key, context=keys.platform_context(provider.pk))
        if provider.is_default:
            GlobalAIProvider.objects.filter(is_default=True).exclude(pk=provider.pk).update(is_default=False)
        provider.save()
        if allowed_tenants is not None:
            provider.allowed_tenants.set(allowed_tenants)
        verb = "update" if stored else "create"
        told = audit.changes(_told(stored), _told(provider)) | audit.unsaid(*(["api_key"] if api_key else []))
        if stored and stored.config != provider.config:
            told |= audit.unsaid("config")
        told = told if stored else {}
        audit.record(f"platform_provider.{verb}", by=by, target=provider, key_changed=bool(api_key), changes=told)
    return provider


def _kept(stored: GlobalAIProvider | None, now: GlobalAIProvider, *, is_new_key: bool) -> dict[str, Any]:
    """Return what of what was learned still holds: nothing for another server or account, no limit if anything else."""
    if stored is None or is_new_key:
        return {}
    places = [(row.provider_type, provider_settings.origin_of(row.settings)) for row in (stored, now)]
    if places[0] != places[1]:
        return {}
    return dict(stored.knowledge) if stored.settings == now.settings else without_limits(stored.knowledge)


def _told(row: GlobalAIProvider | None) -> dict[str, Any]:
    """What of a provider may be read in the audit log: no key, and no address that might hold one."""
    if row is None:
        return {}
    return {**audit.values_of(row, _TOLD), **told_timeouts(row.settings)}


def delete_provider(*, by: Actor, provider: GlobalAIProvider) -> None:
    """Delete a platform provider and its key; tenants that were lent it are told so at its next use."""
    with transaction.atomic():
        audit.record("platform_provider.delete", by=by, target=provider)
        provider.delete()


def test_connection(*, by: Actor, provider: GlobalAIProvider, model: str = "") -> CheckResult:
    """Make a real, tiny call with the platform's key and store how it went; raises no `ProviderError`.

    Not to be called in a transaction: no database connection is held while the vendor is waited for.
    """
    try:
        access = platform_access(provider)
    except ProviderError as error:
        result, listing = failed_check(error, model), None
    else:
        release_connection()
        result = access.check(model)
        listing = access.listing() if result.ok else None
    with transaction.atomic():
        provider.remember_check(result)
        if listing is not None:
            provider.learn(partial(from_listing, found=listing))
        audit.record("platform_provider.test", by=by, target=provider, ok=result.ok, code=result.code)
    return result
