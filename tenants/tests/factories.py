"""Makes tenants, people and credentials for tests."""

from __future__ import annotations

from collections.abc import Iterable

import pyotp
from django.utils import timezone

from tenants.enums import Role, Scope
from tenants.models import ApiKey, Membership, SecondFactor, Tenant, User
from tenants.services import api_keys, provisioning, tokens
from tenants.services.factors import totp
from tenants.types import SYSTEM, Actor

# None that the schema gives as an example: whoever tries those must not change it.
PASSWORD = "seven pines and a lantern"
EVERY_SCOPE = tuple(Scope)


def make_tenant(slug: str, *, name: str = "") -> Tenant:
    """A tenant with a whole schema."""
    return provisioning.create_tenant(by=SYSTEM, name=name or slug.title(), slug=slug)


def make_user(email: str, *, password: str = PASSWORD, **fields: object) -> User:
    """A person who belongs to no tenant yet, whose mailbox has answered."""
    fields.setdefault("email_proven_at", timezone.now())
    return User.objects.create_user(email, password, **fields)


def make_member(tenant: Tenant, email: str = "", *, role: Role = Role.OWNER) -> Membership:
    """A person with `role` in the tenant; `<role>@<slug>.example` unless named."""
    email = email or f"{role}@{tenant.slug}.example"
    user = User.objects.filter(email=email).first() or make_user(email)
    return Membership.objects.create(user=user, tenant=tenant, role=role)


def make_api_key(tenant: Tenant, *, scopes: Iterable[Scope] = EVERY_SCOPE) -> tuple[ApiKey, str]:
    """A key of the tenant and its plain text."""
    return api_keys.create_api_key(by=SYSTEM, tenant=tenant, name="Test key", scopes=scopes)


def make_token_pair(membership: Membership, *, password: str = PASSWORD) -> tokens.TokenPair:
    """What signing in answers."""
    return tokens.issue(
        email=membership.user.email,
        password=password,
        tenant_slug=membership.tenant.slug,
        address="192.0.2.1",
    )


def actor_of(membership: Membership) -> Actor:
    """The member as services want it."""
    user = membership.user
    return Actor(type="user", id=user.id, label=user.email, role=Role(membership.role))


def bearer(credential: str) -> dict[str, str]:
    """Headers that carry the credential."""
    return {"Authorization": f"Bearer {credential}"}


def add_app(user: User) -> pyotp.TOTP:
    """An authenticator app of the person, whose present code is not used yet."""
    actor = Actor(type="user", id=user.pk, label=user.email)
    secret = totp.begin(by=actor, user=user).secret
    app = pyotp.TOTP(secret)
    totp.confirm(by=actor, user=user, code=app.now())
    SecondFactor.objects.filter(user=user).update(last_counter=0)
    return app
