"""Opens a tenant's portal to its members, and to the platform's staff while a grant lets them in."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef

from chatcms.core.errortext import ErrorText
from tenants.enums import Role
from tenants.exceptions import NoSuchTenantError, SecondFactorDemandedError
from tenants.models import Membership, SecondFactor, Tenant, User
from tenants.services import entry, grants
from tenants.services.factors import demands
from tenants.types import Actor, Grant


def open_tenant(*, user: User, slug: str) -> tuple[Actor, Tenant]:
    """Return who `user` is in the tenant of that slug, by one query; membership and role are read each time.

    A stranger gets the `NoSuchTenantError` of a slug that nobody has; so do platform staff without a grant in force.
    A member of a tenant that cannot be entered now is told why, by the errors of `entry.check_open`.
    Raises `SecondFactorDemandedError` where one is asked for that the person does not have. The tenant comes with its
    settings and its plan.
    """
    factors = SecondFactor.objects.confirmed().filter(user_id=OuterRef("user_id"))
    members = Membership.objects.in_force().filter(user_id=user.pk, tenant__slug=slug)
    found: Any = members.select_related("tenant__settings", "tenant__plan").annotate(has_factor=Exists(factors)).first()
    if found is None:
        return _visit(user, slug)
    entry.check_open(found.tenant)
    asks = getattr(found.tenant, "settings", None)
    if asks is not None and asks.require_second_factor and not found.has_factor:
        raise SecondFactorDemandedError(
            ErrorText("%(tenant_name)s asks its members for a second factor.", tenant_name=found.tenant.name)
        )
    return Actor(type="user", id=user.pk, label=user.email, role=Role(found.role)), found.tenant


def _visit(user: User, slug: str) -> tuple[Actor, Tenant]:
    grant = grants.in_force(user=user, slug=slug) if user.is_staff else None
    if grant is None or grant.ends_at is None:
        raise NoSuchTenantError
    demands.check_staff(user=user)
    leave = Grant(id=grant.pk, ends_at=grant.ends_at)
    return Actor(type="staff", id=user.pk, label=user.email, role=Role(grant.role), grant=leave), grant.tenant
