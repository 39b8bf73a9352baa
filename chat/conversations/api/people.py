"""A person of the tenant in a conversation, as those see it who hold it: asked for, and heard live."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bots.exceptions import NoSuchBotError
from chat.conversations.api.serializers import ConversationSerializer, WhoAnswersSerializer
from chat.conversations.api.streams import WATCH_STREAM
from chat.conversations.services.lifecycle import opened_conversation
from chat.conversations.serving import LONGEST_PLACE, WatchResponse, place_in
from chat.enums import RequestReason
from chat.exceptions import NoSuchConversationError
from chat.models import Conversation, Message
from chat.selectors import conversation_of
from chat.turns.api.base import LoopAPIView
from chat.turns.api.serializers import MessageSerializer
from chat.turns.citations import quotes_for
from chat.turns.exceptions import InvalidPositionError, OutOfReachError, PersonNotOfferedError
from chat.turns.services.handoff import request_person
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.api.rendering import EventStreamRenderer, FastJSONRenderer
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_REQUEST = """\
Asks for a person of the tenant, if the bot's `look.talk_to_person` allows it, and tells the tenant's webhooks
(`conversation.person_requested`). Until one comes the bot goes on answering. A visitor's conversation that has no
question yet is opened. Asking again changes nothing.
"""
ABOUT_EVENTS = """\
Server-sent events of one conversation, as they happen, from whichever process: `handling` first and whenever it changes
(`handling`, `person`, `requested_at`), and `message` with each message once it is whole: questions, answers, and what
people write, as `GET …/messages` shows them. Meant to be read while `handling` is not `bot`; leave out the messages
whose `id` you have. An answer whose `reply_to` an earlier one has takes that one's place.

Each event has an `id`, the place (`seq`) up to which nothing is missing: send the last one as `Last-Event-ID` to come
back, to any process, or begin with `after`, the `seq` of the last message that you have; without either only what is
new from now on comes. A comment line comes at least every 15 seconds. The stream ends after 30 minutes, when the
conversation is deleted, and within a minute when the credential that it was opened with is good no more.
"""
EVENT_PARAMETERS = [
    OpenApiParameter(
        "after",
        {"type": "integer", "minimum": 0, "maximum": 10**LONGEST_PLACE - 1},
        description="The `seq` of the last message that you have.",
    ),
    OpenApiParameter(
        "Last-Event-ID",
        {"type": "string", "pattern": f"^[0-9]{{1,{LONGEST_PLACE}}}$"},
        OpenApiParameter.HEADER,
        description="The `id` of the last event that was received, unchanged; goes before `after`.",
    ),
]


class RequestPersonSerializer(serializers.Serializer[Any]):
    """Why a person is asked for."""

    reason = serializers.ChoiceField(
        choices=RequestReason.choices,
        default=RequestReason.CUSTOMER_REQUEST,
        help_text="For programs that know more than that somebody asked for a person.",
    )


class PersonRequestView(TenantAPIView):
    """The wish to talk to a person."""

    capabilities: ClassVar = {"POST": Capability.CHAT_USE}
    serializer_class = RequestPersonSerializer

    @extend_schema(
        operation_id="chat_conversations_request_person",
        tags=["conversations"],
        summary="Ask for a person",
        description=_REQUEST,
        request=RequestPersonSerializer,
        responses={
            200: ConversationSerializer,
            **problems(
                400, 401, 403, errors=(NoSuchConversationError, NoSuchBotError, PersonNotOfferedError, OutOfReachError)
            ),
        },
        examples=[OpenApiExample("By a visitor's wish", request_only=True, value={})],
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Ask for a person in one of your conversations."""
        asked = RequestPersonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        conversation = opened_conversation(by=self.actor, conversation_id=conversation_id)
        conversation = request_person(by=self.actor, conversation=conversation, **asked.validated_data)
        return Response(ConversationSerializer(conversation).data)


class ConversationEventsView(LoopAPIView):
    """What happens in one conversation of the caller's."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    renderer_classes = [EventStreamRenderer, FastJSONRenderer]

    @extend_schema(
        operation_id="chat_conversations_events",
        tags=["conversations"],
        summary="Watch a conversation",
        description=ABOUT_EVENTS,
        parameters=EVENT_PARAMETERS,
        responses={
            (200, "text/event-stream"): WATCH_STREAM,
            **problems(401, 403, errors=(NoSuchConversationError, InvalidPositionError)),
        },
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> HttpResponseBase:
        """Tell what is new in one of your conversations as it happens."""
        after = place_asked(request)
        conversation = conversation_of(self.actor, conversation_id)
        return WatchResponse(self.tenant, conversation.pk, OwnView(), after=after)


def place_asked(request: Request) -> int | None:
    """Return the place that a request names, None for one that begins now; raise `InvalidPositionError`."""
    return place_in(request.headers.get("Last-Event-ID") or request.query_params.get("after", ""))


class OwnView:
    """A conversation as those see it who hold it."""

    def messages(self, messages: Sequence[Message]) -> Sequence[Any]:
        """Return messages with what they quote."""
        context = {"quotes": quotes_for(messages)}
        return [MessageSerializer(message, context=context).data for message in messages]

    def handling(self, conversation: Conversation) -> Any:
        """Return who answers."""
        return WhoAnswersSerializer(conversation).data
