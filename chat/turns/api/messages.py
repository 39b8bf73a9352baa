"""A question to a bot, answered as one document or as a stream."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request

from bots.selectors import bot_by_ref
from chat.enums import Channel
from chat.turns.api.base import LAST_EVENT_ID, TurnAPIView, turn_problems
from chat.turns.api.faces import face_for
from chat.turns.api.serializers import AnswerSerializer, LeftQuestionSerializer
from chat.turns.api.streams import ANSWER_STREAM
from chat.turns.entrance import Question
from chat.turns.questions import QuestionSerializer
from chat.turns.services.idempotency import asked_once
from chat.turns.services.left_questions import start_or_leave
from chat.turns.serving.response import TurnResponse
from chatcms.core.api.rendering import EventStreamRenderer, FastJSONRenderer
from tenants.permissions import Capability

_STREAM = """\
With `stream: true` or `Accept: text/event-stream` the answer comes as server-sent events, each with an `id`:
`conversation`, `retrieval`, then `delta`s (`text`) and `citation`s, then `usage` and `done`; or `error` with a
problem document, in which `incomplete` tells that a part of the answer was sent. `retrieval` lists the passages to
members and keys; a visitor learns of those that the answer cites, and no `cost`. While a person of the tenant has the
conversation there is no answer: the question waits for them, which is said with 202, or by `conversation` and `person`
as the only events; what they write comes from `GET /v1/chat/conversations/{conversation_id}/events`. A comment line
comes at least every 15 seconds. A reader who goes away stops the answer, unless `if_disconnected` is `finish`; what
was answered so far is kept. Who comes back within 15 minutes gets the rest from
`GET /v1/chat/messages/{message_id}/events` with the last id as `Last-Event-ID`. Sent again with the same
`Idempotency-Key`, a question is not asked again: its answer comes once more, whole or as a stream.
"""


class BotMessagesView(TurnAPIView):
    """Questions to one bot."""

    capabilities: ClassVar = {"POST": Capability.CHAT_USE}
    asks_once: ClassVar[bool] = True
    serializer_class = QuestionSerializer
    renderer_classes = [FastJSONRenderer, EventStreamRenderer]

    @extend_schema(
        summary="Ask a bot",
        description=_STREAM,
        parameters=[LAST_EVENT_ID],
        request=QuestionSerializer,
        responses={
            (200, "application/json"): AnswerSerializer,
            (200, "text/event-stream"): ANSWER_STREAM,
            (202, "application/json"): OpenApiResponse(
                LeftQuestionSerializer, description="A person has the conversation; the question waits for them."
            ),
            **turn_problems(),
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
        question = Question(
            by=self.actor,
            tenant=self.tenant,
            bot=bot_by_ref(bot, by=self.actor),
            text=asked["message"],
            channel=Channel.WIDGET if self.actor.type == "visitor" else Channel.API,
            conversation_id=asked["conversation_id"],
            if_disconnected=asked["if_disconnected"],
        )
        after, key = self.position, self.keyed(request)
        with asked_once(key, by=self.actor, tenant=self.tenant, resumes=self.resumes) as once:
            entered = once.known or once.noted(start_or_leave(question))
        return TurnResponse(entered, face_for(self, entered, stream=asked["stream"], after=after))
