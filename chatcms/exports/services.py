"""Asks for exports of the tenant in force, finds them, and removes those that are a week old."""

from __future__ import annotations

import uuid
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.conversations.services.erasure import Erased
from chatcms.exports import making
from chatcms.exports.enums import ExportState
from chatcms.exports.exceptions import ExportUnderWayError, NoSuchExportError
from chatcms.exports.models import TenantExport
from chatcms.jobs import services as job_services
from tenants import audit
from tenants.context import current_tenant_id
from tenants.each import for_each_tenant
from tenants.types import SYSTEM, Actor

MAKE = "exports.make"
KEPT = timedelta(days=7)
KEPT_BY_AGE = timedelta(days=1)


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


def forget_erased(erased: Erased) -> None:
    """Remove the exports of the tenant in force that may hold what has been erased, in the caller's transaction.

    What somebody erases goes at once. What goes by its age stays in an export for a day, or a tenant that keeps
    conversations for a time only could take none away.
    """
    newest = timezone.now() - KEPT_BY_AGE if erased.by_age else timezone.now()
    # One that is being made is locked, too: whoever finishes it sees the erasure and makes it anew.
    locked = TenantExport.objects.select_for_update().filter(created_at__lte=newest)
    stale = [one for one in locked if one.state != ExportState.QUEUED and one.updated_at >= erased.began_at]
    for export in stale:
        audit.record("export.expire", by=SYSTEM, target=export, because="conversations were erased")
        path = making.path_of(export.pk)
        transaction.on_commit(partial(path.unlink, missing_ok=True), robust=True)
        export.delete()


def remove_old(*, older_than: timedelta = KEPT) -> int:
    """Remove the exports of the tenant in force that are too old; return how many."""
    old = list(TenantExport.objects.filter(created_at__lt=timezone.now() - older_than))
    for export in old:
        making.remove(export)
    return len(old)


def remove_old_everywhere() -> None:
    """Remove old exports of every tenant that has a schema."""
    for_each_tenant(lambda _: remove_old(), task="exports.remove_old")
