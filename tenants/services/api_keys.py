"""Makes, checks and revokes API keys."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import string
import uuid
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from chatcms.core.db.compiled import CompiledQuery
from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError
from tenants import audit
from tenants.enums import Limit, Scope
from tenants.exceptions import CredentialError, KeyRevokedError
from tenants.models import ApiKey, Tenant
from tenants.services import entry, key_limits
from tenants.types import Actor

BRAND = "cms_"
KIND = "live_"
_CHANGEABLE = ("name", "scopes", "expires_at", *Limit)
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


class KeyChanges(TypedDict, total=False):
    """What may be changed of a key; what is absent stays."""

    name: str
    scopes: list[Scope]
    expires_at: datetime | None
    bot_ids: list[uuid.UUID] | None
    dataset_ids: list[uuid.UUID] | None


def create_api_key(
    *,
    by: Actor,
    tenant: Tenant,
    name: str,
    scopes: Iterable[Scope],
    expires_at: datetime | None = None,
    bot_ids: Iterable[uuid.UUID] | None = None,
    dataset_ids: Iterable[uuid.UUID] | None = None,
) -> tuple[ApiKey, str]:
    """Save a key and return it with its plain text, which is known only now.

    The text is `cms_live_`, 12 characters by which it is found, 32 random ones (190 bits) and a CRC32 of all
    before it, so that a mistyped key is refused without a query and a secret scanner can tell a real one.
    A key makes only keys that may do no more than itself (`KeyAboveYoursError`); an end that has passed, ids that
    are not the tenant's, and limits on scopes that are about the whole tenant are refused (`InvalidInputError`).
    """
    wanted = frozenset(scopes)
    _check_end(expires_at)
    key_limits.check_may_give(by, scopes=wanted, expires_at=expires_at)
    bots = key_limits.allowed(Limit.BOTS, bot_ids, by=by, tenant=tenant)
    datasets = key_limits.allowed(Limit.DATASETS, dataset_ids, by=by, tenant=tenant)
    key_limits.check_limitable(scopes=wanted, bot_ids=bots, dataset_ids=datasets)
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
            bot_ids=bots,
            dataset_ids=datasets,
            created_by_id=key_limits.answerable(by),
            expires_at=expires_at,
        )
        audit.record("api_key.create", by=by, target=key, tenant_id=tenant.id, scopes=key.scopes, **_shown_limits(key))
    return key, plain


def change_api_key(*, by: Actor, key: ApiKey, **changes: Unpack[KeyChanges]) -> ApiKey:
    """Change a key's name, scopes, end or limits from the next request on, and return it as it is now.

    Raises `KeyRevokedError`, and as `create_api_key` does.
    """
    with transaction.atomic():
        row = ApiKey.objects.select_for_update(of=("self",)).select_related("tenant").get(pk=key.pk)
        if row.revoked_at is not None:
            raise KeyRevokedError
        key_limits.check_may_change(by, row)
        before = audit.values_of(row, _CHANGEABLE)
        row.name = changes.get("name", row.name)
        row.scopes = sorted(set(changes.get("scopes", row.scopes)))
        if "expires_at" in changes:
            _check_end(changes["expires_at"])
            row.expires_at = changes["expires_at"]
        if changes.keys() & {"scopes", "expires_at"}:
            key_limits.check_may_give(by, scopes=[Scope(scope) for scope in row.scopes], expires_at=row.expires_at)
        if "bot_ids" in changes:
            row.bot_ids = key_limits.allowed(Limit.BOTS, changes["bot_ids"], by=by, tenant=row.tenant)
        if "dataset_ids" in changes:
            row.dataset_ids = key_limits.allowed(Limit.DATASETS, changes["dataset_ids"], by=by, tenant=row.tenant)
        if changes.keys() & {"scopes", *Limit}:
            scopes = [Scope(scope) for scope in row.scopes]
            key_limits.check_limitable(scopes=scopes, bot_ids=row.bot_ids, dataset_ids=row.dataset_ids)
        row.save()
        told = audit.changes(before, audit.values_of(row, _CHANGEABLE))
        detail = {"changed": sorted(changes), "scopes": row.scopes, **_shown_limits(row)}
        audit.record("api_key.update", by=by, target=row, tenant_id=row.tenant_id, changes=told, **detail)
    return row


def authenticate(credential: str) -> tuple[Actor, Tenant]:
    """Return who `credential` stands for and its tenant, by one query; raise `CredentialError` otherwise.

    An unknown, a revoked and an expired key get the same answer. One of a tenant that cannot be entered now is told
    why, by the errors of `entry.check_open`.
    """
    well_formed = _WELL_FORMED.match(credential)
    if well_formed is None or _checksum(credential[:-_CHECKSUM_LENGTH]) != well_formed["checksum"]:
        raise CredentialError
    key = _BY_PREFIX.one(prefix=well_formed["prefix"])
    if key is None or not hmac.compare_digest(key.key_hash, _hash(credential)):
        raise CredentialError
    if not key.is_live:
        raise CredentialError
    entry.check_open(key.tenant)
    _note_use(key)
    bot_ids, dataset_ids = key_limits.effective(key)
    actor = Actor(
        type="api_key",
        id=key.id,
        label=str(key),
        scopes=frozenset(Scope(scope) for scope in key.scopes),
        bot_ids=bot_ids,
        dataset_ids=dataset_ids,
    )
    return actor, key.tenant


def revoke_api_key(*, by: Actor, key: ApiKey) -> None:
    """Make `key` worthless from the next request on; revoking twice changes nothing."""
    with transaction.atomic():
        revoked = ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=timezone.now())
        if revoked:
            audit.record("api_key.revoke", by=by, target=key, tenant_id=key.tenant_id)


def _shown_limits(key: ApiKey) -> dict[str, Any]:
    return {limit: [str(each) for each in ids] for limit in Limit if (ids := getattr(key, limit)) is not None}


def _check_end(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= timezone.now():
        complaint = ErrorText("`expires_at` has passed already.")
        errors = [{"pointer": "/expires_at", "detail": complaint, "code": "past"}]
        raise InvalidInputError(complaint, errors=errors)


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
