"""Makes the file of an export: a zip of JSON Lines, one for each table, and documents and logo as uploaded."""

from __future__ import annotations

import logging
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chatcms.core.exceptions import AppError
from chatcms.core.text.decimals import jsonable
from chatcms.exports import contents
from chatcms.exports.enums import ExportState
from chatcms.exports.exceptions import ErasedMeanwhileError, ExportUnderWayError
from chatcms.exports.models import TenantExport
from chatcms.jobs.exceptions import JobTargetDoneError, JobTargetGoneError
from datasets.files import stored_document
from datasets.models import Document
from tenants.context import current_tenant_id
from tenants.models import AuditEvent, TenantLogo

logger = logging.getLogger(__name__)

FOLDER = "exports"
# How often an export is made anew because something is erased meanwhile, before the job is tried again later.
MOST_TIMES = 3
ERASING = ("conversation.delete", "bot.delete")


def path_of(export_id: uuid.UUID) -> Path:
    """Return where the file of an export of the tenant in force is."""
    return _folder() / f"{export_id}.zip"


def make(export_id: uuid.UUID) -> None:
    """The job: write the file and mark the export as ready; a second run writes it anew."""
    export = TenantExport.objects.filter(pk=export_id, state=ExportState.QUEUED).first()
    if export is None:
        return
    path = path_of(export.pk)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    for _ in range(MOST_TIMES):
        erasures = _erasures()
        _write_file(path)
        if _is_settled(export_id, erasures, path):
            return
    raise ErasedMeanwhileError


def _write_file(path: Path) -> None:
    unfinished = path.with_suffix(".part")
    try:
        with ZipFile(unfinished, "w", ZIP_DEFLATED) as archive:
            for name, rows in contents.tables(current_tenant_id()):
                _write(archive, f"{name}.jsonl", rows)
            _add_files(archive)
            _add_logo(archive)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _is_settled(export_id: uuid.UUID, erasures: int, path: Path) -> bool:
    """Mark the export as ready; False when something was erased since it was begun, so that its file is removed."""
    with transaction.atomic():
        list(TenantExport.objects.select_for_update().filter(pk=export_id))
        if _erasures() == erasures:
            _settle(export_id, ExportState.READY, size_bytes=path.stat().st_size)
            return True
    path.unlink()
    return False


def _erasures() -> int:
    return AuditEvent.objects.filter(tenant_id=current_tenant_id(), action__in=ERASING).count()


def give_up(export_id: uuid.UUID, reason: str) -> None:
    """Mark the export as failed."""
    logger.warning("Export %s was given up: %s", export_id, reason)
    _settle(export_id, ExportState.FAILED, size_bytes=0)


def revive(export_id: uuid.UUID) -> None:
    """Mark an export whose job is tried again as waiting.

    Raises `JobTargetGoneError`, `JobTargetDoneError`, or `ExportUnderWayError` while another one is being made.
    """
    export = TenantExport.objects.select_for_update().filter(pk=export_id).first()
    if export is None:
        raise JobTargetGoneError("This export has been removed. Exports are kept for seven days.")
    if export.state == ExportState.READY:
        raise JobTargetDoneError("This export is ready. There is nothing to try again.")
    try:
        with transaction.atomic():
            TenantExport.objects.filter(pk=export_id).update(state=ExportState.QUEUED, updated_at=timezone.now())
    except IntegrityError:
        raise ExportUnderWayError from None


def remove(export: TenantExport) -> None:
    """Delete an export with its file."""
    path_of(export.pk).unlink(missing_ok=True)
    export.delete()


def remove_files_of(tenant: object) -> None:
    """Delete all files of the tenant in force."""
    shutil.rmtree(_folder(), ignore_errors=True)


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER / str(current_tenant_id())


def _write(archive: ZipFile, name: str, rows: Callable[[], Iterator[contents.Row]]) -> None:
    with archive.open(name, "w", force_zip64=True) as file:
        for row in rows():
            file.write(orjson.dumps(row, default=jsonable, option=orjson.OPT_APPEND_NEWLINE))


def _add_files(archive: ZipFile) -> None:
    for document in Document.objects.exclude(storage_key="").order_by("pk").iterator(chunk_size=100):
        try:
            stored = stored_document(document)
        except AppError:
            continue  # the row says that there was one
        archive.write(stored.path, f"files/{document.pk}/{stored.file_name}")


def _add_logo(archive: ZipFile) -> None:
    logo = TenantLogo.objects.filter(tenant_id=current_tenant_id()).first()
    if logo is not None:
        archive.writestr(f"logo/{logo.name}", logo.content)


def _settle(export_id: uuid.UUID, state: ExportState, *, size_bytes: int) -> None:
    queued = TenantExport.objects.filter(pk=export_id, state=ExportState.QUEUED)
    queued.update(state=state, size_bytes=size_bytes, updated_at=timezone.now())
