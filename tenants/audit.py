"""Writes the audit log."""

from __future__ import annotations

import uuid
from collections.abc import Container, Iterable, Mapping
from typing import Any

from django.core.cache import caches
from django.db.models import Model
from redis.exceptions import RedisError

from chatcms.core.db.tenantdb import state
from chatcms.core.http.requestid import current_request_id
from tenants.models import AuditEvent
from tenants.types import Actor

READING_SECONDS = 15 * 60
LONGEST_VALUE = 200
MOST_VALUES = 50
CHANGED = "changed"


def record(
    action: str,
    *,
    by: Actor,
    target: Any = None,
    label: str = "",
    tenant_id: uuid.UUID | None = None,
    **detail: Any,
) -> None:
    """Append one line in the caller's transaction, so that the act and its line stand or fall together.

    `action` is "<noun>.<verb>"; `detail` must be JSON-ready and must hold no secret. The tenant is the one
    in force unless `tenant_id` says otherwise. What staff do inside a tenant carries the grant that let them in.
    """
    place = tenant_id or state.current().tenant_id
    _line(action, place, by=by, target=target, label=label, detail=detail).save(force_insert=True)


def record_reading(
    action: str,
    *,
    by: Actor,
    target: Any = None,
    label: str = "",
    tenant_id: uuid.UUID | None = None,
    **detail: Any,
) -> None:
    """Append a line about somebody who reads, the first time in `READING_SECONDS` for that reader and thing.

    Opening a conversation is several requests, and a page is looked at again and again. While Redis cannot tell, each
    is a line. For what is handed out as a file use `record`: each file is a line.
    """
    # A grant is part of it: staff who are let in anew are on record anew.
    thing = target.pk if target is not None else label
    place = tenant_id or state.current().tenant_id
    key = f"audit:{place}:{action}:{by.type}:{by.id}:{by.grant.id if by.grant else ''}:{thing}"
    try:
        is_first = caches["global"].add(key, 1, timeout=READING_SECONDS)
    except (RedisError, OSError):
        is_first = True
    if is_first:
        record(action, by=by, target=target, label=label, tenant_id=place, **detail)


def changes(before: Mapping[str, Any], after: Mapping[str, Any], *, sized: Container[str] = ()) -> dict[str, list[Any]]:
    """Return the old and the new value of each field that differs, ready for a line; long texts are cut.

    Of the fields named in `sized` only the length is told: they hold knowledge, which is to be gone once it is
    deleted, and a line stays. What must not be read in a log does not belong in here: keys, passwords, secrets.
    """
    return {
        name: [_size(before.get(name)), _size(value)] if name in sized else [_plain(before.get(name)), _plain(value)]
        for name, value in sorted(after.items())
        if before.get(name) != value
    }


def values_of(row: Model, names: Iterable[str]) -> dict[str, Any]:
    """Return what a row has by these names now, to be compared by `changes` with what it has afterwards."""
    return {name: getattr(row, name) for name in names}


def stored(row: Model, names: Iterable[str]) -> dict[str, Any]:
    """Return what the database has of a row by these names; nothing of one that is not there yet."""
    found = type(row)._base_manager.filter(pk=row.pk).first()
    return values_of(found, names) if found is not None else {}


def unsaid(*names: str) -> dict[str, list[Any]]:
    """Return what a line says of secrets: that they changed, and not from what to what."""
    return {name: [None, CHANGED] for name in names}


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each) for each in list(value)[:MOST_VALUES]]
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _size(value: Any) -> str:
    if isinstance(value, list | tuple):
        return f"{sum(len(str(each)) for each in value)} characters in {len(value)}"
    return f"{len(str(value or ''))} characters"


def record_in(
    tenant_ids: Iterable[uuid.UUID | None],
    action: str,
    *,
    by: Actor,
    target: Any = None,
    label: str = "",
    **detail: Any,
) -> None:
    """Append the same line for several tenants, None being the platform, by one statement."""
    lines = [_line(action, place, by=by, target=target, label=label, detail=detail) for place in tenant_ids]
    AuditEvent.objects.bulk_create(lines)


def _line(
    action: str, tenant_id: uuid.UUID | None, *, by: Actor, target: Any, label: str, detail: dict[str, Any]
) -> AuditEvent:
    return AuditEvent(
        tenant_id=tenant_id,
        action=action,
        actor_type=by.type,
        actor_id=by.id,
        actor_label=by.label,
        target_type=target._meta.model_name if target is not None else "",
        target_id=str(target.pk) if target is not None else "",
        target_label=(label or (str(target) if target is not None else ""))[:255],
        detail=detail,
        grant_id=by.grant.id if by.grant else None,
        request_id=current_request_id(),
    )
