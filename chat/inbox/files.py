"""Conversations as files: JSON, tables, and transcripts to be read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import orjson
from django.http import StreamingHttpResponse

from chat.enums import MessageRole, Rating
from chat.inbox.exceptions import NoSuchFormatError
from chat.inbox.selectors import ConversationFilter
from chat.inbox.services.access_log import note_export
from chat.inbox.services.export import exported
from chat.models import Conversation, Message
from chat.turns.partwords import parts_of, plain_words_of
from chatcms.core.api.rendering import plain
from chatcms.core.http.attachments import HEADER, attachment
from chatcms.core.text import csvout
from chatcms.core.text.safety import indented, one_line
from providers.messages import dump_parts
from tenants import downloads
from tenants.context import TenantLike
from tenants.types import Actor

_CONVERSATION = (
    *("id", "title", "channel", "origin", "actor_type", "actor_id", "visitor_ref", "message_count"),
    *("started_at", "last_message_at", "ended_at"),
)
_MESSAGE = (
    *("id", "seq", "role", "content", "status", "error_code", "model", "superseded", "created_at", "author_name"),
)
_HEADINGS = (
    *("conversation_id", "bot", "channel", "visitor_id", "visitor_ref"),
    *(name if name != "id" else "message_id" for name in _MESSAGE),
    *("rating", "comment", "parts"),
)

# What a transcript calls them, so that nobody passes for another by choosing their name.
_ROLES = {MessageRole.USER: "user", MessageRole.ASSISTANT: "bot", MessageRole.PERSON: "person"}

Encoder = Callable[[Sequence[Conversation]], bytes]


def exported_file(
    *, by: Actor, tenant: TenantLike, where: ConversationFilter, file_format: str, name: str = "conversations"
) -> StreamingHttpResponse:
    """Return the conversations that fit as a file that is made while it is read; raise `NoSuchFormatError`."""
    if file_format not in FORMATS:
        raise NoSuchFormatError
    encode, content_type = FORMATS[file_format]
    note_export(by=by, where=where, file_format=file_format)
    pages = exported(by=by, tenant=tenant, where=where, encode=encode)
    response = StreamingHttpResponse(
        _headed(pages) if file_format == "csv" else pages,
        content_type=content_type,
        headers={
            HEADER: attachment(f"{name}.{file_format}"),
            "Cache-Control": "no-store",
        },
    )
    downloads.on_record(response)
    return response


async def _headed(pages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield csvout.document([_HEADINGS])
    async for page in pages:
        yield page


def _as_json_lines(conversations: Sequence[Conversation]) -> bytes:
    return b"".join(
        orjson.dumps(_document(conversation), default=plain, option=orjson.OPT_APPEND_NEWLINE)
        for conversation in conversations
    )


def _document(conversation: Conversation) -> dict[str, Any]:
    bot = {"id": conversation.bot_id, "slug": conversation.bot.slug, "name": conversation.bot.name}
    own = {name: getattr(conversation, name) for name in _CONVERSATION}
    return {**own, "bot": bot, "messages": [_message(message) for message in conversation.messages.all()]}


def _message(message: Message) -> dict[str, Any]:
    given = getattr(message, "feedback", None)
    rated = {"rating": Rating(given.rating).name.lower(), "comment": given.comment} if given else None
    # Only of messages that are more than words, as in the API.
    parts = {"parts": dump_parts(parts_of(message))} if message.parts else {}
    return {**{name: getattr(message, name) for name in _MESSAGE}, **parts, "feedback": rated}


def _as_csv(conversations: Sequence[Conversation]) -> bytes:
    return csvout.encoded(_row(one, message) for one in conversations for message in one.messages.all())


def _row(conversation: Conversation, message: Message) -> list[Any]:
    visitor_id = conversation.actor_id if conversation.actor_type == "visitor" else None
    given = getattr(message, "feedback", None)
    return [
        *(conversation.pk, conversation.bot.slug, conversation.channel, visitor_id, conversation.visitor_ref),
        *(_told(getattr(message, name)) for name in _MESSAGE),
        *((Rating(given.rating).name.lower(), given.comment) if given else (None, None)),
        plain_words_of(message) if message.parts else None,
    ]


def _told(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _as_text(conversations: Sequence[Conversation]) -> bytes:
    return "".join(map(_transcript, conversations)).encode("utf-8", "replace")


def _transcript(conversation: Conversation) -> str:
    """Return a conversation to be read; only headings stand at the margin, so that no message can forge another."""
    who = conversation.visitor_ref or f"{conversation.actor_type} {conversation.actor_id or ''}".strip()
    names = {MessageRole.USER: who, MessageRole.ASSISTANT: conversation.bot.name}
    bot = one_line(conversation.bot.name)
    paragraphs = [f"Conversation {conversation.pk} with {bot}, {conversation.started_at:%Y-%m-%d %H:%M} UTC"]
    for message in conversation.messages.all():
        role = MessageRole(message.role)
        said_by = f"{one_line(names.get(role, message.author_name))} ({_ROLES[role]})"
        paragraphs.append(f"[{message.created_at:%Y-%m-%d %H:%M:%S}] {said_by}:\n{indented(plain_words_of(message))}")
    return "\n\n".join(paragraphs) + "\n\n\n"


FORMATS: dict[str, tuple[Encoder, str]] = {
    "jsonl": (_as_json_lines, "application/jsonl"),
    # One conversation is one line, and so a document.
    "json": (_as_json_lines, "application/json"),
    "csv": (_as_csv, csvout.CONTENT_TYPE),
    "txt": (_as_text, "text/plain; charset=utf-8"),
}
