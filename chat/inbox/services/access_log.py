"""Puts on record who of the tenant reads conversations and what goes out as a file.

Reading is a line for each reader and conversation in a quarter of an hour, lists one for each reader; each file is one.
Who holds a conversation (a visitor, a program that asked) leaves none by reading their own.
"""

from __future__ import annotations

import uuid
from dataclasses import asdict

from chat.inbox import selectors
from chat.inbox.selectors import ConversationFilter
from chat.models import Conversation, Message
from tenants import audit
from tenants.types import Actor


def open_conversation(*, by: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Return a conversation of the tenant for somebody to read; raises `NoSuchConversationError`."""
    conversation = selectors.conversation(by=by, conversation_id=conversation_id)
    audit.record_reading("conversation.read", by=by, target=conversation, label=str(conversation.pk))
    return conversation


def open_message(*, by: Actor, message_id: uuid.UUID) -> Message:
    """Return a message of the tenant for somebody to read, with its conversation; raises `NoSuchMessageError`."""
    message = selectors.message(by=by, message_id=message_id)
    conversation = message.conversation
    audit.record_reading("conversation.read", by=by, target=conversation, label=str(conversation.pk))
    return message


def note_list(what: str, *, by: Actor) -> None:
    """Note that somebody goes through a list that shows what people wrote."""
    audit.record_reading(f"{what}.list", by=by)


def note_export(*, by: Actor, where: ConversationFilter, file_format: str) -> None:
    """Note that somebody takes conversations out as a file: which, and how."""
    asked = {name: str(value) for name, value in asdict(where).items() if value not in (None, "", (), [])}
    audit.record("conversation.export", by=by, file_format=file_format, asked=asked)
