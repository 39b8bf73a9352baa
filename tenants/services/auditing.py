"""Reads a tenant's audit log out, a page at a time: memory and database connection are held for a page only."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from tenants.context import TenantLike, in_tenant
from tenants.models import AuditEvent
from tenants.selectors import audit_lines

PAGE = 500


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
