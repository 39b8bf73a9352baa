"""Says why a tenant cannot be entered now to whoever has the right to be in it."""

from __future__ import annotations

from dataclasses import dataclass

from chatcms.core.exceptions import AppError
from tenants import context
from tenants.enums import TenantStatus
from tenants.exceptions import TenantDeletingError, TenantNotReadyError, TenantSuspendedError
from tenants.models import Membership, Tenant, User

# Seconds until a client asks again whether a tenant has been brought up to date.
RETRY_AFTER = 60


@dataclass(frozen=True, slots=True)
class ClosedTenant:
    """A tenant of a person's that they cannot enter now, and why."""

    name: str
    reason: str


def check_open(tenant: Tenant) -> None:
    """Raise `TenantSuspendedError`, `TenantDeletingError` or `TenantNotReadyError` unless it may be entered now.

    Call it only for members and keys of the tenant: a stranger does not learn that there is such a tenant.
    Raises `NotOnThisDomainError` by another tenant's domain.
    """
    context.check_shown(tenant.id)
    if not tenant.is_enterable:
        raise _refusal(tenant)


def closed_tenants_of(user: User) -> list[ClosedTenant]:
    """Return the tenants of `user` that cannot be entered now, by name; the reason is to be translated."""
    memberships = Membership.objects.in_force().filter(user=user).select_related("tenant").order_by("tenant__name")
    tenants = [one.tenant for one in memberships if not one.tenant.is_enterable and context.is_shown(one.tenant_id)]
    return [ClosedTenant(tenant.name, _refusal(tenant).detail) for tenant in tenants]


def _refusal(tenant: Tenant) -> AppError:
    if tenant.status == TenantStatus.DELETING:
        return TenantDeletingError()
    if tenant.status == TenantStatus.SUSPENDED or not tenant.is_active:
        return TenantSuspendedError()
    return TenantNotReadyError(retry_after=RETRY_AFTER)
