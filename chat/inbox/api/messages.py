"""The tenant's messages and what readers think of them, across all conversations."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chat.inbox import selectors
from chat.inbox.api.queries import FeedbackQuery, MessageQuery
from chat.inbox.api.serializers import InboxFeedbackSerializer, InboxMessageSerializer
from chat.inbox.exceptions import NoSuchMessageError
from chat.inbox.services import access_log
from chat.models import Feedback
from chat.turns.citations import quotes_for
from chatcms.core.api.openapi import problems
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability


class InboxMessagesView(ListModelMixin, TenantAPIView):
    """All messages of the tenant."""

    capabilities: ClassVar = {"GET": Capability.CONVERSATIONS_READ}
    serializer_class = InboxMessageSerializer

    @extend_schema(
        operation_id="messages_list",
        tags=["inbox"],
        summary="List or search all messages",
        parameters=[MessageQuery],
        responses={200: InboxMessageSerializer(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of messages, newest first."""
        access_log.note_list("message", by=self.actor)
        rows = selectors.messages(by=self.actor, where=MessageQuery.narrowed(request))
        page = self.paginate_queryset(rows) or []
        context = {"quotes": quotes_for(page)}
        return self.get_paginated_response(InboxMessageSerializer(page, many=True, context=context).data)


class InboxMessageView(TenantAPIView):
    """One message of the tenant."""

    capabilities: ClassVar = {"GET": Capability.CONVERSATIONS_READ}
    serializer_class = InboxMessageSerializer

    @extend_schema(
        operation_id="messages_read",
        tags=["inbox"],
        summary="Show any message",
        responses={200: InboxMessageSerializer, **problems(401, 403, errors=(NoSuchMessageError,))},
    )
    def get(self, request: Request, message_id: uuid.UUID) -> Response:
        """Give a message, with what it was made from and what it cost."""
        message = access_log.open_message(by=self.actor, message_id=message_id)
        context = {"quotes": quotes_for([message])}
        return self.tagged(message, InboxMessageSerializer(message, context=context).data)


class InboxFeedbackView(ListModelMixin, TenantAPIView):
    """All feedback that readers have given."""

    capabilities: ClassVar = {"GET": Capability.CONVERSATIONS_READ}
    serializer_class = InboxFeedbackSerializer

    def get_queryset(self) -> QuerySet[Feedback]:
        """That which the caller may see and asks for."""
        return selectors.feedback(by=self.actor, where=FeedbackQuery.narrowed(self.request))

    @extend_schema(
        operation_id="feedback_list",
        tags=["inbox"],
        summary="List feedback",
        parameters=[FeedbackQuery],
        responses={200: InboxFeedbackSerializer(many=True), **problems(400, 401, 403)},
    )
    def get(self, request: Request) -> Response:
        """Give a page of feedback, newest first, each with the answer and the question to it."""
        access_log.note_list("feedback", by=self.actor)
        return self.list(request)
