"""Ends a turn, however it went: the text so far, what it used, what it cites."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from chat.enums import MessageStatus
from chat.models import Conversation, Message, Usage
from chat.types import Outcome, Source, Turn, UsageKnown
from providers.types import ModelInfo
from providers.types import Usage as TokenUsage
from tenants import audit
from tenants.types import Actor

ABANDONED_AFTER = timedelta(minutes=5)
ABANDONED = "abandoned"
_PER_MILLION = Decimal(1_000_000)


def finish_turn(*, turn: Turn, outcome: Outcome) -> None:
    """Save how the turn ended and settle its usage, in one transaction; the turn itself names the caller.

    When the conversation was deleted meanwhile, only the usage is kept.
    """
    usage = outcome.usage
    with transaction.atomic():
        kept = Message.objects.filter(pk=turn.message_id).update(
            content=outcome.text,
            status=outcome.status,
            error_code=outcome.error_code,
            finish_reason=outcome.finish_reason,
            citations=[citation_of(source) for source in outcome.cited],
            retrieval=_retrieval_of(outcome),
            first_token_ms=outcome.first_token_ms,
            total_ms=outcome.total_ms,
        )
        Usage.objects.create(
            message_id=turn.message_id if kept else None,
            bot_id=turn.ask.bot.id,
            model=turn.ask.bot.model,
            prompt_tokens=usage.prompt_tokens,
            completion_tokens=usage.completion_tokens,
            estimated=usage.estimated,
            cost=usage.cost,
            currency=usage.currency,
            day=timezone.now().date(),
        )


def save_partial(*, turn: Turn, text: str) -> None:
    """Keep what has been answered so far, for the case that this process is killed."""
    Message.objects.filter(pk=turn.message_id, status=MessageStatus.STREAMING).update(content=text)


def fail_abandoned() -> int:
    """Mark answers as failed whose process is gone (in the tenant in force); return how many.

    No answer takes longer than its provider's total timeout, which is well below `ABANDONED_AFTER`.
    """
    overdue = timezone.now() - ABANDONED_AFTER
    abandoned = Message.objects.filter(status=MessageStatus.STREAMING, created_at__lt=overdue)
    return abandoned.update(status=MessageStatus.FAILED, error_code=ABANDONED)


def delete_conversation(*, by: Actor, conversation: Conversation) -> None:
    """Delete a conversation with all its messages, for good; only its usage figures stay."""
    with transaction.atomic():
        audit.record("conversation.delete", by=by, target=conversation, label=str(conversation.pk))
        conversation.delete()


def settle(model: ModelInfo, tokens: TokenUsage) -> UsageKnown:
    """Return the usage with its cost by the model's prices; without a price the cost is unknown."""
    cost = None if tokens.prompt_tokens or tokens.completion_tokens else Decimal(0)
    if model.input_price is not None and model.output_price is not None:
        spent = tokens.prompt_tokens * model.input_price + tokens.completion_tokens * model.output_price
        cost = spent / _PER_MILLION
    return UsageKnown(tokens.prompt_tokens, tokens.completion_tokens, tokens.estimated, cost)


def citation_of(source: Source) -> dict[str, Any]:
    """Return a citation as it is stored: where it points to, not what is written there."""
    return {
        "number": source.number,
        "document_id": str(source.document_id),
        "document": source.document,
        "page": source.page,
        "section": source.section,
        "chunk_id": str(source.chunk_id),
    }


def _retrieval_of(outcome: Outcome) -> dict[str, Any]:
    if outcome.has_evidence is None:
        return {}
    passages = [
        {"number": source.number, "chunk_id": str(source.chunk_id), "score": round(source.score, 6)}
        for source in outcome.sources
    ]
    return {"has_evidence": outcome.has_evidence, "passages": passages}
