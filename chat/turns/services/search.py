"""Finds passages for a turn: the question is embedded without a database, then one visit searches it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from uuid import UUID

from django.db import DatabaseError

from chat.turns.engine.followups import merged
from chat.turns.sources import FoundSources, Source
from chat.turns.turn import Turn
from datasets import retrieval
from datasets.languages import code_of, main_language
from datasets.support import may_be_unconfirmed, unconfirmed_words
from datasets.types import Passage, QueryVectors, RetrievalResult, SearchPlan
from tenants.context import in_tenant

logger = logging.getLogger(__name__)

# How much deeper than a bot's passages each of two wordings is searched, so that what both find is seen
_DEPTH = 3
_NEEDED_TOGETHER = 0.6
# At .75 a change of subject loses its first place 5 times of 10, at .45 never (`benchmarks/dialogues.py`)
_SHARE_ON_SUBJECT = 0.45


async def found_for(turn: Turn, plan: SearchPlan, wordings: Sequence[str]) -> FoundSources:
    """Search the datasets of the turn's bot for a question in each of its wordings."""
    if plan.is_empty:
        return FoundSources((), has_evidence=False)
    limit = turn.ask.bot.passages
    vectors = await asyncio.gather(*(retrieval.embed_query(plan, text) for text in wordings))
    asked = tuple(zip(wordings, vectors, strict=True))
    results = await in_tenant(turn.tenant, _search_each, plan, asked, limit if len(asked) == 1 else _DEPTH * limit)
    has_evidence = await _is_evidence(plan, asked, results)
    lists = [[_source(number, one) for number, one in enumerate(result.passages, 1)] for result in results]
    return FoundSources(merged(lists, limit, on_subject=_on_subject(results[0])), has_evidence)


def language_of_documents(plan: SearchPlan | None) -> str:
    """Return the language of most of what a plan searches (ISO 639-1), "" where it is not known."""
    if plan is None or not plan.languages:
        return ""
    return code_of(main_language(plan.languages)) or ""


def _search_each(
    plan: SearchPlan, asked: Sequence[tuple[str, QueryVectors]], limit: int
) -> tuple[RetrievalResult, ...]:
    """Search for each wording in one visit to the database."""
    return tuple(retrieval.search(plan, text, vectors, limit=limit) for text, vectors in asked)


def _on_subject(result: RetrievalResult) -> frozenset[UUID]:
    """Return the chunks that hold about half of the rare words that the best one holds, or more."""
    best = max((passage.bm25 for passage in result.passages), default=0.0)
    return frozenset(one.chunk_id for one in result.passages if one.bm25 >= _SHARE_ON_SUBJECT * best > 0.0)


async def _is_evidence(
    plan: SearchPlan, asked: Sequence[tuple[str, QueryVectors]], results: Sequence[RetrievalResult]
) -> bool:
    """Whether any wording has evidence; only where none has it at once are sentences looked at.

    A passage that answers the second of two questions holds little of what only the first one asks, so that the two
    together need less.
    """
    if any(result.has_evidence for result in results):
        return True
    joined = results[0].evidence
    if len(results) > 1 and joined.strength >= _NEEDED_TOGETHER * joined.needed > 0.0:
        return True
    for (text, vectors), result in zip(asked, results, strict=True):
        if (await retrieval.look_closer(plan, text, vectors, result)).has_evidence:
            return True
    return False


async def unconfirmed_in(
    turn: Turn, plan: SearchPlan, question: str, answer: str, sources: Sequence[Source]
) -> tuple[str, ...]:
    """Return the words of a question that its answer says and no passage speaks of."""
    known = f"{turn.ask.bot.name}\n{turn.ask.bot.system_prompt}\n{turn.ask.instructions}"
    passages = [f"{source.document}\n{source.section}\n{source.text}" for source in sources]
    if not may_be_unconfirmed(question, answer, passages):
        return ()
    try:
        return await in_tenant(turn.tenant, unconfirmed_words, plan, question, answer, passages, known=known)
    except DatabaseError as error:
        # The answer is there and goes on: it is not lost for want of a check.
        logger.warning("An answer could not be checked: %s", type(error).__name__)
        return ()


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
