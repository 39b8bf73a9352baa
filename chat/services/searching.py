"""Finds passages for a turn: the question is embedded without a database, then one visit searches it."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.db import DatabaseError

from chat.engine import Check, Search
from chat.types import Found, Source, Turn
from datasets import retrieval
from datasets.support import may_be_unconfirmed, unconfirmed_words
from datasets.types import Passage
from tenants.context import in_tenant

logger = logging.getLogger(__name__)


def searcher(turn: Turn) -> Search | None:
    """Return how to search the datasets of the turn's bot, None when it has none."""
    plan = turn.search_plan
    if plan is None:
        return None

    async def search(text: str) -> Found:
        if plan.is_empty:
            return Found((), has_evidence=False)
        vectors = await retrieval.embed_query(plan, text)
        found = await in_tenant(turn.tenant, retrieval.search, plan, text, vectors, limit=turn.ask.bot.passages)
        result = await retrieval.look_closer(plan, text, vectors, found)
        sources = tuple(_source(number, passage) for number, passage in enumerate(result.passages, 1))
        return Found(sources, result.has_evidence)

    return search


def checker(turn: Turn) -> Check | None:
    """Return how to find out what an answer says that no passage speaks of, None when the bot has no datasets."""
    plan = turn.search_plan
    if plan is None:
        return None
    known = f"{turn.ask.bot.name}\n{turn.ask.bot.system_prompt}\n{turn.ask.instructions}"

    async def check(question: str, answer: str, sources: Sequence[Source]) -> tuple[str, ...]:
        passages = [f"{source.document}\n{source.section}\n{source.text}" for source in sources]
        if not may_be_unconfirmed(question, answer, passages):
            return ()
        try:
            return await in_tenant(turn.tenant, unconfirmed_words, plan, question, answer, passages, known=known)
        except DatabaseError as error:
            # The answer is there and goes on: it is not lost for want of a check.
            logger.warning("An answer could not be checked: %s", type(error).__name__)
            return ()

    return check


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
