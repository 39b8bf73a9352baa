"""What adding and changing a provider share: locks, the one default, and which settings a row may have."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError

from chatcms.core.errortext import ErrorText
from providers import config as provider_settings
from providers import keys, usages
from providers.connect import require_address
from providers.exceptions import (
    DefaultInUseError,
    NoSuchProviderError,
    ProviderNameTakenError,
    ProviderSettingsError,
)
from providers.models import TenantAIProvider
from tenants.context import current_tenant_id


def lock_all() -> dict[uuid.UUID, TenantAIProvider]:
    """Return the tenant's providers by id, locked until the transaction ends.

    There are few, and with all of them locked in one order two changes of the default cannot clash.
    """
    return {row.pk: row for row in TenantAIProvider.objects.select_for_update().order_by("id")}


def locked(provider_id: uuid.UUID) -> TenantAIProvider:
    """Lock all and return one; raise `NoSuchProviderError`."""
    row = lock_all().get(provider_id)
    if row is None:
        raise NoSuchProviderError
    return row


@contextmanager
def name_is_free() -> Iterator[None]:
    """Turn the database's refusal of a second provider of the same name into `ProviderNameTakenError`."""
    try:
        yield
    except IntegrityError as error:
        if "tenant_ai_providers_name" not in str(error):
            raise
        raise ProviderNameTakenError from error


def make_default(provider: TenantAIProvider, *, confirmed: bool) -> None:
    """Move the default to this provider (not saved); all rows are locked already.

    Raises `DefaultInUseError` with the bots that would move, unless that is confirmed.
    """
    if provider.is_default:
        return
    if not provider.is_active:
        raise ProviderSettingsError("Switch it on before it becomes the default.", pointer="/is_default")
    if not confirmed and (found := usages.followers_of_default()):
        raise DefaultInUseError(
            ErrorText(
                "%(named)s would run on “%(provider_name)s” from now on: questions and passages would go "
                "there. Send `confirm` to agree, or name a provider in each first.",
                named=usages.named(found),
                provider_name=provider.name,
            ),
            usages=usages.listed(found),
        )
    TenantAIProvider.objects.filter(is_default=True).exclude(pk=provider.pk).update(is_default=False)
    provider.is_default = True


def put_config(provider: TenantAIProvider, config: Mapping[str, Any]) -> None:
    """Check a tenant's config and set it (not saved); one lent by the platform has none.

    What a model costs, how much it reads and which there are is for whoever pays for it to say.
    """
    checked = provider_settings.checked(config, kind=provider.provider_type)
    if provider.global_provider_id is None:
        require_address(provider.provider_type, checked)
    elif checked:
        raise ProviderSettingsError(
            "This provider uses the platform's address, models and prices. Send no config.",
            pointer=f"/config/{next(iter(checked))}",
        )
    provider.config = checked


def put_own_key(provider: TenantAIProvider, secret: str) -> None:
    """Set the tenant's own key (not saved), or take it out when `secret` is empty."""
    if provider.global_provider_id is not None:
        raise ProviderSettingsError("This provider uses the platform's key.", pointer="/api_key")
    keys.put_key(provider, secret, context=keys.tenant_context(current_tenant_id(), provider.pk))
