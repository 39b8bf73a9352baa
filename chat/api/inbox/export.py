"""The tenant's conversations as a file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any, ClassVar

import orjson
from django.http import HttpResponseBase, StreamingHttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from chat.api.queries import ConversationQuery
from chat.enums import Rating
from chat.inbox import ConversationFilter
from chat.models import Conversation, Message
from chat.services.exporting import exported
from chatcms.core import csvout, serializers
from chatcms.core.openapi import problems
from chatcms.core.rendering import plain
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ABOUT = """\
With `file_format=jsonl` (as usual) one JSON document a line for each conversation, with its `messages`; with `csv` one
line for each message, and a line of headings first. The first begun comes first. The file is made while it is read:
a break in it shows by the connection's end, not by the status.
"""
_CONVERSATION = (
    *("id", "title", "channel", "origin", "actor_type", "actor_id", "visitor_ref", "message_count"),
    *("started_at", "last_message_at", "ended_at"),
)
_MESSAGE = ("id", "seq", "role", "content", "status", "error_code", "model", "superseded", "created_at")
_HEADINGS = (
    *("conversation_id", "bot", "channel", "visitor_id", "visitor_ref"),
    *(name if name != "id" else "message_id" for name in _MESSAGE),
    *("rating", "comment"),
)


class ExportQuery(ConversationQuery):
    """Narrows down what is exported, and says how."""

    file_format = serializers.ChoiceField(choices=["jsonl", "csv"], default="jsonl")


class ExportView(TenantAPIView):
    """All conversations of the tenant, in one file."""

    capabilities: ClassVar = {"GET": Capability.CONVERSATIONS_READ}
    pagination_class = None

    @extend_schema(
        operation_id="conversations_export",
        tags=["inbox"],
        summary="Export conversations",
        description=_ABOUT,
        parameters=[ExportQuery],
        responses={
            (200, "application/jsonl"): OpenApiResponse(str, description="A conversation a line."),
            (200, "text/csv"): OpenApiResponse(str, description="A message a line."),
            **problems(400, 401, 403),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Give the conversations that fit, with their messages."""
        asked = ExportQuery.asked(request)
        ending = asked.pop("file_format")
        encode, content_type = _FORMATS[ending]
        pages = exported(by=self.actor, tenant=self.tenant, where=ConversationFilter(**asked), encode=encode)
        return StreamingHttpResponse(
            _headed(pages) if ending == "csv" else pages,
            content_type=content_type,
            headers={
                "Content-Disposition": f'attachment; filename="conversations.{ending}"',
                "Cache-Control": "no-store",
            },
        )


async def _headed(pages: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield csvout.encoded([_HEADINGS])
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
    return {**{name: getattr(message, name) for name in _MESSAGE}, "feedback": rated}


def _as_csv(conversations: Sequence[Conversation]) -> bytes:
    return csvout.encoded(_row(one, message) for one in conversations for message in one.messages.all())


def _row(conversation: Conversation, message: Message) -> list[Any]:
    visitor_id = conversation.actor_id if conversation.actor_type == "visitor" else None
    given = getattr(message, "feedback", None)
    return [
        *(conversation.pk, conversation.bot.slug, conversation.channel, visitor_id, conversation.visitor_ref),
        *(_told(getattr(message, name)) for name in _MESSAGE),
        *((Rating(given.rating).name.lower(), given.comment) if given else (None, None)),
    ]


def _told(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


_FORMATS: dict[str, tuple[Callable[[Sequence[Conversation]], bytes], str]] = {
    "jsonl": (_as_json_lines, "application/jsonl"),
    "csv": (_as_csv, csvout.CONTENT_TYPE),
}
