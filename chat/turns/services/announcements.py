"""Tells the tenant's webhooks of messages, of conversations that begin and of questions that nothing was found for.

Call it in the transaction of what happened. A turn does so only where a webhook listens, which came with its bot, so
that it costs no other turn a statement.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction

from bots.models import Bot
from chat.enums import MessageRole, MessageStatus
from chat.models import Conversation, Message
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit


@contextmanager
def one_transaction(bot: Bot) -> Iterator[None]:
    """Let the block write together with what webhooks are told of it, if any listens to turns."""
    if not bot.turns_are_heard:
        yield
        return
    with transaction.atomic():
        yield


def tell_message(message_id: uuid.UUID) -> None:
    """A message is there; the first one of a conversation begins it. An answer is there once it has ended."""
    messages = Message.objects.select_related("conversation__bot")
    message = messages.filter(pk=message_id).exclude(status=MessageStatus.STREAMING).first()
    if message is None:
        return
    if message.seq == 1:
        emit(
            type=EventType.CONVERSATION_STARTED,
            payload={
                **described(message.conversation),
                "url": f"{settings.PUBLIC_URL}/v1/tenant/conversations/{message.conversation_id}",
            },
            dedupe_key=f"{EventType.CONVERSATION_STARTED}:{message.conversation_id}",
        )
    emit(
        type=EventType.MESSAGE_CREATED,
        payload={
            **_place(message.conversation),
            "message_id": message.pk,
            "seq": message.seq,
            "role": message.role,
            "status": message.status,
            "reply_to": message.reply_to_id,
            "created_at": message.created_at.isoformat(),
            "url": _address(message),
        },
        # A restarted answer is told of once more.
        dedupe_key=f"{EventType.MESSAGE_CREATED}:{message.pk}:{message.status}",
    )
    if _is_unanswered(message):
        _tell_unanswered(message)


def _is_unanswered(message: Message) -> bool:
    is_answer = message.role == MessageRole.ASSISTANT and message.status != MessageStatus.FAILED
    return is_answer and message.retrieval.get("has_evidence") is False


def _tell_unanswered(message: Message) -> None:
    emit(
        type=EventType.QUESTION_UNANSWERED,
        payload={
            **_place(message.conversation),
            "question_id": message.reply_to_id,
            "message_id": message.pk,
            "answered_by": message.retrieval.get("answered_by", "model"),
            "asked_at": message.created_at.isoformat(),
            "url": _address(message),
        },
        dedupe_key=f"{EventType.QUESTION_UNANSWERED}:{message.pk}",
    )


def _place(conversation: Conversation) -> dict[str, Any]:
    told = described(conversation)
    return {name: told[name] for name in ("conversation_id", "bot", "channel", "visitor_id", "visitor_ref")}


def _address(message: Message) -> str:
    return f"{settings.PUBLIC_URL}/v1/tenant/messages/{message.pk}"


def described(conversation: Conversation) -> dict[str, Any]:
    """Return what webhooks are told of a conversation, which comes with its bot."""
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
    }
