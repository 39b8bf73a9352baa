"""Shows how a document would be split, and splits all documents of a dataset anew."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import InvalidInputError
from chatcms.jobs import services as job_services
from datasets import embedding
from datasets.blocks import Piece, ReadError
from datasets.enums import DocumentState, JobKind
from datasets.files import stored_document
from datasets.ingestion import pipeline, reading
from datasets.ingestion.readers.registry import kind_of_type
from datasets.models import Chunk, Dataset, Document
from datasets.services import turns
from tenants import audit
from tenants.context import current_tenant_id
from tenants.types import Actor

FEWEST_TOKENS, MOST_TOKENS, MOST_OVERLAP = 50, 1000, 200
PREVIEWED = 12
# What has no file yet will be split by the new setting when it is fetched.
_SETTLED = (DocumentState.READY, DocumentState.FAILED)


@dataclass(frozen=True, slots=True)
class Preview:
    """How a text would be split: the first pieces, how many there would be, and how long they would be in tokens."""

    pieces: tuple[Piece, ...]
    count: int
    shortest: int
    longest: int


def check_split(chunk_tokens: int, chunk_overlap: int) -> None:
    """Raise `InvalidInputError` for sizes that no text can be split by."""
    if not FEWEST_TOKENS <= chunk_tokens <= MOST_TOKENS:
        raise InvalidInputError(
            ErrorText(
                "Use %(least)s to %(most)s tokens a chunk.",
                least=FEWEST_TOKENS,
                most=MOST_TOKENS,
            ),
            field="chunk_tokens",
        )
    if not 0 <= chunk_overlap <= min(MOST_OVERLAP, chunk_tokens // 2):
        raise InvalidInputError("Use at most half of a chunk, and at most 200 tokens.", field="chunk_overlap")


def preview_document(*, document: Document, chunk_tokens: int, chunk_overlap: int) -> Preview:
    """Return how the document would be split; nothing is changed. Blocks: it reads the file.

    Raises `InvalidInputError` for sizes that do not fit or a file that cannot be read, `NoStoredFileError`,
    `PreviewRunningError` and `PreviewsBusyError`.
    """
    check_split(chunk_tokens, chunk_overlap)
    stored = stored_document(document)
    kind = kind_of_type(stored.content_type)
    if kind is None:
        raise InvalidInputError("Files of this type cannot be read.")
    how = _how(document.dataset, chunk_tokens, chunk_overlap)
    try:
        with turns.taken(current_tenant_id()):
            return _preview(
                reading.split_file(stored.path, kind, how, origin=pipeline.origin_of(document), limits=reading.AT_ONCE)
            )
    except ReadError as error:
        raise InvalidInputError(error.detail) from None


def preview_text(*, dataset: Dataset, text: str, chunk_tokens: int, chunk_overlap: int) -> Preview:
    """Return how a text would be split; the dataset need not be saved yet. Raises what `preview_document` does."""
    check_split(chunk_tokens, chunk_overlap)
    how = _how(dataset, chunk_tokens, chunk_overlap)
    try:
        with turns.taken(current_tenant_id()):
            return _preview(reading.split_text(text, how, limits=reading.AT_ONCE))
    except ReadError as error:
        detail = "There is no text in this. Paste some." if error.code == "empty" else error.detail
        raise InvalidInputError(detail, field="text") from None


def resplit_dataset(*, by: Actor, dataset: Dataset, chunk_tokens: int, chunk_overlap: int) -> int:
    """Change how the dataset is split and queue its documents to be read again; return how many.

    Until each is done, its chunks of before go on answering. Edits of single chunks are lost then. Raises
    `InvalidInputError`.
    """
    check_split(chunk_tokens, chunk_overlap)
    sizes = {"chunk_tokens": chunk_tokens, "chunk_overlap": chunk_overlap}
    with transaction.atomic():
        told = audit.changes(audit.values_of(dataset, sizes), sizes)
        dataset.chunk_tokens, dataset.chunk_overlap = chunk_tokens, chunk_overlap
        dataset.save(update_fields=["chunk_tokens", "chunk_overlap", "updated_at"])
        documents = list(
            Document.objects.select_for_update()
            .filter(dataset=dataset, state__in=_SETTLED)
            .exclude(storage_key="")
            .values_list("pk", flat=True)
        )
        Document.objects.filter(pk__in=documents).update(
            state=DocumentState.QUEUED,
            progress_done=0,
            progress_total=0,
            error_code="",
            error_detail="",
            updated_at=timezone.now(),
        )
        job_services.enqueue_many(kind=JobKind.INGEST_DOCUMENT, target_ids=documents, tenant_id=current_tenant_id())
        count = len(documents)
        audit.record("dataset.resplit", by=by, target=dataset, documents=count, chunk_tokens=chunk_tokens, changes=told)
    return len(documents)


def edited_chunks(dataset: Dataset) -> int:
    """Return how many chunks were edited by hand, which reading the documents again would undo."""
    return Chunk.objects.filter(dataset=dataset, edited_at__isnull=False).count()


def _how(dataset: Dataset, chunk_tokens: int, chunk_overlap: int) -> reading.Split:
    return pipeline.split_of(embedding.max_tokens_of(dataset), size=chunk_tokens, overlap=chunk_overlap)


def _preview(parts: reading.Parts) -> Preview:
    lengths = [piece.tokens for piece in parts.pieces]
    return Preview(tuple(parts.pieces[:PREVIEWED]), len(lengths), min(lengths), max(lengths))
