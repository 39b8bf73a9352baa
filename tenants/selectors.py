"""What others read about tenants and their people."""

from __future__ import annotations

from tenants.exceptions import NoSuchTenantError
from tenants.models import Membership, Tenant, User
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
