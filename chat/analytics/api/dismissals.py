"""Questions that somebody has done with."""

from __future__ import annotations

import uuid
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.analytics.services.dismissals import dismiss_question, show_question_again
from chat.inbox import selectors
from chat.inbox.exceptions import NoQuestionError, NoSuchMessageError
from chatcms.core.api.openapi import problems
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_PROBLEMS = problems(401, 403, errors=(NoSuchMessageError, NoQuestionError))


class DismissalView(TenantAPIView):
    """Whether the question of one message is left out of what was not answered."""

    capabilities: ClassVar = {"PUT": Capability.CONVERSATIONS_WRITE, "DELETE": Capability.CONVERSATIONS_WRITE}

    @extend_schema(
        operation_id="messages_dismiss",
        tags=["inbox"],
        summary="Dismiss a question",
        description=(
            "Leaves what the message asks or answers out of `GET /v1/tenant/analytics/unanswered`, with whatever means "
            "the same, until one of these questions is asked anew. Of a group, name its `message_id`."
        ),
        request=None,
        responses={204: None, **_PROBLEMS},
    )
    def put(self, request: Request, message_id: uuid.UUID) -> Response:
        """Leave the question out until it is asked anew."""
        dismiss_question(by=self.actor, message=selectors.message(by=self.actor, message_id=message_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        operation_id="messages_show_again",
        tags=["inbox"],
        summary="Show a dismissed question again",
        description="Nothing happens when it was not dismissed. Of a dismissed group, name its `message_id`.",
        request=None,
        responses={204: None, **_PROBLEMS},
    )
    def delete(self, request: Request, message_id: uuid.UUID) -> Response:
        """Show the question among what was not answered again."""
        show_question_again(by=self.actor, message=selectors.message(by=self.actor, message_id=message_id))
        return Response(status=status.HTTP_204_NO_CONTENT)
