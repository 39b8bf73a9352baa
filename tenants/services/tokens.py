"""Issues, checks and renews the tokens of people who use the API."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Exists
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from tenants import audit, context
from tenants.enums import Role
from tenants.exceptions import CredentialError, NoSuchTenantError, TenantChoiceNeededError
from tenants.models import Membership, RefreshToken, Tenant, User
from tenants.services import devices, entry, sign_in
from tenants.services.factors import demands
from tenants.types import Actor

ACCESS_LIFETIME = cast(timedelta, settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"])
REFRESH_LIFETIME = cast(timedelta, settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"])
REUSE_GRACE = timedelta(seconds=10)
PLATFORM = "platform"


class AccessToken(Token):
    """Lets its bearer act in one tenant for some minutes."""

    token_type = "access"  # noqa: S105 - a kind, not a secret
    lifetime = ACCESS_LIFETIME


class RenewalToken(Token):
    """Good once, for a new pair; names a row of `refresh_tokens`, which decides."""

    token_type = "refresh"  # noqa: S105 - a kind, not a secret
    lifetime = REFRESH_LIFETIME


@dataclass(frozen=True, slots=True)
class TokenPair:
    """What a sign-in or a renewal answers; `expires_in` is the access token's life in seconds.

    The platform's staff have neither tenant nor role. Only a sign-in with a password has a `device_token`.
    """

    access: str
    refresh: str
    expires_in: int
    tenant: Tenant | None = None
    role: Role | None = None
    device_token: str = ""


def issue(
    *,
    email: str,
    password: str,
    otp: str = "",
    tenant_slug: str | None = None,
    address: str = "",
    device_token: str = "",
) -> TokenPair:
    """Sign a person in to one tenant, starting a new family of refresh tokens.

    Raises `CredentialError` for a wrong e-mail address, password or tenant, `TenantChoiceNeededError` when
    the person has several tenants (then in `tenants`) and named none, `TooManyAttemptsError` after too many failures,
    `SecondFactorRequiredError` and `WrongSecondFactorError` when the person has a second factor, and
    `SecondFactorDemandedError` when the tenant asks for one and the person has none. A member whose tenant cannot be
    entered now is told why, by the errors of `entry.check_open`.
    Platform staff need a membership like everyone else.
    """
    user = sign_in.authenticate(email=email, password=password, otp=otp, address=address, device_token=device_token)
    memberships = Membership.objects.in_force().filter(user=user).select_related("tenant", "user")
    if tenant_slug is not None:
        memberships = memberships.filter(tenant__slug=tenant_slug)
    all_found = [one for one in memberships.order_by("tenant__name") if context.is_shown(one.tenant_id)]
    found = [one for one in all_found if one.tenant.is_enterable]
    if not found:
        for closed in all_found:
            entry.check_open(closed.tenant)
        raise CredentialError
    if len(found) > 1:
        raise TenantChoiceNeededError(tenants=[{"slug": one.tenant.slug, "name": one.tenant.name} for one in found])
    return _known_from_now_on(start(found[0]), user)


def issue_to_staff(*, email: str, password: str, otp: str = "", address: str = "", device_token: str = "") -> TokenPair:
    """Sign a member of the platform's staff in to the platform, and to no tenant.

    Raises `CredentialError`, also for people who are no staff, and the others of `issue`.
    """
    user = sign_in.authenticate(email=email, password=password, otp=otp, address=address, device_token=device_token)
    if not user.is_staff:
        raise CredentialError("The e-mail address or the password is wrong.")
    demands.check_staff(user=user)
    return _known_from_now_on(_pair(user, None, _new_family(user, None)), user)


def start(membership: Membership) -> TokenPair:
    """Begin a new family of tokens for a member, who has proved to be the one; user and tenant come with the row.

    Raises `SecondFactorDemandedError`.
    """
    demands.check_member(user=membership.user, tenant=membership.tenant)
    return _pair(membership.user, membership, _new_family(membership.user, membership.tenant_id))


def start_again(*, user: User, tenant: Tenant | None) -> TokenPair:
    """Begin a new family where a person was signed in before their password changed: in a tenant, or as staff.

    The device token of before ended with the password: there is a new one. Raises `CredentialError` when they may
    not be there any more, and `SecondFactorDemandedError`.
    """
    if tenant is None:
        if not (user.is_staff and user.is_active):
            raise CredentialError
        demands.check_staff(user=user)
        return _known_from_now_on(_pair(user, None, _new_family(user, None)), user)
    membership = _live_membership(user_id=user.pk, tenant=tenant)
    if membership is None:
        raise CredentialError
    return _known_from_now_on(start(membership), user)


def switch(*, by: Actor, tenant_slug: str) -> TokenPair:
    """Sign a person who is signed in already in to another tenant of theirs; the first sign-in stays good.

    Raises `NoSuchTenantError` for a tenant that is not theirs or cannot be entered now, and
    `SecondFactorDemandedError`.
    """
    membership = _live_membership(user_id=by.id, tenant__slug=tenant_slug)
    if membership is None:
        raise NoSuchTenantError
    return start(membership)


def end(token: str) -> None:
    """End the sign-in that an access or a refresh token belongs to, with all its tokens; twice changes nothing.

    Raises `CredentialError` for what is no token of ours, or is one no more.
    """
    try:
        claims = _claims(AccessToken, token)
    except CredentialError:
        claims = _claims(RenewalToken, token)
    with transaction.atomic():
        family = RefreshToken.objects.filter(family_id=claims.family_id, revoked_at__isnull=True)
        if family.update(revoked_at=timezone.now()):
            user = User.objects.get(pk=claims.user_id)
            by = Actor(type="user", id=user.pk, label=user.email)
            audit.record("user.sign_out", by=by, target=user, tenant_id=claims.tenant_id)


def authenticate(token: str) -> tuple[Actor, Tenant | None]:
    """Return the person and tenant of an access token, by one query; raise `CredentialError` otherwise."""
    return bearer(token)()


def bearer(token: str) -> Callable[[], tuple[Actor, Tenant | None]]:
    """Return the question who the bearer of an access token is, which can be asked again after the token has expired.

    The platform's staff have no tenant.

    Signature, algorithm, issuer, audience, type and expiry come from the token; that the person is still a
    member, with which role, and that the sign-in was not revoked, comes from the database each time. A member of a
    tenant that cannot be entered now is told why, by the errors of `entry.check_open`.
    """
    return partial(_bearer_of, _claims(AccessToken, token))


def _bearer_of(claims: _Claims) -> tuple[Actor, Tenant | None]:
    if claims.tenant_id is None:
        staff = _staff(claims)
        return Actor(type="staff", id=staff.pk, label=staff.email), None
    membership = (
        Membership.objects.in_force()
        .filter(~_revoked(claims.family_id), user_id=claims.user_id, tenant_id=claims.tenant_id)
        .filter(user__sign_in_epoch=claims.epoch)
        .select_related("tenant", "user")
        .first()
    )
    if membership is None:
        raise CredentialError
    entry.check_open(membership.tenant)
    return _actor(membership), membership.tenant


def rotate(refresh: str) -> TokenPair:
    """Consume a refresh token and return a new pair of the same family.

    Within `REUSE_GRACE` of its use a token answers with the same successor again, so that parallel or
    repeated requests of one client leave one chain. Used later than that, it has been stolen, or its
    successor has: the whole family is revoked, access tokens included. `SecondFactorDemandedError` as in `issue`.
    """
    claims = _claims(RenewalToken, refresh)
    context.check_shown(claims.tenant_id)
    membership = None
    if claims.tenant_id is not None:
        # Before the token is consumed: it is still good when the tenant opens again.
        membership = _live_membership(user_id=claims.user_id, tenant_id=claims.tenant_id)
        if membership is None:
            raise CredentialError
    successor = _consume(claims) or _successor_within_grace(claims)
    if successor is None or not User.objects.filter(pk=claims.user_id, sign_in_epoch=claims.epoch).exists():
        raise CredentialError
    if membership is None:
        user = _staff(claims)
        demands.check_staff(user=user)
        return _pair(user, None, successor)
    demands.check_member(user=membership.user, tenant=membership.tenant)
    return _pair(membership.user, membership, successor)


@dataclass(frozen=True, slots=True)
class _Claims:
    token_id: uuid.UUID
    epoch: int
    family_id: uuid.UUID
    user_id: uuid.UUID
    tenant_id: uuid.UUID | None


def _claims(kind: type[Token], text: str) -> _Claims:
    try:
        token = kind(text)  # type: ignore[arg-type]  # simplejwt annotates the text as a Token
        tenant = token.get("tid")
        token_id, family_id, user_id = (uuid.UUID(token[name]) for name in ("jti", "sid", "sub"))
        # Tokens from before there were epochs are of the first.
        epoch = int(token.get("epoch", 0))
        claims = _Claims(token_id, epoch, family_id, user_id, uuid.UUID(tenant) if tenant else None)
        audience = token["aud"]
    except (TokenError, KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # The header of a token is JSON that nobody has signed, and may be nested as deep as it is long.
        raise CredentialError from error
    if audience != _audience(claims.tenant_id):
        raise CredentialError
    return claims


def _consume(claims: _Claims) -> RefreshToken | None:
    now = timezone.now()
    successor = RefreshToken(
        family_id=claims.family_id,
        user_id=claims.user_id,
        tenant_id=claims.tenant_id,
        expires_at=now + REFRESH_LIFETIME,
    )
    with transaction.atomic():
        # One statement decides which of many parallel renewals is the one.
        consumed = RefreshToken.objects.filter(
            pk=claims.token_id, consumed_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now
        ).update(consumed_at=now, replaced_by=successor.pk)
        if not consumed:
            return None
        successor.save(force_insert=True)
    return successor


def _successor_within_grace(claims: _Claims) -> RefreshToken | None:
    used = RefreshToken.objects.filter(pk=claims.token_id, consumed_at__isnull=False).first()
    if used is None or used.consumed_at is None or used.replaced_by is None or used.revoked_at is not None:
        return None
    if timezone.now() - used.consumed_at > REUSE_GRACE:
        RefreshToken.objects.filter(family_id=used.family_id, revoked_at__isnull=True).update(revoked_at=timezone.now())
        return None
    successors = RefreshToken.objects.filter(consumed_at__isnull=True, revoked_at__isnull=True)
    return successors.filter(pk=used.replaced_by).first()


def _revoked(family_id: uuid.UUID) -> Exists:
    return Exists(RefreshToken.objects.filter(family_id=family_id, revoked_at__isnull=False))


def _staff(claims: _Claims) -> User:
    """Return the member of staff whose sign-in it is, who still is one."""
    staff = User.objects.filter(~_revoked(claims.family_id), pk=claims.user_id, is_active=True, is_staff=True)
    staff = staff.filter(sign_in_epoch=claims.epoch)
    user = staff.first()
    if user is None:
        raise CredentialError
    return user


def _live_membership(**wanted: Any) -> Membership | None:
    """Return a membership that lets in now; raise one of `entry.check_open` when only its tenant does not."""
    membership = Membership.objects.in_force().filter(**wanted).select_related("tenant", "user").first()
    if membership is not None:
        entry.check_open(membership.tenant)
    return membership


def _new_family(user: User, tenant_id: uuid.UUID | None) -> RefreshToken:
    now = timezone.now()
    with transaction.atomic():
        # A link for a new password that was mailed before is good no more.
        User.objects.filter(pk=user.pk).update(last_login=now)
        user.last_login = now
        row = RefreshToken.objects.create(user=user, tenant_id=tenant_id, expires_at=now + REFRESH_LIFETIME)
        by = Actor(type="user" if tenant_id else "staff", id=user.pk, label=user.email)
        audit.record("user.sign_in", by=by, target=user, tenant_id=tenant_id)
    return row


def _pair(user: User, membership: Membership | None, row: RefreshToken) -> TokenPair:
    tenant = membership.tenant if membership else None
    access = _signed(AccessToken, user, tenant, row.family_id, uuid.uuid4())
    refresh = _signed(RenewalToken, user, tenant, row.family_id, row.pk)
    role = Role(membership.role) if membership else None
    return TokenPair(access, refresh, int(ACCESS_LIFETIME.total_seconds()), tenant, role)


def _known_from_now_on(pair: TokenPair, user: User) -> TokenPair:
    return replace(pair, device_token=devices.token_for(user))


def _signed(kind: type[Token], user: User, tenant: Tenant | None, family_id: uuid.UUID, token_id: uuid.UUID) -> str:
    token = kind()
    token["jti"] = str(token_id)
    token["sid"] = str(family_id)
    token["sub"] = str(user.pk)
    token["epoch"] = user.sign_in_epoch
    if tenant is not None:
        token["tid"] = str(tenant.pk)
    token["aud"] = _audience(tenant.pk if tenant else None)
    return str(token)


def _audience(tenant_id: uuid.UUID | None) -> str:
    return f"tenant:{tenant_id}" if tenant_id else PLATFORM


def _actor(membership: Membership) -> Actor:
    user = membership.user
    return Actor(type="user", id=user.id, label=user.email, role=Role(membership.role))
