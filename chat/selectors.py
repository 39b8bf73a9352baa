"""Finds the conversations and answers of a caller."""

from __future__ import annotations

import uuid

from chat.enums import MessageRole
from chat.exceptions import NoSuchConversationError
from chat.models import Conversation, ConversationQuerySet, Message
from tenants.types import Actor


def conversations_of(actor: Actor) -> ConversationQuerySet:
    """Return the conversations that the caller holds and may use, each with its bot.

    A key that is limited to some bots, and a visitor, have those with these bots only, and a visitor only the one
    that the token is for.
    """
    conversations = held_by(actor)
    if actor.conversation_id is not None:
        conversations = conversations.filter(pk=actor.conversation_id)
    return conversations


def held_by(actor: Actor) -> ConversationQuerySet:
    conversations = Conversation.objects.of_actor(actor.type, actor.id).select_related("bot")
    if actor.bot_ids is not None:
        conversations = conversations.filter(bot__in=actor.bot_ids)
    return conversations


def conversation_of(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Return one conversation of the caller; raise `NoSuchConversationError`, also for another's."""
    conversation = conversations_of(actor).filter(pk=conversation_id).first()
    if conversation is None:
        raise NoSuchConversationError("There is no such conversation of yours.")
    return conversation


def answer_of(actor: Actor, message_id: uuid.UUID) -> Message:
    """Return one answer from the caller's own conversations; raise `NoSuchConversationError` otherwise."""
    message = (
        Message.objects.select_related("conversation", "feedback")
        .filter(pk=message_id, role=MessageRole.ASSISTANT, conversation__in=conversations_of(actor).order_by())
        .first()
    )
    if message is None:
        raise NoSuchConversationError("There is no such answer in a conversation of yours.")
    return message
