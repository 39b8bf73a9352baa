"""Takes uploaded documents in, tries them again, renames them, and deletes them with all that was made from them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError
from chatcms.core.text.safety import normalized, storable
from chatcms.jobs.exceptions import JobTargetDoneError, JobTargetGoneError
from datasets import indexing, storage
from datasets.blocks import ReadError
from datasets.enums import DocumentSource, DocumentState, OnSameName
from datasets.exceptions import (
    EmptyFileError,
    FileTooLargeError,
    NotFailedError,
    UnreadableFileError,
)
from datasets.ingestion import pipeline
from datasets.ingestion.arrival import NAME_LENGTH
from datasets.ingestion.readers import estimating
from datasets.ingestion.readers.registry import HEAD_BYTES, FileKind, kind_of
from datasets.models import Dataset, Document
from datasets.services import removal
from datasets.services.taking_in import NewFile, TakenIn, enqueue, take_in
from tenants import audit
from tenants.context import current_tenant_id
from tenants.types import Actor

# What is stored of one from the web may have changed where it came from; a file never changes.
_TRIED_AGAIN = Q(state=DocumentState.FAILED) | Q(state=DocumentState.READY, source=DocumentSource.URL)


def upload_document(
    *,
    by: Actor,
    dataset: Dataset,
    name: str,
    file: storage.Upload,
    content_type: str = "",
    on_same_name: OnSameName = OnSameName.REPLACE,
) -> TakenIn:
    """Store the file and queue its ingestion; return the document, in state *queued* unless it was here as it is.

    A file that is called as one of the dataset is its next version, unless both are to be kept. What is in the file
    decides its type, not `content_type`. Document, job and audit line are committed together
    and the file is on the disk before; a refusal leaves nothing. Raises `FileTooLargeError`, `EmptyFileError`,
    `UnreadableFileError`, `SameDocumentError` (with `document_id`), or a quota error.
    """
    shown_name = clean_name(name)
    with stored(file) as kept:
        new = NewFile(shown_name, kept, _kind(shown_name, kept))
        refuse_too_long(new, dataset, field="file")
        return take_in(new, by=by, dataset=dataset, on_same_name=on_same_name)


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
    last = PurePosixPath(_composed(name).replace("\\", "/")).name.strip()
    shown = "".join(character for character in last if character.isprintable()) or "document"
    if len(shown) <= NAME_LENGTH:
        return shown
    suffix = PurePosixPath(shown).suffix[:20]
    return shown[: NAME_LENGTH - len(suffix)] + suffix


def clean_title(name: str) -> str:
    """Return a name that a person or a page gave, on one line, storable and short enough; it may be empty."""
    shown = "".join(character if character.isprintable() else " " for character in _composed(name))
    return " ".join(shown.split())[:NAME_LENGTH].strip()


def _composed(name: str) -> str:
    """Return a name by which the same file is known again: some systems send letters and their accents apart."""
    return normalized("NFC", storable(name))


@contextmanager
def stored(file: storage.Upload) -> Iterator[storage.StoredFile]:
    """Lend what the file has been stored as; it is removed if the block ends with an error."""
    limit = settings.MAX_UPLOAD_BYTES
    try:
        kept = storage.save(storage.new_key(current_tenant_id()), file, limit=limit, head_bytes=HEAD_BYTES)
    except storage.TooLargeError:
        raise FileTooLargeError(
            ErrorText("This file is larger than %(limit)s. Split it into smaller files.", limit=filesizeformat(limit)),
            limit_bytes=limit,
        ) from None
    try:
        yield kept
    except BaseException:
        storage.delete(kept.key)
        raise


def refuse_too_long(new: NewFile, dataset: Dataset, *, field: str) -> None:
    """Raise `FileTooLargeError` for a text that surely gives more chunks than a document may have."""
    path = storage.path_of(new.stored.key)
    if estimating.fewest_pieces_of_file(path, new.kind, size=dataset.chunk_tokens) > pipeline.MAX_CHUNKS:
        raise FileTooLargeError(
            ErrorText(
                "This text is too long: it would give far more than %(max_chunks)s chunks, the limit of "
                "one document. Split it into smaller files.",
                max_chunks=f"{pipeline.MAX_CHUNKS:,}",
            ),
            field=field,
            limit_chunks=pipeline.MAX_CHUNKS,
        )


def _kind(name: str, file: storage.StoredFile) -> FileKind:
    try:
        return kind_of(name, file.head, storage.path_of(file.key))
    except ReadError as error:
        refusal = EmptyFileError if error.code == "empty" else UnreadableFileError
        raise refusal(error.detail) from None
