"""Takes a stored file into a dataset: as a new document, or as the next version of the one that is called alike."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from pathlib import PurePath

from django.db import IntegrityError
from django.utils import timezone

from chatcms.core.db.locks import lent_name
from chatcms.core.errortext import ErrorText
from chatcms.jobs import services as job_services
from datasets import quota
from datasets.enums import Arrival, DocumentSource, DocumentState, JobKind, OnSameName
from datasets.exceptions import SameDocumentError
from datasets.ingestion.arrival import NAME_LENGTH
from datasets.ingestion.readers.registry import FileKind
from datasets.models import Dataset, Document
from datasets.services import removal
from datasets.storage import StoredFile
from tenants import audit
from tenants.context import current_tenant_id
from tenants.types import Actor

_ROOM_FOR_NUMBER = len(" (10000)")
_AUDITED = {DocumentSource.UPLOAD: "document.upload", DocumentSource.TEXT: "document.add_text"}


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is on the disk and belongs to no document yet; `name` is the document's, and can be shown."""

    name: str
    stored: StoredFile
    kind: FileKind
    source: DocumentSource = DocumentSource.UPLOAD


@dataclass(frozen=True, slots=True)
class TakenIn:
    """The document that a file became, and whether it is new."""

    document: Document
    arrival: Arrival


def take_in(new: NewFile, *, by: Actor, dataset: Dataset, on_same_name: OnSameName) -> TakenIn:
    """Make the file a document, or the next version of the newest one of its name, and queue it.

    The earlier version goes on answering until the new one is ready, and the document keeps its id. A file with the
    content that the document has already changes nothing, and is not kept. Raises `SameDocumentError` when a document
    of another name has that content, or a quota error.
    """
    try:
        # Two files of one name that arrive together would both find none before them.
        with lent_name(f"document {dataset.pk} {new.name.casefold()}"):
            earlier = _called(new.name, dataset)
            if earlier is not None and earlier.sha256 == new.stored.sha256:
                removal.remove_files([new.stored.key])
                return TakenIn(earlier, Arrival.UNCHANGED)
            if earlier is None:
                return TakenIn(_created(new, new.name, by, dataset), Arrival.CREATED)
            if on_same_name == OnSameName.KEEP_BOTH:
                return TakenIn(_created(new, _free_name(new.name, dataset), by, dataset), Arrival.CREATED)
            _replace(earlier, new, by)
            return TakenIn(earlier, Arrival.REPLACED)
    except IntegrityError:
        raise _same_document(dataset, new.stored.sha256) from None


def enqueue(document: Document, *, again: bool = False) -> None:
    """Queue the document's ingestion, in the caller's transaction; with `again` once more if it is under way."""
    job_services.enqueue(
        kind=JobKind.INGEST_DOCUMENT, target_id=document.pk, tenant_id=current_tenant_id(), again=again
    )


def _called(name: str, dataset: Dataset) -> Document | None:
    alike = Document.objects.select_for_update().filter(dataset=dataset, name__iexact=name, source__in=_AUDITED)
    return alike.order_by("-id").first()


def _created(new: NewFile, name: str, by: Actor, dataset: Dataset) -> Document:
    quota.check_document(new.stored.size_bytes)
    document = Document.objects.create(
        dataset=dataset,
        name=name,
        source=new.source,
        content_type=new.kind.content_type,
        size_bytes=new.stored.size_bytes,
        sha256=new.stored.sha256,
        storage_key=new.stored.key,
        uploaded_by=by.id,
    )
    audit.record(_AUDITED[new.source], by=by, target=document, size_bytes=new.stored.size_bytes)
    enqueue(document)
    return document


def _replace(document: Document, new: NewFile, by: Actor) -> None:
    """Put the file in the place of the document's, whose chunks stay until it is read."""
    quota.check_growth(new.stored.size_bytes - document.size_bytes)
    earlier_key = document.storage_key
    fields = {
        "source": new.source,
        "content_type": new.kind.content_type,
        "size_bytes": new.stored.size_bytes,
        "sha256": new.stored.sha256,
        "uploaded_by": by.id,
    }
    changed = audit.changes(audit.values_of(document, fields), fields)
    for name, value in fields.items():
        setattr(document, name, value)
    document.storage_key, document.state = new.stored.key, DocumentState.QUEUED
    document.progress_done = document.progress_total = 0
    document.error_code = document.error_detail = ""
    document.updated_at = timezone.now()
    document.save()
    removal.remove_files([earlier_key])
    audit.record("document.replace", by=by, target=document, fields=list(changed), changes=changed)
    enqueue(document, again=True)


def _free_name(name: str, dataset: Dataset) -> str:
    """Return "prices (2).pdf" for "prices.pdf", or with the next number that no document of the dataset has."""
    path = PurePath(name)
    marks = (f" ({number}){path.suffix}" for number in count(2))
    tried = (path.stem[: NAME_LENGTH - len(mark)] + mark for mark in marks)
    beginning = path.stem[: NAME_LENGTH - _ROOM_FOR_NUMBER - len(path.suffix)]
    alike = Document.objects.filter(dataset=dataset, name__istartswith=beginning).values_list("name", flat=True)
    taken = {one.casefold() for one in alike}
    return next(one for one in tried if one.casefold() not in taken)


def _same_document(dataset: Dataset, sha256: str) -> SameDocumentError:
    existing = Document.objects.filter(dataset=dataset, sha256=sha256).first()
    if existing is None:
        return SameDocumentError()
    return SameDocumentError(
        ErrorText("This file is in the dataset already, as “%(existing_name)s”.", existing_name=existing.name),
        document_id=str(existing.pk),
    )
