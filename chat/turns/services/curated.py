"""Finds, for a turn, the answer that people wrote for its question."""

from __future__ import annotations

from bots.selectors import curated_match
from bots.services import record_hit
from chat.turns.asks import Canned
from chat.turns.turn import Turn
from chatcms.core.exceptions import AppError
from datasets import embedding
from datasets.types import Vector
from tenants.context import in_tenant


async def curated_for(turn: Turn, question: str) -> Canned | None:
    """Return the answer that people wrote for a question to the turn's bot, None when there is none."""
    vector = await _embedded(question)
    return await in_tenant(turn.tenant, _match, turn, question, vector)


async def _embedded(question: str) -> Vector | None:
    """Return the question's vector, None when the built-in model cannot be had: then the words alone decide."""
    try:
        return await embedding.embed_question_async(embedding.local_model(), question)
    except AppError:
        return None


def _match(turn: Turn, question: str, vector: Vector | None) -> Canned | None:
    found = curated_match(turn.ask.bot.id, question, embedding=vector)
    if found is None:
        return None
    record_hit(found.pk)
    return Canned(found.pk, found.answer)
