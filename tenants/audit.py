"""Writes the audit log."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from chatcms.core.requestid import current_request_id
from chatcms.core.tenantdb import state
from tenants.models import AuditEvent
from tenants.types import Actor


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
