"""One answer of the caller's: come back to it, stop it, have it made anew."""

from __future__ import annotations

import uuid
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from bots.selectors import bot_by_ref
from chat.enums import Channel
from chat.exceptions import NoSuchConversationError
from chat.models import Message
from chat.selectors import answer_of
from chat.turns.api.base import LAST_EVENT_ID, TurnAPIView, turn_problems
from chat.turns.api.faces import face_for
from chat.turns.api.serializers import AgainSerializer, AnswerSerializer, MessageSerializer
from chat.turns.api.streams import ANSWER_STREAM
from chat.turns.citations import quotes_for
from chat.turns.entrance import Known, Question
from chat.turns.exceptions import (
    AnswerNotUnderWayError,
    AnswerUnderWayError,
    InvalidPositionError,
    NotTheLastAnswerError,
    PersonAnswersError,
)
from chat.turns.history import question_of
from chat.turns.services.abandonment import key_of
from chat.turns.services.idempotency import asked_once
from chat.turns.services.start import start_turn
from chat.turns.services.stop import check_under_way, stop
from chat.turns.serving.events import EventsFace
from chat.turns.serving.loop import LoopResponse
from chat.turns.serving.response import TurnResponse
from chatcms.core.api.openapi import problems
from chatcms.core.api.rendering import EventStreamRenderer, FastJSONRenderer
from tenants.context import TenantLike, in_tenant
from tenants.permissions import Capability
from tenants.types import Actor

_EVENTS = """\
The events of the answer that lie after `Last-Event-ID`, or all of them without one: of an answer that has ended from
what is saved, of one under way as it is made, by whichever process. An answer that broke off, because its process or
its reader went away, is made anew, within 15 minutes and while it is the last of its conversation. Should it turn out
differently from what the reader has, `reset` comes first: forget what came before, the whole answer follows.
"""


class AnswerEventsView(TurnAPIView):
    """The events of one answer."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    renderer_classes = [EventStreamRenderer, FastJSONRenderer]

    @extend_schema(
        operation_id="chat_messages_events",
        tags=["chat"],
        summary="Come back to an answer",
        description=_EVENTS,
        parameters=[LAST_EVENT_ID],
        responses={
            (200, "text/event-stream"): ANSWER_STREAM,
            **problems(401, 403, 429, errors=(NoSuchConversationError, InvalidPositionError)),
        },
    )
    def get(self, request: Request, message_id: uuid.UUID) -> HttpResponseBase:
        """Give the rest of an answer of yours."""
        # A failure is an event, whenever it came: the status is not held back.
        face = EventsFace(by=self.actor, after=self.position, first_word_seconds=0.0)
        answer = answer_of(self.actor, message_id)
        return TurnResponse(Known(answer, self.actor, self.tenant), face)


class AnswerStopView(TurnAPIView):
    """The end of one answer."""

    capabilities: ClassVar = {"POST": Capability.CHAT_USE}

    @extend_schema(
        operation_id="chat_messages_stop",
        tags=["chat"],
        summary="Stop an answer",
        description="Ends an answer under way where it is; what there is of it is kept, and its reader gets `done`.",
        request=None,
        responses={
            200: MessageSerializer,
            **problems(400, 401, 403, 429, errors=(NoSuchConversationError, AnswerNotUnderWayError)),
        },
    )
    def post(self, request: Request, message_id: uuid.UUID) -> HttpResponseBase:
        """Stop an answer of yours."""
        message = answer_of(self.actor, message_id)
        check_under_way(message)
        return _StopResponse(by=self.actor, tenant=self.tenant, answer=message)


class AnswerRegenerateView(TurnAPIView):
    """Another answer to the same question."""

    capabilities: ClassVar = {"POST": Capability.CHAT_USE}
    asks_once: ClassVar[bool] = True
    serializer_class = AgainSerializer
    renderer_classes = [FastJSONRenderer, EventStreamRenderer]

    @extend_schema(
        operation_id="chat_messages_regenerate",
        tags=["chat"],
        summary="Answer again",
        description=(
            "Answers the question of the last answer of a conversation of yours once more, whole or as a stream, as "
            "asking does. The new answer takes the place of the old one, which stays in the transcript as superseded."
        ),
        parameters=[LAST_EVENT_ID],
        request=AgainSerializer,
        responses={
            (200, "application/json"): AnswerSerializer,
            (200, "text/event-stream"): ANSWER_STREAM,
            **turn_problems(NotTheLastAnswerError, AnswerUnderWayError, PersonAnswersError),
        },
    )
    def post(self, request: Request, message_id: uuid.UUID) -> HttpResponseBase:
        """Have an answer of yours made anew."""
        serializer = AgainSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked: dict[str, Any] = serializer.validated_data
        answer = answer_of(self.actor, message_id)
        question = Question(
            by=self.actor,
            tenant=self.tenant,
            bot=bot_by_ref(str(answer.conversation.bot_id), by=self.actor),
            text=question_of(answer).content,
            channel=Channel(answer.conversation.channel),
            if_disconnected=asked["if_disconnected"],
            instead_of=answer,
        )
        after, key = self.position, self.keyed(request)
        with asked_once(key, by=self.actor, tenant=self.tenant, resumes=self.resumes) as once:
            entered = once.known or once.noted(start_turn(question))
        return TurnResponse(entered, face_for(self, entered, stream=asked["stream"], after=after))


class _StopResponse(LoopResponse):
    """The answer as it is once it has been stopped."""

    def __init__(self, *, by: Actor, tenant: TenantLike, answer: Message) -> None:
        super().__init__()
        self._by, self._tenant, self._answer = by, tenant, answer

    async def made(self) -> HttpResponseBase:
        """Stop the answer and return it."""
        await stop(self._tenant, key_of(self._tenant, self._answer))
        document = await in_tenant(self._tenant, _shown, self._by, self._answer.pk)
        return HttpResponse(orjson.dumps(document), content_type="application/json")


def _shown(actor: Actor, message_id: uuid.UUID) -> Any:
    message = answer_of(actor, message_id)
    return MessageSerializer(message, context={"quotes": quotes_for([message])}).data
