"""Shapes of the events of a conversation that is watched."""

from __future__ import annotations

from functools import partial

from drf_spectacular.utils import OpenApiResponse

from chat.conversations.api.serializers import WhoAnswersSerializer
from chat.turns.api.serializers import (
    MessageSerializer,
)
from chatcms.core.api.openapi_events import event, events

of_watch = partial(
    event, about_id="The place (`seq`) up to which nothing is missing: send the last one as `Last-Event-ID`."
)
WATCH_EVENTS = [
    of_watch("ConversationHandlingEvent", "handling", WhoAnswersSerializer, about="Who answers from now on."),
    of_watch("ConversationMessageEvent", "message", MessageSerializer, about="A message, once it is whole."),
]
WATCH_STREAM = OpenApiResponse(
    events("ConversationEvent", WATCH_EVENTS),
    description="The events of the conversation; the schema is that of one event.",
)
