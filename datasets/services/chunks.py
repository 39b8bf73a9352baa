"""Edits single chunks: their text, whether they are found, new ones, and ones taken away.

An edit embeds first and then writes chunk, vector, postings and statistics in one transaction, so that a search
sees the old chunk or the new one. Edits last until the document is read again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db.models import Max
from django.utils import timezone

from chatcms.core.db import locks
from chatcms.core.db.ids import uuid7
from chatcms.core.errortext import ErrorText
from chatcms.core.text.safety import storable
from datasets import embedding, indexing
from datasets.enums import DocumentSource, DocumentState
from datasets.exceptions import (
    ChunkChangedError,
    ChunkOfPairError,
    ChunkTooLongError,
    DocumentBusyError,
    NoSuchChunkError,
)
from datasets.ingestion import pipeline, tokens
from datasets.ingestion.splitter import LONGEST_TOKEN
from datasets.models import Chunk, Document, ref_of
from datasets.types import Vector
from tenants import audit
from tenants.types import Actor

_EDITED = ("text", "is_active")
_SETTLED = frozenset({DocumentState.READY, DocumentState.FAILED})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What is written of a text beside itself: how many tokens it has, and its vector by the dataset's model."""

    token_count: int
    vector: Vector
    model_id: str


@dataclass(frozen=True, slots=True)
class ChunkEdit:
    """A change of one chunk that is ready to be written; `meaning` is None for one that will not be found."""

    chunk: Chunk
    text: str
    is_active: bool
    meaning: Meaning | None


def prepare_edit(*, chunk: Chunk, text: str | None = None, is_active: bool | None = None) -> ChunkEdit:
    """Return the change, embedded where that is needed. Blocks; never inside a transaction.

    `chunk` comes with its document and dataset. Raises `DocumentBusyError`, `ChunkOfPairError`, `ChunkTooLongError`,
    or the `ProviderError` of the dataset's model.
    """
    _require_settled(chunk.document)
    wanted = chunk.text if text is None else storable(text)
    active = chunk.is_active if is_active is None else is_active
    needed = active and (wanted != chunk.text or not chunk.is_active)
    meaning = _embedded(chunk.document, chunk.section, wanted) if needed else None
    return ChunkEdit(chunk, wanted, active, meaning)


def apply_edit(*, by: Actor, edit: ChunkEdit) -> Chunk:
    """Write what `prepare_edit` has prepared; raise `ChunkChangedError` if somebody was quicker."""
    with editing(edit.chunk.document) as document:
        chunk = _locked(document, edit.chunk)
        if (chunk.text, chunk.is_active) != (edit.chunk.text, edit.chunk.is_active):
            raise ChunkChangedError
        wanted = {name: getattr(edit, name) for name in _EDITED}
        changed = audit.changes(audit.values_of(chunk, _EDITED), wanted, sized={"text"})
        if changed:
            _rewrite(document, chunk, edit)
            audit.record("chunk.update", by=by, target=chunk, fields=list(changed), changes=changed)
    chunk.document = edit.chunk.document
    return chunk


def add_chunk(*, by: Actor, document: Document, text: str, section: str = "", page: int | None = None) -> Chunk:
    """Add a chunk at the document's end and return it. Blocks; never inside a transaction.

    Raises as `prepare_edit` does.
    """
    _require_settled(document)
    text, section = storable(text), storable(section)
    meaning = _embedded(document, section, text)
    with editing(document) as locked:
        last = Chunk.objects.filter(document=locked, version=locked.version).aggregate(last=Max("seq"))["last"]
        chunk = Chunk(
            id=uuid7(),
            document=locked,
            dataset_id=locked.dataset_id,
            version=locked.version,
            seq=0 if last is None else last + 1,
            text=text,
            section=section,
            page=page,
            token_count=meaning.token_count,
            edited_at=timezone.now(),
        )
        chunk.ref = ref_of(chunk.id)
        chunk.save(force_insert=True)
        indexing.index_chunk(locked, chunk, meaning.vector, model_id=meaning.model_id)
        audit.record("chunk.create", by=by, target=chunk)
    return chunk


def delete_chunk(*, by: Actor, chunk: Chunk) -> None:
    """Delete the chunk and all by which it can be found; raise `DocumentBusyError`."""
    with editing(chunk.document) as document:
        locked = _locked(document, chunk)
        if locked.is_active:
            indexing.unindex_chunk(document, locked)
        audit.record("chunk.delete", by=by, target=locked)
        locked.delete()


@contextmanager
def editing(document: Document) -> Iterator[Document]:
    """Lend the document's locked row, in a transaction, and save its counts with the block.

    Whoever changes chunks locks their document first: so do readers of documents and deletions.
    """
    with locks.lent_row(Document.objects.filter(pk=document.pk), missing=NoSuchChunkError()) as locked:
        _require_settled(locked)
        yield locked
        locked.save(update_fields=["chunk_count", "term_total", "updated_at"])


def _require_settled(document: Document) -> None:
    if document.source == DocumentSource.QA:
        raise ChunkOfPairError
    if document.version == 0 or document.state not in _SETTLED:
        raise DocumentBusyError


def _locked(document: Document, chunk: Chunk) -> Chunk:
    found = Chunk.objects.select_for_update().filter(pk=chunk.pk, version=document.version).first()
    if found is None:
        raise NoSuchChunkError
    return found


def _rewrite(document: Document, chunk: Chunk, edit: ChunkEdit) -> None:
    if chunk.is_active:
        indexing.unindex_chunk(document, chunk)
    chunk.text, chunk.is_active, chunk.edited_at = edit.text, edit.is_active, timezone.now()
    if edit.meaning is not None:
        chunk.token_count = edit.meaning.token_count
        indexing.index_chunk(document, chunk, edit.meaning.vector, model_id=edit.meaning.model_id)
    chunk.save(update_fields=["text", "is_active", "edited_at", "token_count"])


def _embedded(document: Document, section: str, text: str) -> Meaning:
    model = embedding.model_of(document.dataset, language=document.language)
    size, most = len(tokens.tokenize(text)), pipeline.largest_chunk(model)
    if len(text) > most * LONGEST_TOKEN:
        raise ChunkTooLongError(
            ErrorText(
                "This text has %(length)s characters, white space included; write %(most)s at most.",
                length=len(text),
                most=most * LONGEST_TOKEN,
            ),
            field="text",
        )
    if size > most:
        raise ChunkTooLongError(
            ErrorText(
                "This text has %(size)s tokens; the dataset's embedding model takes %(most)s. Split it "
                "into several chunks.",
                size=size,
                most=most,
            ),
            field="text",
        )
    shown = pipeline.embedded_text(model, section=section, text=text, size=size)
    return Meaning(size, embedding.embed_passages(model, [shown])[0], model.model_id)
