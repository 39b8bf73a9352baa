"""Says who belongs to which tenant and with which role."""

from __future__ import annotations

from django.db import transaction

from tenants import audit
from tenants.enums import Role
from tenants.models import Membership, Tenant, User
from tenants.services import tokens
from tenants.types import Actor


def add_member(*, by: Actor, tenant: Tenant, email: str, role: Role, name: str = "") -> Membership:
    """Make the person of `email` a member, or give a member that role.

    An unknown person gets an account that nobody can sign in to until a password is set.
    """
    with transaction.atomic():
        user = User.objects.filter(email=email.strip().lower()).first()
        if user is None:
            user = User.objects.create_user(email, name=name)
        membership, created = Membership.objects.get_or_create(user=user, tenant=tenant, defaults={"role": role})
        if created:
            audit.record("member.add", by=by, target=user, tenant_id=tenant.id, role=role)
        else:
            change_role(by=by, membership=membership, role=role)
    return membership


def change_role(*, by: Actor, membership: Membership, role: Role) -> None:
    """Give a member another role, from the next request on."""
    if membership.role == role and membership.is_active:
        return
    with transaction.atomic():
        membership.role, membership.is_active = role, True
        membership.save(update_fields=["role", "is_active", "updated_at"])
        audit.record("member.change_role", by=by, target=membership.user, tenant_id=membership.tenant_id, role=role)


def remove_member(*, by: Actor, membership: Membership) -> None:
    """Shut a person out of a tenant, from the next request on; their other tenants stay open to them."""
    with transaction.atomic():
        membership.is_active = False
        membership.save(update_fields=["is_active", "updated_at"])
        tokens.revoke_families_of(user_id=membership.user_id, tenant_id=membership.tenant_id)
        audit.record("member.remove", by=by, target=membership.user, tenant_id=membership.tenant_id)


def set_password(*, by: Actor, user: User, password: str) -> None:
    """Give a person a new password; their sign-ins to the API and their portal sessions end with it."""
    with transaction.atomic():
        user.set_password(password)
        user.save(update_fields=["password", "updated_at"])
        tokens.revoke_families_of(user_id=user.pk)
        audit.record("user.set_password", by=by, target=user)
