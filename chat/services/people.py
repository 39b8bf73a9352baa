"""Lets people answer in a bot's place: asked for, taking a conversation over, writing in it, handing it back.

Each change locks the conversation, so that of two who take it over at once one is told that the other has it. Those
who watch are woken after the commit.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from bots.look import Look
from chat.enums import Channel, Handling, MessageRole, MessageStatus, RequestReason
from chat.exceptions import (
    ConversationTakenError,
    EmptyReplyError,
    NoSuchConversationError,
    NotTakenOverError,
    OutOfReachError,
    PersonNotOfferedError,
)
from chat.live import bell
from chat.live.store import TurnKey, ask_to_stop
from chat.models import PERSON_NAME_LENGTH, Conversation, Message
from chat.partwords import plain_words_of
from chat.services import telling
from chat.services.conversations import described
from chatcms.core import locks
from chatcms.core.text import seen
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit
from tenants import audit
from tenants.context import current_tenant_id
from tenants.selectors import name_shown
from tenants.types import SYSTEM, Actor

logger = logging.getLogger(__name__)

MAX_REPLY = 8000
LONGEST_QUOTE = 500
# Whoever asks through these can be reached by a person: their page or program hears of it.
REACHED = frozenset({Channel.WIDGET, Channel.API})


def request_person(
    *, by: Actor, conversation: Conversation, reason: RequestReason = RequestReason.CUSTOMER_REQUEST
) -> Conversation:
    """Ask for a person in a conversation of the caller's, tell the webhooks, and return it.

    The bot goes on until one comes. Nothing happens when one was asked for already, or is there. Raises
    `OutOfReachError`, and `PersonNotOfferedError` when the bot's look does not offer it.
    """
    _check_reach(conversation)
    if not Look.read(conversation.bot.look).talk_to_person:
        raise PersonNotOfferedError
    with _changing(conversation) as row:
        if row.handling == Handling.BOT:
            _request(row, by=by, reason=reason)
    return row


def note_missing_knowledge(conversation_id: uuid.UUID) -> None:
    """Ask for a person because the bot's documents hold no answer, where whoever asked can be reached by one."""
    row = Conversation.objects.filter(pk=conversation_id, handling=Handling.BOT, channel__in=REACHED).first()
    if row is None:
        return
    with _changing(row) as locked:
        if locked.handling == Handling.BOT:
            _request(locked, by=SYSTEM, reason=RequestReason.MISSING_KNOWLEDGE)


def take_over(*, by: Actor, conversation: Conversation, name: str = "", instead_of_other: bool = False) -> Conversation:
    """Let the caller answer from now on, shown as `name`, and return the conversation; its bot is silent then.

    An answer under way is ended where it is; a conversation that has ended is open again. Without a name it is the
    member's own, or the tenant's. Raises `ConversationTakenError` when somebody else has it, unless the caller is to
    answer `instead_of_other`, and `OutOfReachError`.
    """
    _check_reach(conversation)
    with _changing(conversation) as row:
        if row.handling == Handling.PERSON and row.taken_by != by.id and not instead_of_other:
            raise ConversationTakenError(row.taken_by_name)
        row.handling, row.taken_by, row.taken_by_name = Handling.PERSON, by.id, _shown(by, name)
        row.taken_at, row.ended_at = timezone.now(), None
        row.save(update_fields=["handling", "taken_by", "taken_by_name", "taken_at", "ended_at"])
        audit.record("conversation.take_over", by=by, target=row, label=str(row.pk))
        _silence(row)
    return row


def hand_back(*, by: Actor, conversation: Conversation) -> Conversation:
    """Let the bot answer again, whoever had the conversation or was asked for, and return it."""
    with _changing(conversation) as row:
        if row.handling != Handling.BOT:
            row.handling, row.taken_by, row.taken_by_name = Handling.BOT, None, ""
            row.save(update_fields=["handling", "taken_by", "taken_by_name"])
            audit.record("conversation.hand_back", by=by, target=row, label=str(row.pk))
    return row


def reply(*, by: Actor, conversation: Conversation, content: str) -> Message:
    """Write to whoever holds the conversation, in the name under which it was taken over; return the message.

    Raises `NotTakenOverError` when nobody has taken it over, `ConversationTakenError` when somebody else has, and
    `EmptyReplyError`.
    """
    content = seen(content)
    if not content:
        raise EmptyReplyError
    with _changing(conversation) as row:
        if row.handling != Handling.PERSON:
            raise NotTakenOverError
        if row.taken_by != by.id:
            raise ConversationTakenError(row.taken_by_name)
        row.message_count += 1
        row.last_message_at = timezone.now()
        row.save(update_fields=["message_count", "last_message_at"])
        message = Message.objects.create(
            conversation=row,
            seq=row.message_count,
            role=MessageRole.PERSON,
            content=content,
            author_id=by.id,
            author_name=row.taken_by_name,
        )
        audit.record("conversation.reply", by=by, target=message, label=str(message.pk))
        telling.tell_message(message.pk)
    return message


@contextmanager
def _changing(conversation: Conversation) -> Iterator[Conversation]:
    """Lend the row, locked, with its bot, in a transaction; raise `NoSuchConversationError` if it is gone."""
    rows = Conversation.objects.select_related("bot").filter(pk=conversation.pk)
    gone = NoSuchConversationError("This conversation has been deleted.")
    with locks.lent_row(rows, missing=gone) as row:
        yield row
        bell.ring_after_commit(row.pk)


def _check_reach(conversation: Conversation) -> None:
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


def _shown(by: Actor, name: str) -> str:
    given = " ".join(seen(name).split())[:PERSON_NAME_LENGTH]
    return given or name_shown(by)[:PERSON_NAME_LENGTH]


def _silence(row: Conversation) -> None:
    """Have the answers that are under way ended, once the change is committed."""
    under_way = Message.objects.filter(conversation=row, status=MessageStatus.STREAMING).only("pk", "setting")
    tenant_id = current_tenant_id()
    keys = [TurnKey(tenant_id, message.pk, message.attempt) for message in under_way]
    if not keys:
        return

    def stop() -> None:
        try:
            for key in keys:
                ask_to_stop(key)
        except (RedisError, OSError) as error:
            logger.warning("An answer goes on in a conversation of a person: %s", type(error).__name__)

    transaction.on_commit(stop, robust=True)
