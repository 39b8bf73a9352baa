"""Finds passages for a turn: the question is embedded without a database, then one visit searches it."""

from __future__ import annotations

from chat.engine import Search
from chat.types import Found, Source, Turn
from datasets import retrieval
from datasets.types import Passage
from tenants.context import in_tenant


def searcher(turn: Turn) -> Search | None:
    """Return how to search the datasets of the turn's bot, None when it has none."""
    plan = turn.search_plan
    if plan is None:
        return None

    async def search(text: str) -> Found:
        if plan.is_empty:
            return Found((), has_evidence=False)
        vectors = await retrieval.embed_query(plan, text)
        found = await in_tenant(turn.tenant, retrieval.search, plan, text, vectors)
        result = await retrieval.look_closer(plan, text, vectors, found)
        sources = tuple(_source(number, passage) for number, passage in enumerate(result.passages, 1))
        return Found(sources, result.has_evidence)

    return search


def _source(number: int, passage: Passage) -> Source:
    return Source(
        number=number,
        chunk_id=passage.chunk_id,
        document_id=passage.document_id,
        document=passage.document_name,
        text=passage.text,
        page=passage.page,
        section=passage.section,
        score=passage.score,
        url=passage.url,
    )
