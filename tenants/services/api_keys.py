"""Makes, checks and revokes API keys."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from chatcms.core.compiled import CompiledQuery
from chatcms.core.exceptions import InvalidInputError, PermissionDeniedError
from tenants import audit
from tenants.enums import Scope
from tenants.exceptions import CredentialError
from tenants.models import ApiKey, Tenant
from tenants.types import Actor

BRAND = "cms_"
KIND = "live_"
LAST_USED_EVERY = timedelta(minutes=1)

_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LOOKUP_LENGTH, _SECRET_LENGTH, _CHECKSUM_LENGTH = 12, 32, 6
_WELL_FORMED = re.compile(
    rf"\A(?P<prefix>{BRAND}{KIND}[0-9A-Za-z]{{{_LOOKUP_LENGTH}}})[0-9A-Za-z]{{{_SECRET_LENGTH}}}"
    rf"(?P<checksum>[0-9A-Za-z]{{{_CHECKSUM_LENGTH}}})\Z"
)
# Every call by a program begins with this one.
_BY_PREFIX = CompiledQuery(
    lambda prefix: ApiKey.objects.filter(prefix=prefix).select_related("tenant__plan").order_by(), prefix="any prefix"
)


def create_api_key(
    *,
    by: Actor,
    tenant: Tenant,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Save a key and return it with its plain text, which is known only now.

    The text is `cms_live_`, 12 characters by which it is found, 32 random ones (190 bits) and a CRC32 of all
    before it, so that a mistyped key is refused without a query and a secret scanner can tell a real one.
    A key makes only keys that may do no more than itself (`PermissionDeniedError`); an end that has passed is
    refused (`InvalidInputError`).
    """
    wanted = frozenset(scopes)
    if by.type == "api_key" and not wanted <= by.scopes:
        raise PermissionDeniedError("A key can give another key only scopes that it has itself.")
    if expires_at is not None and expires_at <= timezone.now():
        raise InvalidInputError("`expires_at` has passed already.", field="expires_at")
    prefix = BRAND + KIND + _random(_LOOKUP_LENGTH)
    body = prefix + _random(_SECRET_LENGTH)
    plain = body + _checksum(body)
    with transaction.atomic():
        key = ApiKey.objects.create(
            tenant=tenant,
            name=name,
            prefix=prefix,
            key_hash=_hash(plain),
            last_four=plain[-4:],
            scopes=sorted(wanted),
            created_by_id=by.id if by.type in {"user", "staff"} else None,
            expires_at=expires_at,
        )
        audit.record("api_key.create", by=by, target=key, tenant_id=tenant.id, scopes=key.scopes)
    return key, plain


def authenticate(credential: str) -> tuple[Actor, Tenant]:
    """Return who `credential` stands for and its tenant, by one query; raise `CredentialError` otherwise.

    An unknown, revoked or expired key and one of a tenant that may not be entered get the same answer.
    """
    well_formed = _WELL_FORMED.match(credential)
    if well_formed is None or _checksum(credential[:-_CHECKSUM_LENGTH]) != well_formed["checksum"]:
        raise CredentialError
    key = _BY_PREFIX.one(prefix=well_formed["prefix"])
    if key is None or not hmac.compare_digest(key.key_hash, _hash(credential)):
        raise CredentialError
    if not key.is_live or not key.tenant.is_enterable:
        raise CredentialError
    _note_use(key)
    actor = Actor(type="api_key", id=key.id, label=str(key), scopes=frozenset(Scope(scope) for scope in key.scopes))
    return actor, key.tenant


def revoke_api_key(*, by: Actor, key: ApiKey) -> None:
    """Make `key` worthless from the next request on; revoking twice changes nothing."""
    with transaction.atomic():
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
        if revoked:
            audit.record("api_key.revoke", by=by, target=key, tenant_id=key.tenant_id)


def _note_use(key: ApiKey) -> None:
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at >= LAST_USED_EVERY:
        ApiKey.objects.filter(pk=key.pk, last_used_at=key.last_used_at).update(last_used_at=now)


def _hash(plain: str) -> str:
    # 190 random bits need no slow hash: there is no dictionary to try.
    return hashlib.sha256(plain.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    digits = []
    for _ in range(_CHECKSUM_LENGTH):
        number, rest = divmod(number, len(_ALPHABET))
        digits.append(_ALPHABET[rest])
    return "".join(reversed(digits))
