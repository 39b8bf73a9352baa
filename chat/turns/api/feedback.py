"""What the caller thinks of an answer."""

from __future__ import annotations

import uuid
from contextlib import nullcontext
from typing import ClassVar

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.exceptions import NoSuchConversationError
from chat.selectors import answer_of
from chat.turns.api.serializers import FeedbackSerializer
from chat.turns.services.feedback import give_feedback, withdraw_feedback
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PreconditionFailedError
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_PROBLEMS = problems(401, 403, errors=(NoSuchConversationError, PreconditionFailedError))


class MessageFeedbackView(TenantAPIView):
    """Feedback on one answer in a conversation of the caller's own."""

    capabilities: ClassVar = {"PUT": Capability.CHAT_USE, "DELETE": Capability.CHAT_USE}
    serializer_class = FeedbackSerializer

    @extend_schema(
        operation_id="chat_feedback_give",
        tags=["conversations"],
        summary="Rate an answer",
        description="The last word counts: it takes the place of what was said before.",
        request=FeedbackSerializer,
        responses={200: FeedbackSerializer, **problems(400), **_PROBLEMS},
        examples=[
            OpenApiExample("Good", request_only=True, value={"rating": "up"}),
            OpenApiExample("Bad", request_only=True, value={"rating": "down", "comment": "That is last year's price."}),
        ],
    )
    def put(self, request: Request, message_id: uuid.UUID) -> Response:
        """Say what you think of an answer in a conversation of yours."""
        asked = FeedbackSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        message = answer_of(self.actor, message_id)
        known = getattr(message, "feedback", None)
        with self.unchanged(known) if known else nullcontext():
            feedback = give_feedback(by=self.actor, message=message, **asked.validated_data)
        return self.tagged(feedback, FeedbackSerializer(feedback).data)

    @extend_schema(
        operation_id="chat_feedback_withdraw",
        tags=["conversations"],
        summary="Take back what you said of an answer",
        responses={204: None, **_PROBLEMS},
    )
    def delete(self, request: Request, message_id: uuid.UUID) -> Response:
        """Take back what you said of an answer; nothing happens when you have said nothing."""
        message = answer_of(self.actor, message_id)
        known = getattr(message, "feedback", None)
        with self.unchanged(known) if known else nullcontext():
            withdraw_feedback(by=self.actor, message=message)
        return Response(status=status.HTTP_204_NO_CONTENT)
