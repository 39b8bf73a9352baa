"""Knows which models embed a dataset, and embeds with them: passages in batches, a question once."""

from __future__ import annotations

import math
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence

from datasets import languages
from datasets.models import Dataset
from datasets.types import EmbeddingModel, Vector
from providers import selectors as providers
from providers.adapters.local.model import ENGLISH, MAX_TOKENS, MULTILINGUAL, LocalModel
from providers.connect import folders_of_models
from providers.exceptions import ProviderBadResponse
from providers.registry import build_adapter
from providers.types import ProviderConfig

PASSAGES_AT_ONCE = 32
_REMEMBERED_QUESTIONS = 1024


def local_model() -> EmbeddingModel:
    """Return the built-in model of English texts."""
    return built_in(languages.ENGLISH)


def built_in(language: str) -> EmbeddingModel:
    """Return the built-in model that embeds texts of this language.

    all-MiniLM-L6-v2 was trained on English alone, in which it is better and twice as fast; the other one knows a
    hundred languages (`docs/adr/0051-two-built-in-models.md`). Chunks are measured by the first one's tokens, whichever
    embeds them, so that they need not be split again.
    """
    if language == languages.ENGLISH:
        return _built_in(ENGLISH, frozenset({languages.ENGLISH}))
    return _built_in(MULTILINGUAL, None)


def _built_in(model: LocalModel, known: frozenset[str] | None) -> EmbeddingModel:
    config = ProviderConfig(kind="local", extra=folders_of_models())
    return EmbeddingModel(model.model_id, model.model_id, config, known, MAX_TOKENS)


def model_of(dataset: Dataset, *, language: str) -> EmbeddingModel:
    """Return the model that embeds texts of `language` in `dataset`: a built-in one, or that of its provider.

    Vectors of the same model name at two providers are kept apart. Raises a `ProviderError`, or
    `NoSuchProviderError`, when the provider cannot be used.
    """
    if dataset.embedding_provider_id is None:
        return built_in(language)
    provider = providers.usable(providers.provider_by_id(dataset.embedding_provider_id))
    access = providers.access_to(provider)
    info = access.model_info(dataset.embedding_model)
    model_id = f"{provider.id}/{dataset.embedding_model}"
    return EmbeddingModel(model_id, dataset.embedding_model, access.config, None, info.context_tokens)


def models_of(dataset: Dataset) -> list[tuple[EmbeddingModel, int]]:
    """Return the models that embedded the dataset, each with the number of its chunks. Raises as `model_of` does."""
    if dataset.embedding_provider_id is not None:
        return [(model_of(dataset, language=languages.ENGLISH), dataset.chunk_count)]
    found: dict[str, tuple[EmbeddingModel, int]] = {}
    for language, chunks in (dataset.languages or {languages.ENGLISH: dataset.chunk_count}).items():
        model = built_in(language)
        found[model.model_id] = (model, found.get(model.model_id, (model, 0))[1] + chunks)
    return list(found.values())


def max_tokens_of(dataset: Dataset) -> int | None:
    """Return how many tokens of a text the dataset's models read, None if that does not matter; raises as above."""
    if dataset.embedding_provider_id is None:
        return MAX_TOKENS
    return model_of(dataset, language=languages.ENGLISH).max_tokens


def embed_passages(embedding: EmbeddingModel, texts: Sequence[str]) -> list[Vector]:
    """Return a vector per text. Blocks; never inside a transaction. Raises a `ProviderError`."""
    found = build_adapter(embedding.config).embed_sync(model=embedding.model, texts=texts, kind="passage")
    return _checked(found, len(texts))


async def embed_passages_async(embedding: EmbeddingModel, texts: Sequence[str]) -> list[Vector]:
    """Do as `embed_passages` without blocking the event loop."""
    found = await build_adapter(embedding.config).embed(model=embedding.model, texts=texts, kind="passage")
    return _checked(found, len(texts))


def embed_question(embedding: EmbeddingModel, question: str) -> Vector:
    """Return the question's vector, remembered from last time if it is. Blocks. Raises a `ProviderError`."""
    return remembered(embedding, question) or remember(
        embedding,
        question,
        build_adapter(embedding.config).embed_sync(model=embedding.model, texts=[question], kind="query"),
    )


async def embed_question_async(embedding: EmbeddingModel, question: str) -> Vector:
    """Do as `embed_question` without blocking the event loop."""
    return remembered(embedding, question) or remember(
        embedding,
        question,
        await build_adapter(embedding.config).embed(model=embedding.model, texts=[question], kind="query"),
    )


class _Remembered:
    """The vectors of the last questions; the same question is asked of several datasets and again."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.vectors: OrderedDict[tuple[str, str], Vector] = OrderedDict()


_questions = _Remembered()


def remembered(embedding: EmbeddingModel, question: str) -> Vector | None:
    """Return the question's vector if it was embedded lately."""
    key = (embedding.model_id, question)
    with _questions.lock:
        if key in _questions.vectors:
            _questions.vectors.move_to_end(key)
        return _questions.vectors.get(key)


def remember(embedding: EmbeddingModel, question: str, found: list[list[float]]) -> Vector:
    """Keep and return the question's vector."""
    vector = _checked(found, 1)[0]
    with _questions.lock:
        _questions.vectors[(embedding.model_id, question)] = vector
        while len(_questions.vectors) > _REMEMBERED_QUESTIONS:
            _questions.vectors.popitem(last=False)
    return vector


def _checked(found: list[list[float]], expected: int) -> list[Vector]:
    """Return the vectors, four bytes a number: a long document has tens of thousands of them."""
    if len(found) != expected or not all(vector and math.isfinite(sum(vector)) for vector in found):
        raise ProviderBadResponse("The embedding model did not return a vector for each text.")
    return [array("f", vector) for vector in found]
