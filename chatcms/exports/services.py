"""Asks for exports of the tenant in force, finds them, and removes those that are a week old."""

from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from chatcms.exports import making
from chatcms.exports.enums import ExportState
from chatcms.exports.exceptions import ExportUnderWayError, NoSuchExportError
from chatcms.exports.models import TenantExport
from chatcms.jobs import services as job_services
from tenants import audit
from tenants.context import current_tenant_id
from tenants.each import for_each_tenant
from tenants.types import Actor

MAKE = "exports.make"
KEPT = timedelta(days=7)


def ask_for_export(*, by: Actor) -> TenantExport:
    """Queue an export of all that the tenant has; raise `ExportUnderWayError` while one is being made."""
    try:
        with transaction.atomic():
            export = TenantExport.objects.create(asked_by=by.id, asked_by_label=by.label)
            audit.record("export.create", by=by, target=export)
            job_services.enqueue(kind=MAKE, target_id=export.pk, tenant_id=current_tenant_id())
    except IntegrityError:
        raise ExportUnderWayError from None
    return export


def file_of(*, by: Actor, export_id: uuid.UUID) -> Path:
    """Return the file of an export that is ready, and note who takes it; raise `NoSuchExportError`."""
    export = TenantExport.objects.filter(pk=export_id, state=ExportState.READY).first()
    path = making.path_of(export_id)
    if export is None or not path.is_file():
        raise NoSuchExportError
    audit.record("export.download", by=by, target=export)
    return path


def remove_old(*, older_than: timedelta = KEPT) -> int:
    """Remove the exports of the tenant in force that are too old; return how many."""
    old = list(TenantExport.objects.filter(created_at__lt=timezone.now() - older_than))
    for export in old:
        making.remove(export)
    return len(old)


def remove_old_everywhere() -> None:
    """Remove old exports of every tenant that has a schema."""
    for_each_tenant(lambda _: remove_old(), task="exports.remove_old")
