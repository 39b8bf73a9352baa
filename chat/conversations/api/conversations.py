"""The caller's conversations: list, read, rename, end, delete."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chat.conversations.api.queries import OwnConversationQuery
from chat.conversations.api.serializers import ConversationSerializer, TitleSerializer
from chat.conversations.selectors import conversations_to_choose_from
from chat.conversations.services.lifecycle import delete_conversation, end_conversation, rename_conversation
from chat.exceptions import NoSuchConversationError
from chat.models import Conversation
from chat.selectors import conversation_of
from chat.turns.api.serializers import MessageSerializer
from chat.turns.citations import quotes_for
from chatcms.core.api.openapi import problems
from chatcms.core.api.pagination import Pages
from chatcms.core.exceptions import PreconditionFailedError
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_PROBLEMS = problems(401, 403, errors=(NoSuchConversationError,))
_CHANGE_PROBLEMS = problems(401, 403, errors=(NoSuchConversationError, PreconditionFailedError))


class MessagePages(Pages):
    """A conversation is read from its beginning."""

    ordering = "seq"


class ConversationListView(ListModelMixin, TenantAPIView):
    """The conversations that the caller holds."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    serializer_class = ConversationSerializer

    def get_queryset(self) -> QuerySet[Conversation]:
        """Those of this user, API key or visitor."""
        return conversations_to_choose_from(self.actor, **OwnConversationQuery.asked(self.request))

    @extend_schema(
        operation_id="chat_conversations_list",
        tags=["conversations"],
        summary="List your conversations",
        description="Of a visitor whom the tenant has vouched for, also the earlier ones with the bot.",
        parameters=[OwnConversationQuery],
        responses={200: ConversationSerializer(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of your own conversations, the last begun first."""
        return self.list(request)


class ConversationDetailView(TenantAPIView):
    """One conversation that the caller holds."""

    capabilities: ClassVar = {
        "GET": Capability.CHAT_USE,
        "PATCH": Capability.CHAT_USE,
        "DELETE": Capability.CHAT_USE,
    }
    serializer_class = ConversationSerializer

    @extend_schema(
        operation_id="chat_conversations_read",
        tags=["conversations"],
        summary="Show a conversation",
        responses={200: ConversationSerializer, **_PROBLEMS},
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Give one of your conversations, without its messages."""
        conversation = conversation_of(self.actor, conversation_id)
        return self.tagged(conversation, ConversationSerializer(conversation).data)

    @extend_schema(
        operation_id="chat_conversations_update",
        tags=["conversations"],
        summary="Rename a conversation",
        request=TitleSerializer,
        responses={200: ConversationSerializer, **problems(400), **_CHANGE_PROBLEMS},
        examples=[OpenApiExample("A title", request_only=True, value={"title": "Returning the blue chair"})],
    )
    def patch(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Give one of your conversations another title."""
        asked = TitleSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        conversation = conversation_of(self.actor, conversation_id)
        with self.unchanged(conversation):
            rename_conversation(
                by=self.actor, conversation=conversation, title=asked.validated_data.get("title", conversation.title)
            )
        return self.tagged(conversation, ConversationSerializer(conversation).data)

    @extend_schema(
        operation_id="chat_conversations_delete",
        tags=["conversations"],
        summary="Delete a conversation",
        responses={204: None, **_CHANGE_PROBLEMS},
    )
    def delete(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Delete one of your conversations with its messages, for good."""
        conversation = conversation_of(self.actor, conversation_id)
        with self.unchanged(conversation):
            delete_conversation(by=self.actor, conversation=conversation)
        return Response(status=status.HTTP_204_NO_CONTENT)


class ConversationEndView(TenantAPIView):
    """The end of a conversation that the caller holds."""

    capabilities: ClassVar = {"POST": Capability.CHAT_USE}
    serializer_class = ConversationSerializer

    @extend_schema(
        operation_id="chat_conversations_end",
        tags=["conversations"],
        summary="End a conversation",
        description="Tells the tenant's webhooks. One that nobody goes on with for 30 minutes ends by itself.",
        request=None,
        responses={200: ConversationSerializer, **_PROBLEMS},
    )
    def post(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Mark one of your conversations as ended; another question opens it again."""
        conversation = conversation_of(self.actor, conversation_id)
        end_conversation(by=self.actor, conversation=conversation)
        return Response(ConversationSerializer(conversation).data)


class MessageListView(ListModelMixin, TenantAPIView):
    """The messages of one conversation."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    serializer_class = MessageSerializer
    pagination_class = MessagePages

    @extend_schema(
        operation_id="chat_messages_list",
        tags=["conversations"],
        summary="List a conversation's messages",
        responses={200: MessageSerializer(many=True), **problems(400), **_PROBLEMS},
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Give a page of messages, the first one first; citations come with what is written there now."""
        conversation = conversation_of(self.actor, conversation_id)
        page = self.paginate_queryset(conversation.messages.select_related("feedback")) or []
        context = {"quotes": quotes_for(page)}
        return self.get_paginated_response(MessageSerializer(page, many=True, context=context).data)
