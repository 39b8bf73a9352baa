"""Makes the demonstration tenant, once; run again it mends what is missing and changes nothing else."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from django.db import transaction

from chatcms.portal import content
from chatcms.portal.demo.sample import add_sample
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant, User
from tenants.services import provisioning
from tenants.types import SYSTEM


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-in that was made just now; the password is known only here."""

    purpose: str
    email: str
    password: str
    path: str


def ensure_sign_ins() -> list[Account]:
    """Make the platform's admin, the sample tenant and its owner where missing; return the new sign-ins.

    The caller writes them down before anything else is done: nobody can be told a password twice.
    """
    accounts = []
    if admin := _ensure_admin():
        accounts.append(admin)
    if owner := _ensure_owner(_ensure_tenant()):
        accounts.append(owner)
    return accounts


def ensure_content() -> None:
    """Give the sample tenant its dataset, documents and bot where they are missing."""
    with tenant_scope(Tenant.objects.get(slug=content.TENANT_SLUG)):
        add_sample(by=SYSTEM)


def reset_passwords() -> list[Account]:
    """Give the demonstration's two people new passwords and return them."""
    accounts = []
    for purpose, email, path in (_ADMIN, _OWNER):
        user = User.objects.get(email=email)
        accounts.append(_with_new_password(user, purpose, path))
    return accounts


_ADMIN = ("Platform admin", content.ADMIN_EMAIL, "/admin/")
_OWNER = ("Sample tenant", content.OWNER_EMAIL, f"/t/{content.TENANT_SLUG}/")


def _ensure_tenant() -> Tenant:
    tenant = Tenant.objects.filter(slug=content.TENANT_SLUG).first()
    if tenant is None:
        return provisioning.create_tenant(by=SYSTEM, name=content.TENANT_NAME, slug=content.TENANT_SLUG)
    return provisioning.resume(tenant)


def _ensure_admin() -> Account | None:
    purpose, email, path = _ADMIN
    if User.objects.filter(email=email).exists():
        return None
    return _with_new_password(User.objects.create_superuser(email, name="Platform admin"), purpose, path)


def _ensure_owner(tenant: Tenant) -> Account | None:
    purpose, email, path = _OWNER
    with transaction.atomic():
        user, created = User.objects.get_or_create(email=email, defaults={"name": "Sample owner"})
        Membership.objects.get_or_create(user=user, tenant=tenant, defaults={"role": Role.OWNER})
    return _with_new_password(user, purpose, path) if created else None


def _with_new_password(user: User, purpose: str, path: str) -> Account:
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    return Account(purpose, user.email, password, path)
