"""The caller's conversations: list, read, delete."""

from __future__ import annotations

import uuid
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chat import selectors
from chat.api.serializers import ConversationSerializer, MessageSerializer
from chat.exceptions import NoSuchConversationError
from chat.models import ConversationQuerySet
from chat.services.finishing import delete_conversation
from chatcms.core.openapi import problems
from chatcms.core.pagination import Pages
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_PROBLEMS = problems(401, 403, errors=(NoSuchConversationError,))


class MessagePages(Pages):
    """A conversation is read from its beginning."""

    ordering = "seq"


class ConversationListView(ListModelMixin, TenantAPIView):
    """The conversations that the caller holds."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    serializer_class = ConversationSerializer

    def get_queryset(self) -> ConversationQuerySet:
        """Those of this user or API key."""
        return selectors.conversations_of(self.actor)

    @extend_schema(summary="List your conversations", responses={200: ConversationSerializer, **problems(401, 403)})
    def get(self, request: Request) -> Response:
        """Give a page of your own conversations, the last begun first."""
        return self.list(request)


class ConversationDetailView(TenantAPIView):
    """One conversation that the caller holds."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE, "DELETE": Capability.CHAT_USE}
    serializer_class = ConversationSerializer

    @extend_schema(summary="Show a conversation", responses={200: ConversationSerializer, **_PROBLEMS})
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Give one of your conversations, without its messages."""
        conversation = selectors.conversation_of(self.actor, conversation_id)
        return Response(ConversationSerializer(conversation).data)

    @extend_schema(summary="Delete a conversation", responses={204: None, **_PROBLEMS})
    def delete(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Delete one of your conversations with its messages, for good."""
        conversation = selectors.conversation_of(self.actor, conversation_id)
        delete_conversation(by=self.actor, conversation=conversation)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MessageListView(TenantAPIView):
    """The messages of one conversation."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    serializer_class = MessageSerializer
    pagination_class = MessagePages

    @extend_schema(summary="List a conversation's messages", responses={200: MessageSerializer(many=True), **_PROBLEMS})
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Give a page of messages, the first one first; citations come with what is written there now."""
        conversation = selectors.conversation_of(self.actor, conversation_id)
        page = self.paginate_queryset(conversation.messages.all()) or []
        context = {"quotes": selectors.quotes_for(page)}
        return self.get_paginated_response(MessageSerializer(page, many=True, context=context).data)
