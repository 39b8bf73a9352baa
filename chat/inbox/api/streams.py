"""Shapes of the events of a conversation as the inbox watches it."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiResponse

from chat.conversations.api.streams import of_watch
from chat.inbox.api.serializers import InboxHandlingSerializer, InboxMessageSerializer
from chatcms.core.api.openapi_events import events

INBOX_EVENTS = [
    of_watch("InboxHandlingEvent", "handling", InboxHandlingSerializer, about="Who answers from now on."),
    of_watch("InboxMessageEvent", "message", InboxMessageSerializer, about="A message, once it is whole."),
]
INBOX_STREAM = OpenApiResponse(
    events("InboxEvent", INBOX_EVENTS), description="The events of the conversation; the schema is that of one event."
)
