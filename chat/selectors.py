"""Finds conversations, their messages, and what a turn needs of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.utils import timezone

from chat.enums import MessageRole, MessageStatus
from chat.exceptions import NoSuchConversationError
from chat.models import Conversation, ConversationQuerySet, Message, Usage
from datasets.models import Chunk
from providers.types import ChatMessage
from tenants.types import Actor

HISTORY_MESSAGES = 20


def conversations_of(actor: Actor) -> ConversationQuerySet:
    """Return the conversations that the caller holds, each with its bot."""
    return Conversation.objects.of_actor(actor.type, actor.id).select_related("bot")


def conversation_of(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Return one conversation of the caller; raise `NoSuchConversationError`, also for another's."""
    conversation = conversations_of(actor).filter(pk=conversation_id).first()
    if conversation is None:
        raise NoSuchConversationError("There is no such conversation of yours.")
    return conversation


def history_of(conversation_id: uuid.UUID) -> tuple[ChatMessage, ...]:
    """Return the last turns that have an answer, oldest first; a question that got none is left out."""
    rows = (
        Message.objects.filter(conversation_id=conversation_id)
        .order_by("-seq")
        .values_list("role", "content", "status")[:HISTORY_MESSAGES]
    )
    history: list[ChatMessage] = []
    answered = False
    for role, content, status in rows:
        if role == MessageRole.ASSISTANT:
            answered = bool(content) and status in {MessageStatus.COMPLETE, MessageStatus.STOPPED}
            if answered:
                history.append(ChatMessage("assistant", content))
        elif answered:
            history.append(ChatMessage("user", content))
            answered = False
    if history and history[-1].role == "assistant":
        history.pop()
    return tuple(reversed(history))


def messages_this_month() -> int:
    """Return how many answers of this calendar month (UTC) count against the plan: settled or under way."""
    first = timezone.now().date().replace(day=1)
    settled = Usage.objects.filter(day__gte=first).count()
    return settled + Message.objects.filter(status=MessageStatus.STREAMING).count()


def quotes_for(messages: Iterable[Message]) -> dict[str, str]:
    """Return the text of every chunk that the messages cite, by its id; chunks deleted since are not in it."""
    cited = {citation["chunk_id"] for message in messages for citation in message.citations}
    if not cited:
        return {}
    return {str(pk): text for pk, text in Chunk.objects.filter(pk__in=cited).values_list("pk", "text")}


def answer_of(actor: Actor, message_id: uuid.UUID) -> Message:
    """Return one answer from the caller's own conversations; raise `NoSuchConversationError` otherwise."""
    message = Message.objects.filter(
        pk=message_id, role=MessageRole.ASSISTANT, conversation__in=conversations_of(actor).order_by()
    ).first()
    if message is None:
        raise NoSuchConversationError("There is no such answer in a conversation of yours.")
    return message
