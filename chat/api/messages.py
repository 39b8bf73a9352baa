"""A question to a bot, answered as one document or as a stream."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request

from bots.exceptions import NoSuchBotError
from bots.selectors import bot_by_ref
from chat.api.events import stream_turn, whole_turn
from chat.api.serializers import AnswerSerializer, QuestionSerializer
from chat.api.turns import StartedTurn, TurnAPIView
from chat.enums import Channel
from chat.exceptions import (
    AnswerBrokeOffError,
    EmptyQuestionError,
    MessagesUsedUpError,
    NoSuchConversationError,
)
from chat.services.starting import start_turn
from chatcms.core.openapi import problems
from chatcms.core.rendering import EventStreamRenderer, FastJSONRenderer
from providers.exceptions import (
    ProviderAuthError,
    ProviderMisconfigured,
    ProviderModelNotFound,
    ProviderRateLimited,
    ProviderUnavailable,
)
from tenants.permissions import Capability

_STREAM = """\
With `stream: true` or `Accept: text/event-stream` the answer comes as server-sent events, each with an `id`:
`conversation`, `retrieval`, then `delta`s (`text`) and `citation`s, then `usage` and `done`; or `error` with a
problem document, in which `incomplete` tells that a part of the answer was sent. A comment line comes at least
every 15 seconds. A reader who goes away stops the answer; what was answered so far is kept.
"""


class BotMessagesView(TurnAPIView):
    """Questions to one bot."""

    capabilities: ClassVar = {"POST": Capability.CHAT_USE}
    serializer_class = QuestionSerializer
    renderer_classes = [FastJSONRenderer, EventStreamRenderer]

    @extend_schema(
        summary="Ask a bot",
        description=_STREAM,
        request=QuestionSerializer,
        responses={
            (200, "application/json"): AnswerSerializer,
            (200, "text/event-stream"): OpenApiResponse(str, description="The events of the answer."),
            **problems(
                *(400, 401, 403, 504),
                errors=(
                    *(MessagesUsedUpError, NoSuchBotError, NoSuchConversationError, EmptyQuestionError),
                    *(ProviderAuthError, ProviderMisconfigured, ProviderModelNotFound),
                    *(ProviderRateLimited, ProviderUnavailable, AnswerBrokeOffError),
                ),
            ),
        },
        examples=[
            OpenApiExample(
                "A question, streamed",
                request_only=True,
                value={"message": "How long may I return a purchase?", "stream": True},
            )
        ],
    )
    def post(self, request: Request, bot: str) -> HttpResponseBase:
        """Ask the bot of that id or slug; name a conversation of yours to go on with it."""
        serializer = QuestionSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked: dict[str, Any] = serializer.validated_data
        turn = start_turn(
            by=self.actor,
            tenant=self.tenant,
            bot=bot_by_ref(bot, by=self.actor),
            question=asked["message"],
            channel=Channel.WIDGET if self.actor.type == "visitor" else Channel.API,
            conversation_id=asked["conversation_id"],
        )
        wants_stream = asked["stream"] or request.accepted_media_type == EventStreamRenderer.media_type
        return StartedTurn(partial(stream_turn if wants_stream else whole_turn, turn))
