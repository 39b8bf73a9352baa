"""Takes uploaded documents in, tries them again, renames them, and deletes them with all that was made from them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from chatcms.core.exceptions import InvalidInputError
from chatcms.core.text import storable
from chatcms.jobs import services as job_services
from chatcms.jobs.exceptions import JobTargetDoneError, JobTargetGoneError
from datasets import indexing, quota, storage
from datasets.enums import DocumentSource, DocumentState, JobKind
from datasets.exceptions import (
    EmptyFileError,
    FileTooLargeError,
    NotFailedError,
    SameDocumentError,
    UnreadableFileError,
)
from datasets.ingestion.arrival import NAME_LENGTH
from datasets.ingestion.base import ReadError
from datasets.ingestion.readers.registry import HEAD_BYTES, FileKind, kind_of
from datasets.models import Dataset, Document
from datasets.services import removal
from tenants import audit
from tenants.context import current_tenant_id
from tenants.types import Actor

# What is stored of one from the web may have changed where it came from; a file never changes.
_TRIED_AGAIN = Q(state=DocumentState.FAILED) | Q(state=DocumentState.READY, source=DocumentSource.URL)

_AUDITED = {DocumentSource.UPLOAD: "document.upload", DocumentSource.TEXT: "document.add_text"}


def upload_document(
    *, by: Actor, dataset: Dataset, name: str, file: storage.Upload, content_type: str = ""
) -> Document:
    """Store the file and queue its ingestion; return the document in state *queued*.

    What is in the file decides its type, not `content_type`. Document, job and audit line are committed together
    and the file is on the disk before; a refusal leaves nothing. Raises `FileTooLargeError`, `EmptyFileError`,
    `UnreadableFileError`, `SameDocumentError` (with `document_id`), or a quota error.
    """
    shown_name = clean_name(name)
    with stored(file) as kept:
        return take_in(by, dataset, shown_name, kept, _kind(shown_name, kept.head))


def retry_document(*, by: Actor, document: Document) -> Document:
    """Queue a failed document again, or fetch one from the web anew; raise `NotFailedError` for any other."""
    with transaction.atomic():
        if not _requeue(Document.objects.filter(_TRIED_AGAIN, pk=document.pk)):
            raise NotFailedError
        audit.record("document.retry", by=by, target=document)
        # The job that has just failed may not have ended yet, and looks at the document no more.
        enqueue(document, again=True)
    document.refresh_from_db()
    return document


def revive_document(document_id: uuid.UUID) -> None:
    """Put a document whose job is tried again back to its beginning.

    Raises `JobTargetGoneError` or `JobTargetDoneError`.
    """
    document = Document.objects.select_for_update().filter(pk=document_id).first()
    if document is None:
        raise JobTargetGoneError("This document has been deleted. There is nothing to try again.")
    if document.state == DocumentState.READY:
        raise JobTargetDoneError("This document is ready. There is nothing to try again.")
    _requeue(Document.objects.filter(pk=document_id))


def _requeue(documents: QuerySet[Document]) -> bool:
    return bool(
        documents.update(
            state=DocumentState.QUEUED,
            progress_done=0,
            progress_total=0,
            error_code="",
            error_detail="",
            updated_at=timezone.now(),
        )
    )


def rename_document(*, by: Actor, document: Document, name: str) -> Document:
    """Give the document another name; raise `InvalidInputError` when nothing of it can be shown."""
    shown = clean_title(name)
    if not shown:
        raise InvalidInputError("This name holds nothing that can be shown.", field="name")
    with transaction.atomic():
        changed = audit.changes({"name": document.name}, {"name": shown})
        document.name = shown
        document.save(update_fields=["name", "updated_at"])
        audit.record("document.update", by=by, target=document, fields=["name"], changes=changed)
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


def clean_title(name: str) -> str:
    """Return a name that a person or a page gave, on one line, storable and short enough; it may be empty."""
    shown = "".join(character if character.isprintable() else " " for character in storable(name))
    return " ".join(shown.split())[:NAME_LENGTH].strip()


@contextmanager
def stored(file: storage.Upload) -> Iterator[storage.StoredFile]:
    """Lend what the file has been stored as; it is removed if the block ends with an error."""
    limit = settings.MAX_UPLOAD_BYTES
    try:
        kept = storage.save(storage.new_key(current_tenant_id()), file, limit=limit, head_bytes=HEAD_BYTES)
    except storage.TooLargeError:
        raise FileTooLargeError(
            f"This file is larger than {filesizeformat(limit)}. Split it into smaller files.",
            limit_bytes=limit,
        ) from None
    try:
        yield kept
    except BaseException:
        storage.delete(kept.key)
        raise


def _kind(name: str, head: bytes) -> FileKind:
    try:
        return kind_of(name, head)
    except ReadError as error:
        refusal = EmptyFileError if error.code == "empty" else UnreadableFileError
        raise refusal(error.detail) from None


def take_in(
    by: Actor,
    dataset: Dataset,
    name: str,
    file: storage.StoredFile,
    kind: FileKind,
    *,
    source: DocumentSource = DocumentSource.UPLOAD,
) -> Document:
    """Make the document of a stored file and queue it; raise `SameDocumentError` or a quota error."""
    try:
        with transaction.atomic():
            quota.check_document(file.size_bytes)
            document = Document.objects.create(
                dataset=dataset,
                name=name,
                source=source,
                content_type=kind.content_type,
                size_bytes=file.size_bytes,
                sha256=file.sha256,
                storage_key=file.key,
                uploaded_by=by.id,
            )
            audit.record(_AUDITED[source], by=by, target=document, size_bytes=file.size_bytes)
            enqueue(document)
    except IntegrityError:
        raise _same_document(dataset, file.sha256) from None
    return document


def enqueue(document: Document, *, again: bool = False) -> None:
    """Queue the document's ingestion, in the caller's transaction; with `again` once more if it is under way."""
    job_services.enqueue(
        kind=JobKind.INGEST_DOCUMENT, target_id=document.pk, tenant_id=current_tenant_id(), again=again
    )


def _same_document(dataset: Dataset, sha256: str) -> SameDocumentError:
    existing = Document.objects.filter(dataset=dataset, sha256=sha256).first()
    if existing is None:
        return SameDocumentError()
    return SameDocumentError(
        f"This file is in the dataset already, as “{existing.name}”.", document_id=str(existing.pk)
    )
