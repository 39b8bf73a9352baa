"""The values of retrieval: what is searched, the question as vectors, and what was found."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from providers.types import ProviderConfig

Vector = Sequence[float]

# How many passages a bot is given, unless it says otherwise, and at the most.
USUAL_PASSAGES = 8
MOST_PASSAGES = 20


@dataclass(frozen=True, slots=True)
class EmbeddingModel:
    """A model that embeds, with the way to it. `model_id` stands beside each of its vectors.

    `languages` are those that the model understands, by their names, None if it knows them all;
    `max_tokens` is how much of a text it takes, None if that does not matter.
    """

    model_id: str
    model: str
    config: ProviderConfig
    languages: frozenset[str] | None = None
    max_tokens: int | None = None

    @property
    def is_built_in(self) -> bool:
        """Whether it runs on this machine, where asking costs milliseconds and no money."""
        return self.config.kind == "local"

    @property
    def is_multilingual(self) -> bool:
        """Whether it is the built-in model of a hundred languages, whose cosines lie close together."""
        return self.is_built_in and self.languages is None

    def understands(self, language: str) -> bool:
        """Whether texts of this language mean something to the model."""
        return self.languages is None or language in self.languages


@dataclass(frozen=True, slots=True)
class SearchedModel:
    """A model and those of the searched datasets that it embedded, with the number of their chunks."""

    embedding: EmbeddingModel
    dataset_ids: tuple[uuid.UUID, ...]
    chunk_count: int


@dataclass(frozen=True, slots=True)
class SearchPlan:
    """All that a search needs to know of its datasets, read in one visit to the database.

    `languages` counts chunks by their languages' names. `problem` says why some dataset can be searched by
    its words only, if so.
    """

    dataset_ids: tuple[uuid.UUID, ...] = ()
    models: tuple[SearchedModel, ...] = ()
    languages: Mapping[str, int] = field(default_factory=dict)
    chunk_count: int = 0
    term_total: int = 0
    problem: str | None = None

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
    """A chunk that was found. Ranks count from 1; `similarity` is a cosine; `score` compares within one result.

    `bm25` is its score by words, `coverage` the share of the question's rare words that it holds.
    `url` is where the document was fetched from, if it was.
    """

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
    bm25: float = 0.0
    coverage: float = 0.0
    url: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How good the best of what was found is, and how good it must be to be answered from."""

    strength: float = 0.0
    needed: float = 0.0

    @property
    def is_enough(self) -> bool:
        """Whether to answer from what was found."""
        return self.strength >= self.needed > 0.0


@dataclass(frozen=True, slots=True)
class RetrievalResult:
    """The passages, best first, and whether they are good enough to answer from.

    `degraded` says in a sentence why only words were compared, None when all went as it should.
    """

    passages: tuple[Passage, ...] = ()
    has_evidence: bool = False
    top_similarity: float | None = None
    degraded: str | None = None
    evidence: Evidence = Evidence()
