"""Lets people answer in a bot's place: they take a conversation over, write in it, and hand it back.

Each change locks the conversation, so that of two who take it over at once one is told that the other has it. Those
who watch are woken after the commit.
"""

from __future__ import annotations

import logging

from django.db import transaction
from django.utils import timezone
from redis.exceptions import RedisError

from chat.enums import Handling, MessageRole, MessageStatus
from chat.inbox.exceptions import ConversationTakenError, EmptyReplyError, NotTakenOverError
from chat.models import PERSON_NAME_LENGTH, Conversation, Message
from chat.turns.live.store import TurnKey, ask_to_stop
from chat.turns.services import announcements
from chat.turns.services.handoff import changed_conversation, check_reach
from chatcms.core.text.safety import seen
from tenants import audit
from tenants.context import current_tenant_id
from tenants.selectors import name_shown
from tenants.types import Actor

logger = logging.getLogger(__name__)

MAX_REPLY = 8000


def take_over(*, by: Actor, conversation: Conversation, name: str = "", instead_of_other: bool = False) -> Conversation:
    """Let the caller answer from now on, shown as `name`, and return the conversation; its bot is silent then.

    An answer under way is ended where it is; a conversation that has ended is open again. Without a name it is the
    member's own, or the tenant's. Raises `ConversationTakenError` when somebody else has it, unless the caller is to
    answer `instead_of_other`, and `OutOfReachError`.
    """
    check_reach(conversation)
    with changed_conversation(conversation) as row:
        if row.handling == Handling.PERSON and row.taken_by != by.id and not instead_of_other:
            raise ConversationTakenError(row.taken_by_name)
        row.handling, row.taken_by, row.taken_by_name = Handling.PERSON, by.id, _shown(by, name)
        row.taken_at, row.ended_at = timezone.now(), None
        row.save(update_fields=["handling", "taken_by", "taken_by_name", "taken_at", "ended_at"])
        audit.record("conversation.take_over", by=by, target=row, label=str(row.pk))
        _silence(row)
    return row


def hand_back(*, by: Actor, conversation: Conversation) -> Conversation:
    """Let the bot answer again after a takeover or a request, and return the conversation."""
    with changed_conversation(conversation) as row:
        if row.handling != Handling.BOT:
            row.handling, row.taken_by, row.taken_by_name = Handling.BOT, None, ""
            row.save(update_fields=["handling", "taken_by", "taken_by_name"])
            audit.record("conversation.hand_back", by=by, target=row, label=str(row.pk))
    return row


def reply(*, by: Actor, conversation: Conversation, content: str) -> Message:
    """Write to the holder of the conversation, in the name under which it was taken over; return the message.

    Raises `NotTakenOverError` when nobody has taken it over, `ConversationTakenError` when somebody else has, and
    `EmptyReplyError`.
    """
    content = seen(content)
    if not content:
        raise EmptyReplyError
    with changed_conversation(conversation) as row:
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
        announcements.tell_message(message.pk)
    return message


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
