"""Opens a tenant's portal to its members."""

from __future__ import annotations

from tenants.enums import Role
from tenants.exceptions import NoSuchTenantError
from tenants.models import Membership, Tenant, User
from tenants.types import Actor


def open_tenant(*, user: User, slug: str) -> tuple[Actor, Tenant]:
    """Return who `user` is in the tenant of that slug, by one query; membership and role are read each time.

    A stranger, platform staff included, gets the `NoSuchTenantError` of a slug that nobody has.
    """
    membership = Membership.objects.live().filter(user_id=user.pk, tenant__slug=slug).select_related("tenant").first()
    if membership is None:
        raise NoSuchTenantError
    return Actor(type="user", id=user.pk, label=user.email, role=Role(membership.role)), membership.tenant
