"""Tries a question on datasets as a bot would, and tells how long each step took."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from datasets import retrieval
from datasets.types import USUAL_PASSAGES, RetrievalResult
from tenants.context import release_connection


@dataclass(frozen=True, slots=True)
class Trial:
    """What was found, and the milliseconds of each step: reading the plan, embedding the question, searching."""

    result: RetrievalResult
    plan_ms: float
    embed_ms: float
    search_ms: float


def try_question(*, dataset_ids: Sequence[uuid.UUID], question: str, limit: int = USUAL_PASSAGES) -> Trial:
    """Search the datasets by the one definition of retrieval.

    Not to be called in a transaction: no database connection is held while a model embeds.
    """
    started = time.perf_counter()
    plan = retrieval.plan_search(dataset_ids=dataset_ids)
    planned = time.perf_counter()
    release_connection()
    vectors = retrieval.embed_query_sync(plan, question)
    embedded = time.perf_counter()
    result = retrieval.search(plan, question, vectors, limit=limit)
    release_connection()
    result = retrieval.look_closer_sync(plan, question, vectors, result)
    found = time.perf_counter()
    return Trial(result, _ms(planned - started), _ms(embedded - planned), _ms(found - embedded))


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 2)
