"""Remembers when a backup was last shown to be good."""

from __future__ import annotations

from datetime import datetime

from tenants import audit
from tenants.models import AuditEvent
from tenants.types import Actor

_ACTION = "platform.verify_backup"


def note_verified(*, by: Actor, note: str = "") -> None:
    """Put on record that a backup was restored somewhere and found whole."""
    audit.record(_ACTION, by=by, note=note[:500])


def last_verified_at() -> datetime | None:
    """Return when that was last, None for never."""
    lines = AuditEvent.objects.filter(tenant_id__isnull=True, action=_ACTION).order_by("-id")
    return lines.values_list("at", flat=True).first()
