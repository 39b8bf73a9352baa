"""The values of retrieval: what is searched, the question as vectors, and what was found."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from providers.types import ProviderConfig

Vector = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class EmbeddingChoice:
    """A model that embeds some of the searched datasets.

    `languages` are the text-search configurations that the model understands, None if it knows them all;
    `problem` says in a sentence why it cannot be used, if so.
    """

    model_id: str
    model: str
    config: ProviderConfig | None
    dataset_ids: tuple[uuid.UUID, ...]
    chunk_count: int
    languages: frozenset[str] | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """All that a search needs to know of its datasets, read in one visit to the database."""

    dataset_ids: tuple[uuid.UUID, ...]
    embeddings: tuple[EmbeddingChoice, ...]
    languages: Mapping[str, int]
    chunk_count: int
    term_total: int

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to search."""
        return self.chunk_count == 0


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """The question by each embedding model; `problem` says why one is missing, if so."""

    by_model: Mapping[str, Vector] = field(default_factory=dict)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that was found. Ranks count from 1; `similarity` is a cosine; `score` compares within one result."""

    chunk_id: uuid.UUID
    document_id: uuid.UUID
    document_name: str
    dataset_id: uuid.UUID
    page: int | None
    section: str
    text: str
    score: float
    similarity: float | None
    dense_rank: int | None
    lexical_rank: int | None


@dataclass(frozen=True, slots=True)
class RetrievalResult:
    """The passages, best first, and whether they are good enough to answer from.

    `degraded` says in a sentence why only words were compared, None when all went as it should.
    """

    passages: tuple[Passage, ...] = ()
    has_evidence: bool = False
    top_similarity: float | None = None
    degraded: str | None = None
