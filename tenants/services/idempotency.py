"""Carries a request out once, however often it is sent with the same `Idempotency-Key`."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection
from django.utils import timezone

from chatcms.core.db import sealing
from chatcms.core.exceptions import IdempotencyInFlightError, IdempotencyKeyReusedError, InvalidIdempotencyKeyError
from tenants.models import IdempotentRequest
from tenants.types import Actor

KEPT_FOR = timedelta(hours=24)

_PURPOSE = "idempotent reply"
_KEY = re.compile(r"[\x21-\x7e]{1,256}")
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request with a key: `key_hash` finds it again, `fingerprint` tells whether it is still the same."""

    key_hash: str
    fingerprint: str
    tenant_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it went over the wire."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


def asked(*, by: Actor, tenant_id: uuid.UUID | None, key: str, route: str, address: Iterable[str], data: Any) -> Asked:
    """Describe a request of `by`: its key, the route it took, and its method, path, query and body.

    The body counts as it was understood, not as it was written: order of members and the boundary between parts
    may differ, a file counts by its content. Raises `InvalidIdempotencyKeyError`.
    """
    if not _KEY.fullmatch(key):
        raise InvalidIdempotencyKeyError
    body = json.dumps(data, sort_keys=True, default=_digest)
    return Asked(_sha256(str(tenant_id), by.type, str(by.id), route, key), _sha256(*address, body), tenant_id)


def lock(asked: Asked) -> None:
    """Let nobody else carry out a request with this key until the transaction ends.

    Raises `IdempotencyInFlightError` when somebody does so now.
    """
    number = int.from_bytes(bytes.fromhex(asked.key_hash[:16]), signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        if not cursor.fetchone()[0]:
            raise IdempotencyInFlightError


def earlier_reply(asked: Asked) -> Reply | None:
    """Return the answer that the same request got before, None when it is the first; call it in a transaction.

    Until that transaction ends nobody else carries out a request with this key. Raises `IdempotencyInFlightError`
    when somebody does so now, and `IdempotencyKeyReusedError` when the key came with another request.
    """
    lock(asked)
    since = timezone.now() - KEPT_FOR
    kept = IdempotentRequest.objects.filter(pk=asked.key_hash, created_at__gt=since).first()
    if kept is None:
        return None
    if kept.fingerprint != asked.fingerprint:
        raise IdempotencyKeyReusedError
    body = sealing.decrypt(kept.body, purpose=_PURPOSE, context=kept.key_hash)
    return Reply(kept.status, kept.headers, body.encode("latin-1"))


def keep(asked: Asked, reply: Reply) -> None:
    """Keep the answer, in the transaction of what was done, so that either both are there or neither."""
    # Encrypted: the answer may show a secret that is shown once. Latin-1 gives every byte a character.
    body = sealing.encrypt(reply.body.decode("latin-1"), purpose=_PURPOSE, context=asked.key_hash)
    IdempotentRequest.objects.update_or_create(
        key_hash=asked.key_hash,
        defaults={
            "tenant_id": asked.tenant_id,
            "fingerprint": asked.fingerprint,
            "status": reply.status,
            "headers": reply.headers,
            "body": body,
            "created_at": timezone.now(),
        },
    )


def forget_expired() -> int:
    """Delete the answers older than `KEPT_FOR`; return how many."""
    return IdempotentRequest.objects.filter(created_at__lte=timezone.now() - KEPT_FOR).delete()[0]


def forget_tenant(tenant_id: uuid.UUID) -> None:
    """Delete the answers that went to callers of a tenant."""
    IdempotentRequest.objects.filter(tenant_id=tenant_id).delete()


def forget_mentions(tenant_id: uuid.UUID, ids: Collection[uuid.UUID]) -> None:
    """Delete the answers to callers of a tenant that name one of these things; they may tell what was in them.

    Which ones do is in no column: what is kept of the tenant, of a day at most, is opened and searched.
    """
    wanted = {str(one) for one in ids}
    kept = IdempotentRequest.objects.filter(tenant_id=tenant_id).only("key_hash", "body", "headers")
    naming = [row.pk for row in kept.iterator(chunk_size=100) if not wanted.isdisjoint(_named_in(row))]
    IdempotentRequest.objects.filter(pk__in=naming).delete()


def _named_in(row: IdempotentRequest) -> set[str]:
    body = sealing.decrypt(row.body, purpose=_PURPOSE, context=row.key_hash)
    return set(_ID.findall(body)) | set(_ID.findall(json.dumps(row.headers)))


def _digest(value: Any) -> Any:
    if not isinstance(value, UploadedFile):
        return str(value)
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return {"file": value.name, "type": value.content_type, "sha256": digest.hexdigest()}


def _sha256(*parts: str) -> str:
    return hashlib.sha256("\n".join(json.dumps(part) for part in parts).encode()).hexdigest()
