"""Takes in documents that come from an address or are written here, instead of being uploaded."""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from chatcms.core.errortext import ErrorText
from chatcms.core.text.safety import storable
from datasets import quota
from datasets.enums import DocumentSource, OnSameName
from datasets.exceptions import EmptyFileError, SameAddressError
from datasets.ingestion import fetching
from datasets.ingestion.arrival import NAME_LENGTH
from datasets.ingestion.readers.registry import KINDS
from datasets.models import Dataset, Document
from datasets.services import documents
from datasets.services.taking_in import NewFile, TakenIn, enqueue, take_in
from tenants import audit
from tenants.types import Actor

_LONGEST_HEADING = 80


def add_url(*, by: Actor, dataset: Dataset, url: str, name: str = "") -> Document:
    """Queue what is at `url` to be fetched and ingested; return the new document, in state *queued*.

    Without a name it gets that of the page once it is fetched. Raises `EgressRefusedError` for an address that
    may not be fetched, `SameAddressError` (with `document_id`), or a quota error.
    """
    url = fetching.checked_url(url)
    _refuse_known(dataset, url)
    try:
        with transaction.atomic():
            quota.check_document(0)
            document = Document.objects.create(
                dataset=dataset,
                name=documents.clean_title(name) or url[:NAME_LENGTH],
                source=DocumentSource.URL,
                source_url=url,
                content_type="",
                size_bytes=0,
                sha256=fetching.mark_of(url),
                storage_key="",
                uploaded_by=by.id,
            )
            audit.record("document.add_url", by=by, target=document, url=url)
            enqueue(document)
    except IntegrityError:
        raise SameAddressError from None
    return document


def add_text(
    *, by: Actor, dataset: Dataset, text: str, name: str = "", on_same_name: OnSameName = OnSameName.REPLACE
) -> TakenIn:
    """Store `text`, Markdown unless its name ends with .txt, and queue it, as `upload_document` does with a file.

    One without a name is called by its first line, and never replaces another.

    Raises `EmptyFileError`, `FileTooLargeError`, `SameDocumentError` (with `document_id`), or a quota error.
    """
    text = storable(text)
    if not text.strip():
        raise EmptyFileError("There is no text in this. Write some.")
    given = documents.clean_title(name)
    shown = given or _heading(text)
    kind = KINDS["txt" if shown.lower().endswith(".txt") else "md"]
    with documents.stored(ContentFile(text.encode())) as file:
        new = NewFile(shown, file, kind, DocumentSource.TEXT)
        documents.refuse_too_long(new, dataset, field="text")
        return take_in(new, by=by, dataset=dataset, on_same_name=on_same_name if given else OnSameName.KEEP_BOTH)


def _refuse_known(dataset: Dataset, url: str) -> None:
    existing = Document.objects.filter(dataset=dataset, source=DocumentSource.URL, source_url=url).first()
    if existing is not None:
        raise SameAddressError(
            ErrorText(
                "This address is in the dataset already, as “%(existing_name)s”. Try that one again to fetch it anew.",
                existing_name=existing.name,
            ),
            document_id=str(existing.pk),
        )


def _heading(text: str) -> str:
    """Return the beginning of the first line that says something, as a name."""
    first = next(line for line in text.splitlines() if line.strip())
    return documents.clean_title(first.strip("#*=- \t"))[:_LONGEST_HEADING].strip() or "Text"
