"""Proves who a visitor is, by what the tenant's own server has signed with the tenant's identity secret."""

from __future__ import annotations

import hmac
import time
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import jwt

from chat.models import VISITOR_REF_LENGTH
from chat.visitors.exceptions import IdentityInvalidError
from chatcms.core.errortext import ErrorText
from tenants.context import TenantLike
from tenants.services.settings import identity_secret_of

ALGORITHM = "HS256"
LONGEST_LIFE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class HashedIdentity:
    """A user id of the tenant's, and the hexadecimal HMAC-SHA256 of it."""

    user_id: str
    hash: str


@dataclass(frozen=True, slots=True)
class IdentityToken:
    """A JWT (HS256) whose `sub` is a user id of the tenant's and which lives for at most `LONGEST_LIFE`."""

    text: str


Identity = HashedIdentity | IdentityToken


def proved_ref(*, tenant: TenantLike, identity: Identity | None) -> str:
    """Return the tenant's own id of the visitor, "" for one who claims none. One query for one who does.

    Raises `IdentityInvalidError` when the claim is not signed with the tenant's secret, or is too old.
    """
    if identity is None:
        return ""
    secret = identity_secret_of(tenant)
    if not secret:
        raise IdentityInvalidError("This tenant has no identity secret, so nobody can vouch for visitors.")
    ref = _hashed(identity, secret) if isinstance(identity, HashedIdentity) else _from_token(identity, secret)
    if not 0 < len(ref) <= VISITOR_REF_LENGTH or "\x00" in ref or not _is_encodable(ref):
        raise IdentityInvalidError(
            ErrorText("The user id must have 1 to %(most)s characters.", most=VISITOR_REF_LENGTH)
        )
    return ref


def _hashed(identity: HashedIdentity, secret: str) -> str:
    expected = hmac.digest(secret.encode(), identity.user_id.encode("utf-8", "replace"), "sha256").hex()
    if not hmac.compare_digest(expected.encode(), identity.hash.lower().encode("utf-8", "replace")):
        raise IdentityInvalidError
    return identity.user_id


def _from_token(identity: IdentityToken, secret: str) -> str:
    try:
        claims: dict[str, Any] = jwt.decode(
            identity.text,
            secret,
            algorithms=[ALGORITHM],
            options={"require": ["sub", "exp"], "verify_aud": False},
        )
    except jwt.ExpiredSignatureError:
        raise IdentityInvalidError("The identity token has expired. Let the tenant's server sign a new one.") from None
    except (jwt.InvalidTokenError, ValueError, OverflowError):
        raise IdentityInvalidError from None
    if int(claims["exp"]) > time.time() + LONGEST_LIFE.total_seconds():
        raise IdentityInvalidError("The identity token lives for too long: 24 hours at most.")
    return str(claims["sub"])


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
