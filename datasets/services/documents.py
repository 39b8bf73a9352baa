"""Takes uploaded documents in, tries them again, and deletes them with all that was made from them."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.conf import settings
from django.db import IntegrityError, transaction
from django.template.defaultfilters import filesizeformat

from chatcms.core.text import storable
from chatcms.jobs import services as job_services
from datasets import indexing, storage
from datasets.enums import DocumentState, JobKind
from datasets.exceptions import (
    EmptyFileError,
    FileTooLargeError,
    NotFailedError,
    SameDocumentError,
    UnreadableFileError,
)
from datasets.ingestion.base import ReadError
from datasets.ingestion.readers.registry import HEAD_BYTES, FileKind, kind_of
from datasets.models import Dataset, Document
from datasets.services import quota, removal
from tenants import audit
from tenants.context import current_tenant_id
from tenants.types import Actor

NAME_LENGTH = 255


def upload_document(
    *, by: Actor, dataset: Dataset, name: str, file: storage.Upload, content_type: str = ""
) -> Document:
    """Store the file and queue its ingestion; return the document in state *queued*.

    What is in the file decides its type, not `content_type`. Document, job and audit line are committed together
    and the file is on the disk before; a refusal leaves nothing. Raises `FileTooLargeError`, `EmptyFileError`,
    `UnreadableFileError`, `SameDocumentError` (with `document_id`), or a quota error.
    """
    shown_name = clean_name(name)
    stored = _store(file)
    try:
        kind = _kind(shown_name, stored.head)
        return _take_in(by, dataset, shown_name, stored, kind)
    except BaseException:
        storage.delete(stored.key)
        raise


def retry_document(*, by: Actor, document: Document) -> Document:
    """Queue a failed document again; raise `NotFailedError` for any other."""
    with transaction.atomic():
        requeued = Document.objects.filter(pk=document.pk, state=DocumentState.FAILED).update(
            state=DocumentState.QUEUED, progress_done=0, progress_total=0, error_code="", error_detail=""
        )
        if not requeued:
            raise NotFailedError
        audit.record("document.retry", by=by, target=document)
        _enqueue(document)
    document.refresh_from_db()
    return document


def delete_document(*, by: Actor, document: Document) -> None:
    """Delete the document, its chunks, vectors, postings and file; the statistics forget it in the same moment."""
    with transaction.atomic():
        locked = Document.objects.select_for_update().filter(pk=document.pk).first()
        if locked is None:
            return
        indexing.remove_chunks(locked)
        removal.remove_files_of([locked])
        audit.record("document.delete", by=by, target=locked)
        locked.delete()


def clean_name(name: str) -> str:
    """Return the last part of a path as a browser may send it, storable and short enough."""
    last = PurePosixPath(storable(name).replace("\\", "/")).name.strip()
    shown = "".join(character for character in last if character.isprintable()) or "document"
    if len(shown) <= NAME_LENGTH:
        return shown
    suffix = PurePosixPath(shown).suffix[:20]
    return shown[: NAME_LENGTH - len(suffix)] + suffix


def _store(file: storage.Upload) -> storage.StoredFile:
    limit = settings.MAX_UPLOAD_BYTES
    key = storage.new_key(current_tenant_id())
    try:
        return storage.save(key, file, limit=limit, head_bytes=HEAD_BYTES)
    except storage.TooLargeError:
        raise FileTooLargeError(
            f"This file is larger than {filesizeformat(limit)}. Split it into smaller files.",
            limit_bytes=limit,
        ) from None


def _kind(name: str, head: bytes) -> FileKind:
    try:
        return kind_of(name, head)
    except ReadError as error:
        refusal = EmptyFileError if error.code == "empty" else UnreadableFileError
        raise refusal(error.detail) from None


def _take_in(by: Actor, dataset: Dataset, name: str, stored: storage.StoredFile, kind: FileKind) -> Document:
    try:
        with transaction.atomic():
            quota.check_document(stored.size_bytes)
            document = Document.objects.create(
                dataset=dataset,
                name=name,
                content_type=kind.content_type,
                size_bytes=stored.size_bytes,
                sha256=stored.sha256,
                storage_key=stored.key,
                uploaded_by=by.id,
            )
            audit.record("document.upload", by=by, target=document, size_bytes=stored.size_bytes)
            _enqueue(document)
    except IntegrityError:
        raise _same_document(dataset, stored.sha256) from None
    return document


def _same_document(dataset: Dataset, sha256: str) -> SameDocumentError:
    existing = Document.objects.filter(dataset=dataset, sha256=sha256).first()
    if existing is None:
        return SameDocumentError()
    return SameDocumentError(
        f"This file is in the dataset already, as “{existing.name}”.", document_id=str(existing.pk)
    )


def _enqueue(document: Document) -> None:
    job_services.enqueue(kind=JobKind.INGEST_DOCUMENT, target_id=document.pk, tenant_id=current_tenant_id())
