"""Writes every stored key anew with the first key-encryption key, so that the old ones can be dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.db import transaction

from providers import keys
from providers.abstract import ProviderRow
from providers.catalog.models import GlobalAIProvider
from providers.exceptions import ProviderMisconfigured
from providers.models import TenantAIProvider
from tenants import audit
from tenants.context import public_scope, tenant_scope
from tenants.models import Tenant
from tenants.types import Actor


@dataclass
class Rotation:
    """How many keys were written anew and how many were so already, and whose could not be read."""

    renewed: int = 0
    current: int = 0
    unreadable: list[str] = field(default_factory=list)


def rotate_keys(*, by: Actor) -> Rotation:
    """Re-encrypt the keys of the platform and of every tenant that has a schema; safe to run again.

    A key that cannot be read is left as it is and named in the result.
    """
    result = Rotation()
    with public_scope():
        _rotate(result, "platform", GlobalAIProvider.objects.all(), lambda row: keys.platform_context(row.pk))
        for tenant in Tenant.objects.with_schema().order_by("id"):
            with tenant_scope(tenant):
                _rotate_tenant(result, tenant)
        with transaction.atomic():
            audit.record("platform_provider.rotate_keys", by=by, renewed=result.renewed, unreadable=result.unreadable)
    return result


def _rotate_tenant(result: Rotation, tenant: Tenant) -> None:
    rows = TenantAIProvider.objects.all()
    _rotate(result, tenant.slug, rows, lambda row: keys.tenant_context(tenant.id, row.pk))


def _rotate(
    result: Rotation, owner: str, rows: Iterable[ProviderRow], context_of: Callable[[ProviderRow], str]
) -> None:
    for row in rows:
        if not row.has_key:
            continue
        try:
            if keys.rotate_key(row, context=context_of(row)):
                result.renewed += 1
            else:
                result.current += 1
        except ProviderMisconfigured:
            result.unreadable.append(f"{owner}: {row.name}")
