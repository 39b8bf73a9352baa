"""Makes the demonstration, once: what people rename or remove of it afterwards is never made again by itself."""

from __future__ import annotations

import secrets

from django.db import transaction

from chatcms.portal import content
from chatcms.portal.demo.credentials import Account
from chatcms.portal.demo.sample import add_sample
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant, User
from tenants.services import mailboxes, provisioning, seeding
from tenants.types import SYSTEM

_DEMO, _ADMIN_SEED, _TENANT_SEED, _OWNER_SEED, _CONTENT_SEED = SEEDS = (
    "demo",
    "demo:admin",
    "demo:tenant",
    "demo:owner",
    "demo:content",
)


def is_due() -> bool:
    """Whether an installation that starts is given the demonstration: it has begun, or nobody is here yet."""
    return seeding.is_made(_DEMO) or not (User.objects.exists() or Tenant.objects.exists())


def ensure_sign_ins() -> list[Account]:
    """Make what was never made of the platform's admin, the sample tenant and its owner; return the new sign-ins.

    The caller writes them down before anything else is done: nobody can be told a password twice.
    """
    seeding.remember(_DEMO)
    admin = seeding.once(_ADMIN_SEED, _make_admin)
    _ensure_tenant()
    owner = seeding.once(_OWNER_SEED, _make_owner)
    return [account for account in (admin, owner) if account]


def ensure_content() -> None:
    """Give the sample tenant its dataset, documents and bot, unless they were there once."""
    tenant = _tenant()
    if seeding.is_made(_CONTENT_SEED) or tenant is None:
        return
    with tenant_scope(tenant):
        add_sample(by=SYSTEM)
    seeding.remember(_CONTENT_SEED)


def start_over() -> None:
    """Let what is missing of the demonstration be made once more; what is there stays."""
    seeding.forget(SEEDS)


def reset_passwords() -> list[Account]:
    """Give those of the demonstration's two people who are still here new passwords, and return them."""
    accounts = []
    for purpose, email, path in (_ADMIN, _OWNER):
        user = User.objects.filter(email=email).first()
        if user is not None:
            accounts.append(_with_new_password(user, purpose, path))
    return accounts


_ADMIN = ("Platform admin", content.ADMIN_EMAIL, "/admin/")
_OWNER = ("Sample tenant", content.OWNER_EMAIL, f"/t/{content.TENANT_SLUG}/")


def _tenant() -> Tenant | None:
    return Tenant.objects.filter(slug=content.TENANT_SLUG).first()


def _ensure_tenant() -> None:
    """Make the sample tenant once; go on with one whose making was interrupted."""
    tenant = _tenant()
    if tenant is not None:
        provisioning.resume(tenant)
    elif not seeding.is_made(_TENANT_SEED):
        provisioning.create_tenant(by=SYSTEM, name=content.TENANT_NAME, slug=content.TENANT_SLUG)
    seeding.remember(_TENANT_SEED)


def _make_admin() -> Account | None:
    purpose, email, path = _ADMIN
    if User.objects.filter(email=email).exists():
        return None
    return _with_new_password(User.objects.create_superuser(email, name="Platform admin"), purpose, path)


def _make_owner() -> Account | None:
    purpose, email, path = _OWNER
    tenant = _tenant()
    if tenant is None:
        return None
    with transaction.atomic():
        user, created = User.objects.get_or_create(email=email, defaults={"name": "Sample owner"})
        Membership.objects.get_or_create(user=user, tenant=tenant, defaults={"role": Role.OWNER})
    return _with_new_password(user, purpose, path) if created else None


def _with_new_password(user: User, purpose: str, path: str) -> Account:
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.save(update_fields=["password"])
    mailboxes.vouch(by=SYSTEM, user=user)
    return Account(purpose, user.email, password, path)
