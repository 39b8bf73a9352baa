"""`POST /v1/responses` and `GET /v1/responses/{id}`, as OpenAI's clients call them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bots.selectors import bot_by_ref
from chat.models import Message
from chat.turns.api.base import TurnAPIView
from chat.turns.api.openai.base import OpenAIErrors
from chat.turns.api.openai.completions import NAMED
from chat.turns.api.openai.conversation import naming_of, start_in
from chat.turns.api.openai.errors import described
from chat.turns.api.openai.responses.documents import RESPONSE_EVENTS, OpenAIResponseSerializer
from chat.turns.api.openai.responses.faces import ResponseEventsFace, ResponseFace
from chat.turns.api.openai.responses.ids import NoSuchResponseError, answer_called
from chat.turns.api.openai.responses.requests import (
    ResponseRequest,
    ResponseSerializer,
    asked_of,
    previous_of,
    read_response,
)
from chat.turns.api.openai.responses.writer import Document, ResponseWriter, WrittenResponse
from chat.turns.entrance import Started
from chat.turns.services.idempotency import asked_once
from chat.turns.services.replay import events_of_answer
from chat.turns.services.threads import Naming, named_conversation, thread_after, thread_of
from chat.turns.serving.audience import telling
from chat.turns.serving.response import TurnResponse
from chatcms.core.api.rendering import EventStreamRenderer, FastJSONRenderer
from tenants.models import Tenant
from tenants.permissions import Capability
from tenants.types import Actor

_ABOUT = """\
OpenAI's responses with a bot as the model. The input is a text or items: messages of words, pictures and files, calls
of tools with their results, references to earlier items. What `POST /v1/chat/completions` says of the question, of
what is honoured and of sources holds here too. `previous_response_id` or `conversation` has the conversation go on:
what was said before need not be sent again. From a response that is not the last one a new conversation begins.

A stream is typed events, each with its `sequence_number`: `response.created`, `response.in_progress`, for each item
`response.output_item.added`, its parts and pieces, `response.output_item.done`, and in the end `response.completed`,
`response.incomplete` or `response.failed` with the whole response. The words of a refusal come as text before it shows
that they are one; then a part of type `refusal` follows, which is what the response has in the end.
"""


class ResponsesView(OpenAIErrors, TurnAPIView):
    """Responses."""

    capabilities: ClassVar = {"POST": Capability.CHAT_USE}
    asks_once: ClassVar[bool] = True
    serializer_class = ResponseSerializer
    renderer_classes = [FastJSONRenderer, EventStreamRenderer]

    @extend_schema(
        operation_id="responses_create",
        tags=["openai"],
        summary="Responses (OpenAI-compatible)",
        description=_ABOUT,
        parameters=[NAMED],
        request=ResponseSerializer,
        responses={
            (200, "application/json"): OpenApiResponse(OpenAIResponseSerializer, description="A `response`."),
            (200, "text/event-stream"): OpenApiResponse(
                RESPONSE_EVENTS, description="Typed events; the schema is that of one."
            ),
            **described(400, 401, 403, 404, 424, 429, 502, 503, 504),
        },
        examples=[
            OpenApiExample(
                "A question",
                request_only=True,
                value={"model": "support", "input": "How long may I return a purchase?", "stream": True},
            )
        ],
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Answer the input as the bot that `model` names."""
        reading = read_response(request.data)
        naming = naming_of(request)
        if reading.name:
            naming = Naming.of(reading.name, naming.ref)
        with asked_once(self.keyed(request), by=self.actor, tenant=self.tenant) as once:
            entered = once.known or once.noted(_started(reading, naming, by=self.actor, tenant=self.tenant))
        face = ResponseEventsFace if reading.values["stream"] else ResponseFace
        return TurnResponse(entered, face(_written(reading), by=self.actor))


class ResponseView(OpenAIErrors):
    """One response."""

    capabilities: ClassVar = {"GET": Capability.CHAT_USE}
    serializer_class = OpenAIResponseSerializer

    @extend_schema(
        operation_id="responses_read",
        tags=["openai"],
        summary="Show a response (OpenAI-compatible)",
        responses={200: OpenAIResponseSerializer, **described(401, 403, 404)},
    )
    def get(self, request: Request, response_id: str) -> Response:
        """Give the caller's response of that id, as far as it has come; what it was asked with is not kept."""
        answer = answer_called(response_id, by=self.actor)
        if answer is None:
            raise NoSuchResponseError
        return Response(_kept(answer, by=self.actor))


def _started(reading: ResponseRequest, naming: Naming, *, by: Actor, tenant: Tenant) -> Started:
    bot = bot_by_ref(reading.values["model"], by=by)
    known = named_conversation(by=by, bot=bot, naming=naming) if naming.name else None
    previous = previous_of(reading, known, by=by)
    asked, new = asked_of(reading, previous, by=by)
    if previous is not None:
        thread = thread_after(previous, bot=bot, new=new, ref=naming.ref)
        return start_in(thread, asked, bot, by=by, tenant=tenant)
    with thread_of(by=by, bot=bot, messages=asked.told.messages, naming=naming) as thread:
        return start_in(thread, asked, bot, by=by, tenant=tenant)


def _written(reading: ResponseRequest) -> WrittenResponse:
    form = reading.shown["text"]["format"]
    has_form = isinstance(form, Mapping) and form.get("type") != "text"
    return WrittenResponse(reading.values["model"], reading.shown, has_form)


def _kept(answer: Message, *, by: Actor) -> Document:
    bot = answer.conversation.bot
    shown = read_response({"model": bot.slug, "input": "-"}).shown
    writer = ResponseWriter(
        conversation_id=answer.conversation_id,
        message_id=answer.pk,
        written=WrittenResponse(bot.slug, shown, has_form=False),
        created=int(answer.created_at.timestamp()),
        by=by,
    )
    events = events_of_answer(answer) if answer.status != "streaming" else []
    return writer.whole(map(telling(by), events))
