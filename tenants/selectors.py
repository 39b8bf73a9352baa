"""What others read about tenants and their people."""

from __future__ import annotations

import uuid

from tenants.exceptions import NoSuchTenantError
from tenants.models import Membership, Plan, Tenant, User
from tenants.models.people import MembershipQuerySet


def memberships_of(user: User) -> MembershipQuerySet:
    """The tenants that `user` may enter now, by name, each membership with its tenant."""
    return Membership.objects.live().filter(user=user).select_related("tenant").order_by("tenant__name")


def tenant_for_slug(slug: str) -> Tenant:
    """Return the tenant of that slug that may be entered now; raise `NoSuchTenantError` otherwise."""
    tenant = Tenant.objects.enterable().filter(slug=slug).first()
    if tenant is None:
        raise NoSuchTenantError
    return tenant


def plan_in_force(tenant_id: uuid.UUID, *, lock: bool = False) -> Plan | None:
    """Return the tenant's plan, None when nothing bounds it.

    With `lock`, the tenant's row is locked until the transaction ends: what is counted against the plan is then
    counted by one at a time.
    """
    tenants = Tenant.objects.select_related("plan").filter(pk=tenant_id)
    if lock:
        tenants = tenants.select_for_update(of=("self",), no_key=True)
    tenant = tenants.first()
    return tenant.plan if tenant is not None else None
