"""Changes a tenant's providers: settings, key, and which one is the default."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict, Unpack

from django.db import transaction

from chatcms.core.errortext import ErrorText
from providers import config as provider_settings
from providers import usages
from providers.exceptions import ProviderInUseError, ProviderIsDefaultError, ProviderSettingsError
from providers.learned import without_limits
from providers.models import TenantAIProvider
from providers.services import rows
from providers.timeouts import told_timeouts
from tenants import audit
from tenants.types import Actor


class ProviderChanges(TypedDict, total=False):
    """What may be changed; what is absent stays. `api_key`: "" keeps the key, None takes it out."""

    name: str
    api_key: str | None
    config: Mapping[str, Any]
    is_active: bool
    is_default: bool


def update_provider(
    *, by: Actor, provider: TenantAIProvider, confirmed: bool = False, **changes: Unpack[ProviderChanges]
) -> TenantAIProvider:
    """Change a provider of the tenant in force and return it as it is now.

    A new address needs the key once more: whoever may change settings but does not know the key must not be
    able to have it sent to a host of their choice. What other rows would notice has to be confirmed: another default
    raises `DefaultInUseError`, switching off `ProviderInUseError`, both with the rows concerned. Raises also
    `ProviderSettingsError`, `ProviderNameTakenError`, `ProviderIsDefaultError` and `NoSuchProviderError`.
    """
    with rows.name_is_free(), transaction.atomic():
        row = rows.locked(provider.pk)
        if row.is_default and False in (changes.get("is_active"), changes.get("is_default")):
            raise ProviderIsDefaultError
        if row.is_active and changes.get("is_active") is False and not confirmed:
            _refuse_while_used(row)
        before, config = _told(row), row.config
        row.name = changes.get("name", row.name)
        row.is_active = changes.get("is_active", row.is_active)
        _change_access(row, changes)
        if changes.get("is_default"):
            rows.make_default(row, confirmed=confirmed)
        row.save()
        hidden = [*(["api_key"] if "api_key" in changes else []), *(["config"] if row.config != config else [])]
        detail = audit.changes(before, _told(row)) | audit.unsaid(*hidden)
        audit.record("provider.update", by=by, target=row, changed=sorted(changes), changes=detail)
    return row


def _told(row: TenantAIProvider) -> dict[str, object]:
    """What of a provider may be read in the audit log: no key, and no address that might hold one."""
    told = audit.values_of(row, ("name", "is_active", "is_default"))
    return {**told, **told_timeouts(row.settings)}


def set_default(*, by: Actor, provider: TenantAIProvider, confirmed: bool = False) -> TenantAIProvider:
    """Make a provider the one that is used where none is named. Raises as `update_provider` does."""
    return update_provider(by=by, provider=provider, confirmed=confirmed, is_default=True)


def _refuse_while_used(row: TenantAIProvider) -> None:
    if found := usages.usages_of(row.pk):
        raise ProviderInUseError(
            ErrorText(
                "This provider is used by %(named)s, which would fall back or refuse to answer. Send "
                "`confirm` to switch it off all the same.",
                named=usages.named(found),
            ),
            usages=usages.listed(found),
        )


def _change_access(row: TenantAIProvider, changes: ProviderChanges) -> None:
    had_key, before = row.has_key, provider_settings.origin_of(row.settings)
    if "config" in changes:
        config = row.settings
        rows.put_config(row, changes["config"])
        if row.settings != config:
            row.learned = without_limits(row.knowledge)
    moved = provider_settings.origin_of(row.settings) != before
    secret = changes.get("api_key", "")
    if secret != "":
        rows.put_own_key(row, secret or "")
    elif had_key and moved:
        raise ProviderSettingsError("The address is a new one: send `api_key` again.", pointer="/api_key")
    if secret != "" or moved:
        row.last_checked_at, row.last_check_ok, row.last_check_detail = None, None, ""
        row.learned = {}
