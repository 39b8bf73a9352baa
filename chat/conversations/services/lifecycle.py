"""What is done to conversations as a whole: renamed, ended, deleted; and noticing that nobody goes on with them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from bots.selectors import bot_by_ref
from chat.conversations.services.erasure import erase
from chat.enums import Channel, Handling, Rating
from chat.exceptions import NoSuchConversationError
from chat.models import Conversation, Feedback
from chat.selectors import conversations_of
from chat.turns.live import bell
from chat.turns.services.announcements import described
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit
from tenants import audit
from tenants.types import Actor

IDLE_AFTER = timedelta(minutes=30)
# A person is slower than a bot; who forgets to hand back, or never comes, leaves nobody without answers for ever.
PERSON_IDLE_AFTER = timedelta(hours=24)
BATCH = 200
_WITH_BOT: dict[str, Any] = {"handling": Handling.BOT, "taken_by": None, "taken_by_name": ""}


def opened_conversation(*, by: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Return a conversation of the caller's with its bot; that which a visitor's token reserves is opened, empty.

    Raises `NoSuchConversationError`, and `NoSuchBotError` when the bot may not be talked to any more.
    """
    known = conversations_of(by).filter(pk=conversation_id).first()
    if known is None and by.type == "visitor" and by.conversation_id == conversation_id and by.bot_ids:
        bot = bot_by_ref(str(next(iter(by.bot_ids))), by=by)
        values = {"bot_id": bot.pk, "channel": Channel.WIDGET, "visitor_ref": by.ref, "origin": by.origin}
        Conversation.objects.get_or_create(
            pk=conversation_id, defaults={**values, "actor_type": by.type, "actor_id": by.id}
        )
        known = conversations_of(by).filter(pk=conversation_id).first()
    if known is None:
        raise NoSuchConversationError("There is no such conversation of yours.")
    return known


def rename_conversation(*, by: Actor, conversation: Conversation, title: str) -> Conversation:
    """Give a conversation another title, and return it."""
    with transaction.atomic():
        conversation.title = title
        conversation.save(update_fields=["title"])
        audit.record("conversation.rename", by=by, target=conversation, label=str(conversation.pk))
    return conversation


def end_conversation(*, by: Actor, conversation: Conversation) -> Conversation:
    """Mark a conversation as ended, tell the webhooks, and return it; one that has ended is left as it is.

    A later question opens it again, for the bot.
    """
    with transaction.atomic():
        going_on = Conversation.objects.filter(pk=conversation.pk, ended_at__isnull=True)
        ended = going_on.update(ended_at=timezone.now(), **_WITH_BOT)
        conversation.refresh_from_db(fields=["ended_at", "message_count", "last_message_at", *_WITH_BOT])
        if ended:
            audit.record("conversation.end", by=by, target=conversation, label=str(conversation.pk))
            _tell([conversation])
            bell.ring_after_commit(conversation.pk)
    return conversation


def delete_conversation(*, by: Actor, conversation: Conversation) -> None:
    """Delete a conversation with all its messages, for good; only its usage figures stay."""
    with transaction.atomic():
        audit.record("conversation.delete", by=by, target=conversation, label=str(conversation.pk))
        erase([conversation.pk])


def end_idle() -> int:
    """Mark as ended, in the current tenant, what nobody has gone on with for `IDLE_AFTER`; return how many.

    One that a person has, or is waited for in, gets `PERSON_IDLE_AFTER`.
    """
    now = timezone.now()
    long_idle = Q(handling=Handling.BOT) | Q(last_message_at__lt=now - PERSON_IDLE_AFTER)
    idle = Conversation.objects.filter(long_idle, ended_at__isnull=True, last_message_at__lt=now - IDLE_AFTER)
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
            if row.handling != Handling.BOT:
                bell.ring_after_commit(row.pk)
        Conversation.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=now, **_WITH_BOT)
        _tell(rows)
    return len(rows)


def _tell(conversations: Sequence[Conversation]) -> None:
    """Tell the tenant's webhooks that conversations have ended: once for each end, however often it is noticed."""
    ratings = _ratings_of([conversation.pk for conversation in conversations])
    for one in conversations:
        emit(
            type=EventType.CONVERSATION_FINISHED,
            payload={**described(one), "ratings": ratings.get(one.pk, {"up": 0, "down": 0})},
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
