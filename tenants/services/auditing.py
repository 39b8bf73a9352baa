"""Reads a tenant's audit log out, a page at a time: memory and database connection are held for a page only."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from tenants import audit
from tenants.context import TenantLike, in_tenant
from tenants.models import AuditEvent
from tenants.selectors import audit_lines
from tenants.types import Actor

PAGE = 500
# Details with what a tenant wrote, or looked for.
_OF_THE_TENANT = {"changes", "asked"}


def for_staff(line: AuditEvent) -> dict[str, Any]:
    """Return what a line tells the platform's staff, who see nothing of what a tenant wrote or looked for."""
    detail: dict[str, Any] = line.detail
    if line.tenant_id is None:
        return detail
    hidden = {name: sorted(detail[name]) for name in _OF_THE_TENANT & detail.keys() if isinstance(detail[name], dict)}
    return {**{name: value for name, value in detail.items() if name not in _OF_THE_TENANT}, **hidden}


def read_by_staff(*, by: Actor, line: AuditEvent) -> None:
    """Note in a tenant's log that one of the platform's staff looked at a line of it."""
    if line.tenant_id is not None:
        audit.record_reading("audit.read", by=by, target=line, label=line.action, tenant_id=line.tenant_id)


async def exported(
    *, tenant: TenantLike, where: dict[str, Any], encode: Callable[[Sequence[AuditEvent]], bytes]
) -> AsyncIterator[bytes]:
    """Yield the encoded lines that fit, the latest first; `where` is what `audit_lines` takes.

    Between two pages no connection is held, however slowly the reader reads. What is written meanwhile is left out.
    """
    before: uuid.UUID | None = None
    while page := await in_tenant(tenant, _page, tenant, where, before, encode):
        text, before = page
        yield text


def _page(
    tenant: TenantLike,
    where: dict[str, Any],
    before: uuid.UUID | None,
    encode: Callable[[Sequence[AuditEvent]], bytes],
) -> tuple[bytes, uuid.UUID] | None:
    lines = audit_lines(tenant_id=tenant.id, **where)
    page = list(lines.filter(pk__lt=before)[:PAGE] if before is not None else lines[:PAGE])
    return (encode(page), page[-1].pk) if page else None
