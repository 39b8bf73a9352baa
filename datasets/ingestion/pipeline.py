"""Turns a document into chunks that can be searched: fetch if it is from the web, read, split, embed, write.

Safe to run twice, at once or after a crash: what a run found is thrown away unless the document is still there
and nobody else brought it further, which is checked under its lock in the one transaction that writes.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chatcms.jobs.enums import Queue
from chatcms.jobs.exceptions import YieldError
from chatcms.jobs.selectors import others_wait
from datasets import embedding, events, indexing, languages, notices, storage, vector_index
from datasets.analysis import heading_and_text
from datasets.blocks import SECTION_SEPARATOR, Origin, Piece, ReadError
from datasets.enums import DocumentSource, DocumentState
from datasets.ingestion import arrival, pairs, slices, tokens
from datasets.ingestion.progress import DocumentGoneError, Reporter
from datasets.ingestion.readers.charsets import charset_in
from datasets.ingestion.readers.registry import kind_of_type
from datasets.ingestion.reading import Parts, Split, split_file
from datasets.ingestion.slices import Slices
from datasets.models import Dataset, Document
from datasets.types import EmbeddingModel, Vector
from tenants.context import current_tenant_id

# What a slow machine embeds in half an hour; a few thousand pages.
MAX_CHUNKS = 20_000
LARGEST_CHUNK = 2000
_MARKS = 2
_ROOM_FOR_HEADINGS = 16


def ingest(document_id: uuid.UUID) -> None:
    """The job: bring the document to *ready*, or to *failed* when the file itself is at fault.

    Returns when that is recorded or the document is gone; raises when another attempt may help (a model or
    the database is away). Holds no transaction while it reads or embeds.
    """
    document = Document.objects.select_related("dataset").filter(pk=document_id).first()
    if document is None or document.state in {DocumentState.READY, DocumentState.FAILED}:
        return
    try:
        _ingest(document)
    except ReadError as error:
        slices.forget(document.storage_key)
        fail(document_id, error.detail, code=error.code, file=document.storage_key)
    except DocumentGoneError:
        slices.forget(document.storage_key)


def give_up(document_id: uuid.UUID, reason: str) -> None:
    """Record on the document that no attempt is left."""
    fail(document_id, reason, code="gave_up")


def fail(document_id: uuid.UUID, detail: str, *, code: str, file: str | None = None) -> None:
    """Mark the document as failed, unless it is ready or has failed already; chunks of an earlier version stay.

    With `file` nothing happens when the document has another one by now, of which this is not true.
    """
    with transaction.atomic():
        settled = [DocumentState.READY, DocumentState.FAILED]
        locked = Document.objects.select_for_update().filter(pk=document_id).exclude(state__in=settled).first()
        if locked is not None and file is not None and locked.storage_key != file:
            return
        if locked is None:
            return
        locked.state, locked.error_code, locked.error_detail = DocumentState.FAILED, code, detail
        locked.save(update_fields=["state", "error_code", "error_detail", "updated_at"])
        events.tell_failed(locked)


def _ingest(document: Document) -> None:
    if document.source == DocumentSource.QA:
        pairs.ingest_pairs(document)
        return
    dataset = document.dataset
    room = embedding.max_tokens_of(dataset)
    report = Reporter(document)
    if not arrival.fetch_if_due(document, report):
        return
    parts = _read(document, split_of(room, size=dataset.chunk_tokens, overlap=dataset.chunk_overlap), report)
    language, pieces = _language(dataset, parts.sample), parts.pieces
    model = embedding.model_of(dataset, language=language)
    report.enter(DocumentState.EMBEDDING, total=len(pieces))
    vectors = _embed(model, pieces, report, Slices(document.storage_key, model, pieces))
    chunks = [_chunk(piece, vector) for piece, vector in zip(pieces, vectors, strict=True)]
    if _write(document, chunks, model, language, parts):
        vector_index.ensure(model.model_id, dims=len(vectors[0]))
    slices.forget(document.storage_key)


def _read(document: Document, how: Split, report: Reporter) -> Parts:
    report.enter(DocumentState.READING)
    kind = kind_of_type(document.content_type)
    path = storage.path_of(document.storage_key)
    if kind is None or not path.is_file():
        raise ReadError("file_missing", "The stored file is gone. Delete the document and upload it again.")
    return split_file(
        path,
        kind,
        how,
        progress=report.progress,
        when_read=lambda: report.enter(DocumentState.SPLITTING),
        meanwhile=report.look,
        origin=origin_of(document),
    )


def origin_of(document: Document) -> Origin:
    """Return what is known of where the document's file is from, and which language it is probably in."""
    return Origin(charset_in(document.content_type), document.source_url, _expected_language(document.dataset))


def _expected_language(dataset: Dataset) -> str:
    if dataset.language in languages.LANGUAGES:
        return dataset.language
    return max(dataset.languages, key=lambda one: dataset.languages[one], default="")


def _language(dataset: Dataset, sample: str) -> str:
    if dataset.language in languages.LANGUAGES:
        return dataset.language
    return languages.detect(sample, fallback=_expected_language(dataset) or languages.ENGLISH)


def split_of(room: int | None, *, size: int, overlap: int) -> Split:
    """Say how a text is split: at most `size` tokens a piece, and no more than the model has `room` for."""
    if room is not None:
        size = min(size, room - _MARKS - _ROOM_FOR_HEADINGS)
    return Split(tokens.tokenizer_file(), size, overlap, MAX_CHUNKS)


def _embed(model: EmbeddingModel, pieces: Sequence[Piece], report: Reporter, done: Slices) -> list[Vector]:
    """Return a vector for each piece; after a slice raise `YieldError` if other tenants wait, to go on from there."""
    vectors = list(done.kept())
    begun = time.monotonic()
    slice_ends = begun + settings.JOB_SLICE_SECONDS
    while len(vectors) < len(pieces):
        batch = pieces[len(vectors) : len(vectors) + embedding.PASSAGES_AT_ONCE]
        vectors += embedding.embed_passages(model, [_meaning(model, piece) for piece in batch])
        report.progress(len(vectors), len(pieces))
        if time.monotonic() >= slice_ends and len(vectors) < len(pieces):
            done.keep(vectors)
            if others_wait(current_tenant_id(), queue=Queue.DEFAULT) or _is_half_over(begun):
                raise YieldError
            slice_ends = time.monotonic() + settings.JOB_SLICE_SECONDS
    return vectors


def _is_half_over(begun: float) -> bool:
    """Say whether half of a job's time is used up: a long document takes several jobs' time, and is no runaway."""
    return time.monotonic() - begun > settings.JOB_TIME_LIMIT_SECONDS / 2


def _meaning(model: EmbeddingModel, piece: Piece) -> str:
    return embedded_text(model, section=_section(piece), text=piece.text, size=piece.tokens)


def embedded_text(model: EmbeddingModel, *, section: str, text: str, size: int) -> str:
    """Return what stands for the meaning of a chunk of `size` tokens: headings, as far as there is room, and text."""
    whole = heading_and_text(section, text)
    headings = whole[: len(whole) - len(text)]
    if headings and model.max_tokens is not None:
        headings = tokens.shortened(headings, max(model.max_tokens - _MARKS - size, 0))
    return f"{headings.rstrip()}\n{text}" if headings.strip() else text


def largest_chunk(model: EmbeddingModel) -> int:
    """Return how many tokens a chunk's text may have, so that the model reads all of it."""
    return LARGEST_CHUNK if model.max_tokens is None else min(model.max_tokens - _MARKS, LARGEST_CHUNK)


def _section(piece: Piece) -> str:
    return SECTION_SEPARATOR.join(piece.section)


def _chunk(piece: Piece, vector: Vector) -> indexing.NewChunk:
    return indexing.NewChunk(piece.text, _section(piece), piece.page, piece.tokens, vector)


def _write(
    document: Document, chunks: Sequence[indexing.NewChunk], model: EmbeddingModel, language: str, parts: Parts
) -> bool:
    """Put the chunks in place and make the document ready; False when it is gone or somebody else was quicker."""
    with transaction.atomic():
        unchanged = Document.objects.filter(version=document.version, storage_key=document.storage_key)
        locked = unchanged.select_for_update().filter(pk=document.pk).first()
        if locked is None or locked.state == DocumentState.READY:
            return False
        indexing.write_chunks(locked, chunks, model_id=model.model_id, language=language)
        locked.state, locked.page_count, locked.ready_at = DocumentState.READY, parts.pages, timezone.now()
        locked.notices = notices.stored(parts.notices)
        locked.progress_done = locked.progress_total = len(chunks)
        locked.error_code = locked.error_detail = ""
        locked.save()
        events.tell_ready(locked)
    return True
