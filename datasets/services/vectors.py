"""Embeds chunks again by the model that their language has now, without reading their documents again."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from chatcms.jobs.exceptions import YieldError
from datasets import embedding, indexing, vector_index
from datasets.ingestion import pipeline
from datasets.models import Chunk, ChunkVector, Document
from datasets.types import EmbeddingModel, Vector


def embed_again(document: Document, *, language: str) -> None:
    """Give each chunk that is found its vector by the built-in model of this language, in the place of others; blocks.

    What a provider's model embeds stays as it is: that model is the same in every language. Batches are committed one
    by one, so that a run that ends early is taken up by the next. Never inside a transaction. Raises `YieldError` when
    half of a job's time is used up, or the `ProviderError` of the model.
    """
    if document.dataset.embedding_provider_id is not None:
        return
    model = embedding.built_in(language)
    ends = time.monotonic() + settings.JOB_TIME_LIMIT_SECONDS / 2
    dims, last = 0, -1
    while batch := list(_without(document, model).filter(seq__gt=last).order_by("seq")[: embedding.PASSAGES_AT_ONCE]):
        if time.monotonic() > ends:
            raise YieldError
        vectors = embedding.embed_passages(model, [_embedded(model, chunk) for chunk in batch])
        _write(document.pk, batch, vectors, model)
        dims, last = len(vectors[0]), batch[-1].seq
    if dims:
        vector_index.ensure(model.model_id, dims=dims)


def _without(document: Document, model: EmbeddingModel) -> QuerySet[Chunk]:
    embedded = ChunkVector.objects.filter(dataset_id=document.dataset_id, model_id=model.model_id)
    found = Chunk.objects.filter(document=document, version=document.version, is_active=True)
    return found.exclude(pk__in=embedded.values("chunk_id"))


def _embedded(model: EmbeddingModel, chunk: Chunk) -> str:
    return pipeline.embedded_text(model, section=chunk.section, text=chunk.text, size=chunk.token_count)


def _write(document_id: uuid.UUID, batch: Sequence[Chunk], vectors: Sequence[Vector], model: EmbeddingModel) -> None:
    """Write the vectors of those that are still as they were embedded."""
    with transaction.atomic():
        document = Document.objects.select_for_update().filter(pk=document_id).first()
        if document is None:
            return
        texts = dict(Chunk.objects.filter(pk__in=[one.pk for one in batch], is_active=True).values_list("pk", "text"))
        kept = [(one, vector) for one, vector in zip(batch, vectors, strict=True) if texts.get(one.pk) == one.text]
        indexing.replace_vectors(document, [(one.pk, vector) for one, vector in kept], model_id=model.model_id)
