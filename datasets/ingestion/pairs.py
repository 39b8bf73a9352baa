"""Indexes questions with their answers: each is one chunk, and only what was written since is embedded.

In batches, each committed by itself: after a worker was killed another goes on where it stopped, and pairs are found as
they come. What was changed while a batch was embedded is left for the next one.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils import timezone

from chatcms.core.db.ids import uuid7
from datasets import embedding, events, indexing, languages, vector_index
from datasets.enums import DocumentState
from datasets.ingestion import tokens
from datasets.ingestion.progress import DocumentGoneError, Reporter
from datasets.models import Chunk, Document, QAPair, ref_of
from datasets.types import EmbeddingModel, Vector

AT_ONCE = 32
_MARKS = 2
_SAMPLED = 200


def ingest_pairs(document: Document) -> None:
    """Bring every pair of the document into the index, and the document to *ready*.

    Raises `DocumentGoneError`, or the `ProviderError` of the dataset's model.
    """
    language = document.language if document.chunk_count else _language(document)
    model = embedding.model_of(document.dataset, language=language)
    report = Reporter(document)
    total = _to_index(document).count()
    report.enter(DocumentState.EMBEDDING, total=total)
    done = dims = 0
    while not _is_finished(document):
        batch = list(_to_index(document)[:AT_ONCE])
        vectors = embedding.embed_passages(model, [_embedded(model, pair) for pair in batch])
        _write(document, batch, vectors, model, language)
        done, dims = done + len(batch), len(vectors[0])
        report.progress(min(done, total), total)
    if dims:
        vector_index.ensure(model.model_id, dims=dims)


def remove_pair(document: Document, pair: QAPair) -> None:
    """Take a pair out of the index, at once; call it in the transaction that holds the document's locked row."""
    chunk = Chunk.objects.filter(pk=pair.chunk_id).first() if pair.chunk_id else None
    if chunk is not None:
        indexing.unindex_chunk(document, chunk)
        pair.chunk = None
        pair.save(update_fields=["chunk"])
        chunk.delete()


def _to_index(document: Document) -> QuerySet[QAPair]:
    return QAPair.objects.filter(document=document, is_indexed=False).order_by("id")


def _embedded(model: EmbeddingModel, pair: QAPair) -> str:
    """The question whole, since that is what is asked, and of the answer what the model still takes."""
    if model.max_tokens is None:
        return f"{pair.question}\n{pair.answer}"
    question = tokens.shortened(pair.question, model.max_tokens - _MARKS)
    room = model.max_tokens - _MARKS - len(tokens.tokenize(question))
    return f"{question}\n{tokens.shortened(pair.answer, room)}" if room > 0 else question


def _write(
    document: Document, batch: Sequence[QAPair], vectors: Sequence[Vector], model: EmbeddingModel, language: str
) -> None:
    with transaction.atomic():
        locked = _locked(document)
        if not locked.chunk_count:
            locked.language = language
        # The first version: there is never another one, since each pair changes by itself.
        locked.version = locked.version or 1
        present = {
            pair.pk: pair for pair in QAPair.objects.select_for_update().filter(pk__in=[pair.pk for pair in batch])
        }
        last = Chunk.objects.filter(document=locked).aggregate(last=Max("seq", default=-1))["last"]
        for seq, (pair, vector) in enumerate(zip(batch, vectors, strict=True), last + 1):
            now = present.get(pair.pk)
            if now is not None and (now.question, now.answer) == (pair.question, pair.answer):
                remove_pair(locked, now)
                _put(locked, now, seq, vector, model)
        locked.save()


def _put(document: Document, pair: QAPair, seq: int, vector: Vector, model: EmbeddingModel) -> None:
    chunk = Chunk(
        id=uuid7(),
        document=document,
        dataset_id=document.dataset_id,
        version=document.version,
        seq=seq,
        text=pair.answer,
        section=pair.question,
        token_count=len(tokens.tokenize(pair.answer)),
    )
    chunk.ref = ref_of(chunk.id)
    chunk.save(force_insert=True)
    indexing.index_chunk(document, chunk, vector, model_id=model.model_id)
    pair.chunk, pair.is_indexed = chunk, True
    pair.save(update_fields=["chunk", "is_indexed"])


def _is_finished(document: Document) -> bool:
    """Make the document ready if nothing of it is left to be indexed."""
    with transaction.atomic():
        locked = _locked(document)
        if _to_index(document).exists():
            return False
        locked.state, locked.ready_at = DocumentState.READY, timezone.now()
        locked.error_code = locked.error_detail = ""
        locked.progress_done = locked.progress_total = locked.chunk_count
        locked.version = locked.version or 1
        locked.save()
        events.tell_ready(locked)
    return True


def _locked(document: Document) -> Document:
    locked = Document.objects.select_for_update().filter(pk=document.pk).first()
    if locked is None or locked.state == DocumentState.READY:
        raise DocumentGoneError
    return locked


def _language(document: Document) -> str:
    dataset = document.dataset
    if dataset.language in languages.LANGUAGES:
        return dataset.language
    most = max(dataset.languages, key=lambda one: dataset.languages[one], default=languages.ENGLISH)
    rows = QAPair.objects.filter(document=document).values_list("question", "answer")[:_SAMPLED]
    return languages.detect("\n".join(text for row in rows for text in row), fallback=most)
