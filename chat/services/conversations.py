"""What is done to conversations as a whole: renamed, ended, deleted; and noticing that nobody goes on with them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from chat.enums import Rating
from chat.models import Conversation, Feedback
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit
from tenants import audit
from tenants.types import Actor

IDLE_AFTER = timedelta(minutes=30)
BATCH = 200


def rename_conversation(*, by: Actor, conversation: Conversation, title: str) -> Conversation:
    """Give a conversation another title, and return it."""
    with transaction.atomic():
        conversation.title = title
        conversation.save(update_fields=["title"])
        audit.record("conversation.rename", by=by, target=conversation, label=str(conversation.pk))
    return conversation


def end_conversation(*, by: Actor, conversation: Conversation) -> Conversation:
    """Mark a conversation as ended, tell the webhooks, and return it; one that has ended is left as it is.

    A later question opens it again.
    """
    with transaction.atomic():
        ended = Conversation.objects.filter(pk=conversation.pk, ended_at__isnull=True).update(ended_at=timezone.now())
        conversation.refresh_from_db(fields=["ended_at", "message_count", "last_message_at"])
        if ended:
            audit.record("conversation.end", by=by, target=conversation, label=str(conversation.pk))
            _tell([conversation])
    return conversation


def delete_conversation(*, by: Actor, conversation: Conversation) -> None:
    """Delete a conversation with all its messages, for good; only its usage figures stay."""
    with transaction.atomic():
        audit.record("conversation.delete", by=by, target=conversation, label=str(conversation.pk))
        conversation.delete()


def end_idle() -> int:
    """Mark as ended, in the tenant in force, what nobody has gone on with for `IDLE_AFTER`; return how many."""
    idle = Conversation.objects.filter(ended_at__isnull=True, last_message_at__lt=timezone.now() - IDLE_AFTER)
    ended = 0
    while idle.exists() and (batch := _end_some(idle)):
        ended += batch
    return ended


def _end_some(idle: Any) -> int:
    with transaction.atomic():
        # Another sweep at the same time takes others.
        rows: list[Conversation] = list(
            idle.select_for_update(skip_locked=True, of=("self",))
            .select_related("bot")
            .order_by("last_message_at")[:BATCH]
        )
        now = timezone.now()
        for row in rows:
            row.ended_at = now
        Conversation.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=now)
        _tell(rows)
    return len(rows)


def _tell(conversations: Sequence[Conversation]) -> None:
    """Tell the tenant's webhooks that conversations have ended: once for each end, however often it is noticed."""
    ratings = _ratings_of([conversation.pk for conversation in conversations])
    for one in conversations:
        emit(
            type=EventType.CONVERSATION_FINISHED,
            payload=_described(one, ratings.get(one.pk, {"up": 0, "down": 0})),
            dedupe_key=f"{EventType.CONVERSATION_FINISHED}:{one.pk}:{one.message_count}",
        )


def _ratings_of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, int]]:
    rows = (
        Feedback.objects.filter(message__conversation__in=ids)
        .order_by()
        .values("message__conversation")
        .annotate(up=Count("id", filter=Q(rating=Rating.UP)), down=Count("id", filter=Q(rating=Rating.DOWN)))
    )
    return {row["message__conversation"]: {"up": row["up"], "down": row["down"]} for row in rows}


def _described(conversation: Conversation, ratings: dict[str, int]) -> dict[str, Any]:
    is_visitor = conversation.actor_type == "visitor"
    return {
        "conversation_id": str(conversation.pk),
        "bot": {"id": str(conversation.bot_id), "slug": conversation.bot.slug, "name": conversation.bot.name},
        "channel": conversation.channel,
        "origin": conversation.origin,
        "visitor_id": str(conversation.actor_id) if is_visitor else None,
        "visitor_ref": conversation.visitor_ref,
        "message_count": conversation.message_count,
        "started_at": conversation.started_at.isoformat(),
        "last_message_at": conversation.last_message_at.isoformat(),
        "ended_at": conversation.ended_at.isoformat() if conversation.ended_at else None,
        "ratings": ratings,
    }
