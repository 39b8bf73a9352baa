"""A person of the tenant in a conversation, as the tenant's people and programs steer it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.conversations.api.people import ABOUT_EVENTS, EVENT_PARAMETERS, place_asked
from chat.conversations.services.lifecycle import end_conversation
from chat.conversations.serving import WatchResponse
from chat.exceptions import NoSuchConversationError
from chat.inbox import selectors
from chat.inbox.api.conversations import shown_conversation
from chat.inbox.api.serializers import InboxConversationSerializer, InboxHandlingSerializer, InboxMessageSerializer
from chat.inbox.api.streams import INBOX_STREAM
from chat.inbox.exceptions import ConversationTakenError, EmptyReplyError, NotTakenOverError
from chat.inbox.services import access_log
from chat.inbox.services.takeover import MAX_REPLY, hand_back, reply, take_over
from chat.models import PERSON_NAME_LENGTH, Conversation, Message
from chat.turns.api.base import LoopAPIView
from chat.turns.citations import quotes_for
from chat.turns.exceptions import InvalidPositionError, OutOfReachError
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.api.rendering import EventStreamRenderer, FastJSONRenderer
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_PROBLEMS = problems(401, 403, errors=(NoSuchConversationError,))
_TAKE_OVER = """\
From now on the caller answers, and the bot is silent: an answer under way ends where it is, and questions wait. Write
with `reply`, and let the bot go on with `hand-back`. Of two who take a conversation over at once one is refused with
409, unless it says `instead_of_other`.
"""


class TakeOverSerializer(serializers.Serializer[Any]):
    """How a conversation is taken over."""

    name = serializers.CharField(
        max_length=PERSON_NAME_LENGTH,
        required=False,
        help_text="How you are shown to whom you write; else by your own name, or the tenant's.",
    )
    instead_of_other = serializers.BooleanField(default=False, help_text="Also from another person who has it.")


class ReplySerializer(serializers.Serializer[Any]):
    """What a person writes."""

    content = serializers.CharField(
        max_length=MAX_REPLY, help_text="What is said to whoever holds the conversation, in Markdown."
    )


class TakeOverView(TenantAPIView):
    """A person in place of the bot."""

    capabilities: ClassVar = {"POST": Capability.CONVERSATIONS_WRITE}
    serializer_class = TakeOverSerializer

    @extend_schema(
        operation_id="conversations_take_over",
        tags=["inbox"],
        summary="Take a conversation over",
        description=_TAKE_OVER,
        request=TakeOverSerializer,
        responses={
            200: InboxConversationSerializer,
            **problems(400, 401, 403, errors=(NoSuchConversationError, ConversationTakenError, OutOfReachError)),
        },
        examples=[OpenApiExample("As Ann", request_only=True, value={"name": "Ann"})],
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Answer in the bot's place from now on."""
        asked = TakeOverSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        conversation = selectors.conversation(by=self.actor, conversation_id=conversation_id)
        conversation = take_over(by=self.actor, conversation=conversation, **asked.validated_data)
        return Response(shown_conversation(conversation))


class HandBackView(TenantAPIView):
    """The bot again in place of a person."""

    capabilities: ClassVar = {"POST": Capability.CONVERSATIONS_WRITE}
    serializer_class = InboxConversationSerializer

    @extend_schema(
        operation_id="conversations_hand_back",
        tags=["inbox"],
        summary="Hand a conversation back to the bot",
        description="Also one that another person has, or in which one is only asked for.",
        request=None,
        responses={200: InboxConversationSerializer, **_PROBLEMS},
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Let the bot answer again, from the next question on."""
        conversation = selectors.conversation(by=self.actor, conversation_id=conversation_id)
        conversation = hand_back(by=self.actor, conversation=conversation)
        return Response(shown_conversation(conversation))


class ReplyView(TenantAPIView):
    """What a person writes in a conversation."""

    capabilities: ClassVar = {"POST": Capability.CONVERSATIONS_WRITE}
    serializer_class = ReplySerializer

    @extend_schema(
        operation_id="conversations_reply",
        tags=["inbox"],
        summary="Write in a conversation",
        description="In one that the caller has taken over; whoever watches it has it at once.",
        request=ReplySerializer,
        responses={
            201: InboxMessageSerializer,
            **problems(
                400,
                401,
                403,
                errors=(NoSuchConversationError, NotTakenOverError, ConversationTakenError, EmptyReplyError),
            ),
        },
        examples=[
            OpenApiExample("A reply", request_only=True, value={"content": "I have sent you a new label just now."})
        ],
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Write to whoever holds the conversation."""
        asked = ReplySerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        conversation = selectors.conversation(by=self.actor, conversation_id=conversation_id)
        message = reply(by=self.actor, conversation=conversation, **asked.validated_data)
        return Response(InboxMessageSerializer(message).data, status=status.HTTP_201_CREATED)


class InboxEndView(TenantAPIView):
    """The end of any conversation."""

    capabilities: ClassVar = {"POST": Capability.CONVERSATIONS_WRITE}
    serializer_class = InboxConversationSerializer

    @extend_schema(
        operation_id="conversations_end",
        tags=["inbox"],
        summary="End any conversation",
        description="A later question opens it again, for the bot.",
        request=None,
        responses={200: InboxConversationSerializer, **_PROBLEMS},
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Mark a conversation as ended."""
        conversation = selectors.conversation(by=self.actor, conversation_id=conversation_id)
        conversation = end_conversation(by=self.actor, conversation=conversation)
        return Response(shown_conversation(conversation))


class InboxEventsView(LoopAPIView):
    """What happens in any conversation of the tenant."""

    capabilities: ClassVar = {"GET": Capability.CONVERSATIONS_READ}
    renderer_classes = [EventStreamRenderer, FastJSONRenderer]

    @extend_schema(
        operation_id="conversations_events",
        tags=["inbox"],
        summary="Watch any conversation",
        description=ABOUT_EVENTS,
        parameters=EVENT_PARAMETERS,
        responses={
            (200, "text/event-stream"): INBOX_STREAM,
            **problems(401, 403, errors=(NoSuchConversationError, InvalidPositionError)),
        },
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> HttpResponseBase:
        """Tell what is new in a conversation as it happens."""
        after = place_asked(request)
        conversation = access_log.open_conversation(by=self.actor, conversation_id=conversation_id)
        return WatchResponse(self.tenant, conversation.pk, WatchedByInbox(), after=after)


class WatchedByInbox:
    """A conversation as the inbox shows it."""

    def messages(self, messages: Sequence[Message]) -> Sequence[Any]:
        """Return messages with what they quote."""
        context = {"quotes": quotes_for(messages)}
        return [InboxMessageSerializer(message, context=context).data for message in messages]

    def handling(self, conversation: Conversation) -> Any:
        """Return who answers, and why a person does or should."""
        return InboxHandlingSerializer(conversation).data
