"""The tenant's conversations: all of them, whoever holds them."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chat.conversations.api.conversations import MessagePages
from chat.conversations.services.lifecycle import delete_conversation
from chat.exceptions import NoSuchConversationError
from chat.inbox import selectors
from chat.inbox.api.queries import ConversationQuery
from chat.inbox.api.serializers import InboxConversationSerializer, InboxMessageSerializer
from chat.inbox.selectors import MessageFilter
from chat.inbox.services import access_log
from chat.models import Conversation
from chat.turns.citations import quotes_for
from chatcms.core.api.openapi import problems
from chatcms.core.api.ordering import OrderedPages, ordering_parameter
from chatcms.core.exceptions import PreconditionFailedError
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

ORDERINGS = ("-last_message_at", "last_message_at", "-id", "id")
_PROBLEMS = problems(401, 403, errors=(NoSuchConversationError,))


def shown_conversation(conversation: Conversation) -> Any:
    """Return a conversation as the inbox shows it."""
    context = {"summaries": selectors.summaries_of([conversation.pk])}
    return InboxConversationSerializer(conversation, context=context).data


class InboxView(ListModelMixin, TenantAPIView):
    """All conversations of the tenant."""

    capabilities: ClassVar = {"GET": Capability.CONVERSATIONS_READ}
    serializer_class = InboxConversationSerializer
    pagination_class = OrderedPages
    orderings = ORDERINGS

    def get_queryset(self) -> QuerySet[Conversation]:
        """Those that the caller may see and asks for."""
        return selectors.conversations(by=self.actor, where=ConversationQuery.narrowed(self.request))

    @extend_schema(
        operation_id="conversations_list",
        tags=["inbox"],
        summary="List all conversations",
        parameters=[ConversationQuery, ordering_parameter(ORDERINGS)],
        responses={200: InboxConversationSerializer(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of conversations, the ones with the latest messages first."""
        access_log.note_list("conversation", by=self.actor)
        page = self.paginate_queryset(self.get_queryset()) or []
        context = {"summaries": selectors.summaries_of([conversation.pk for conversation in page])}
        return self.get_paginated_response(InboxConversationSerializer(page, many=True, context=context).data)


class InboxConversationView(TenantAPIView):
    """One conversation of the tenant."""

    capabilities: ClassVar = {"GET": Capability.CONVERSATIONS_READ, "DELETE": Capability.CONVERSATIONS_WRITE}
    serializer_class = InboxConversationSerializer

    @extend_schema(
        operation_id="conversations_read",
        tags=["inbox"],
        summary="Show any conversation",
        responses={200: InboxConversationSerializer, **_PROBLEMS},
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Give a conversation, without its messages."""
        conversation = access_log.open_conversation(by=self.actor, conversation_id=conversation_id)
        return self.tagged(conversation, shown_conversation(conversation))

    @extend_schema(
        operation_id="conversations_delete",
        tags=["inbox"],
        summary="Delete any conversation",
        responses={204: None, **problems(401, 403, errors=(NoSuchConversationError, PreconditionFailedError))},
    )
    def delete(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Delete a conversation with its messages, for good; its usage figures stay."""
        conversation = selectors.conversation(by=self.actor, conversation_id=conversation_id)
        with self.unchanged(conversation):
            delete_conversation(by=self.actor, conversation=conversation)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InboxConversationMessagesView(ListModelMixin, TenantAPIView):
    """The messages of one conversation of the tenant."""

    capabilities: ClassVar = {"GET": Capability.CONVERSATIONS_READ}
    serializer_class = InboxMessageSerializer
    pagination_class = MessagePages

    @extend_schema(
        operation_id="conversation_messages_list",
        tags=["inbox"],
        summary="List any conversation's messages",
        responses={200: InboxMessageSerializer(many=True), **problems(400), **_PROBLEMS},
    )
    def get(self, request: Request, conversation_id: uuid.UUID) -> Response:
        """Give a page of messages, the first one first."""
        conversation = access_log.open_conversation(by=self.actor, conversation_id=conversation_id)
        rows = selectors.messages(by=self.actor, where=MessageFilter(conversation_id=conversation.pk))
        page = self.paginate_queryset(rows) or []
        context = {"quotes": quotes_for(page)}
        return self.get_paginated_response(InboxMessageSerializer(page, many=True, context=context).data)
