"""Asks for a person in a conversation, by its holder's wish or because the documents hold no answer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from bots.look import Look
from chat.enums import Channel, Handling, MessageRole, RequestReason
from chat.exceptions import NoSuchConversationError
from chat.models import Conversation, Message
from chat.turns.exceptions import OutOfReachError, PersonNotOfferedError
from chat.turns.live import bell
from chat.turns.partwords import plain_words_of
from chat.turns.services.announcements import described
from chatcms.core.db import locks
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit
from tenants import audit
from tenants.types import SYSTEM, Actor

LONGEST_QUOTE = 500
# A person can reach the holder through these channels: their page or program hears of it.
REACHED = frozenset({Channel.WIDGET, Channel.API})


def request_person(
    *, by: Actor, conversation: Conversation, reason: RequestReason = RequestReason.CUSTOMER_REQUEST
) -> Conversation:
    """Ask for a person in a conversation of the caller's, tell the webhooks, and return it.

    The bot goes on until one comes. Nothing happens when one was asked for already, or is there. Raises
    `OutOfReachError`, and `PersonNotOfferedError` when the bot's look does not offer it.
    """
    check_reach(conversation)
    if not Look.read(conversation.bot.look).talk_to_person:
        raise PersonNotOfferedError
    with changed_conversation(conversation) as row:
        if row.handling == Handling.BOT:
            _request(row, by=by, reason=reason)
    return row


def note_missing_knowledge(conversation_id: uuid.UUID) -> None:
    """Ask for a person because the bot's documents hold no answer, where the asker can be reached by one."""
    row = Conversation.objects.filter(pk=conversation_id, handling=Handling.BOT, channel__in=REACHED).first()
    if row is None:
        return
    with changed_conversation(row) as locked:
        if locked.handling == Handling.BOT:
            _request(locked, by=SYSTEM, reason=RequestReason.MISSING_KNOWLEDGE)


@contextmanager
def changed_conversation(conversation: Conversation) -> Iterator[Conversation]:
    """Lend the row, locked, with its bot, in a transaction; raise `NoSuchConversationError` if it is gone."""
    rows = Conversation.objects.select_related("bot").filter(pk=conversation.pk)
    gone = NoSuchConversationError("This conversation has been deleted.")
    with locks.lent_row(rows, missing=gone) as row:
        yield row
        bell.ring_after_commit(row.pk)


def check_reach(conversation: Conversation) -> None:
    if conversation.channel not in REACHED:
        raise OutOfReachError


def _request(row: Conversation, *, by: Actor, reason: RequestReason) -> None:
    row.handling, row.request_reason, row.ended_at = Handling.REQUESTED, reason, None
    row.requested_at = row.last_message_at = timezone.now()
    row.save(update_fields=["handling", "request_reason", "requested_at", "last_message_at", "ended_at"])
    audit.record("conversation.request_person", by=by, target=row, label=str(row.pk), reason=reason)
    asked = Message.objects.filter(conversation=row, role=MessageRole.USER).order_by("-seq").first()
    payload: dict[str, Any] = {
        **described(row),
        "reason": row.request_reason,
        "requested_at": row.requested_at.isoformat(),
        "question": plain_words_of(asked)[:LONGEST_QUOTE] if asked else "",
    }
    emit(type=EventType.PERSON_REQUESTED, payload=payload)
