"""`POST /v1/responses` and `GET /v1/responses/{id}`, as OpenAI's clients call them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bots.selectors import bot_by_ref
from chat.models import Message
from chat.turns.api.base import TurnAPIView
from chat.turns.api.once import open_once
from chat.turns.api.openai.base import OpenAIErrors
from chat.turns.api.openai.completions import NAMED
from chat.turns.api.openai.conversation import naming_of, start_in
from chat.turns.api.openai.errors import described
from chat.turns.api.openai.replies import FIRST_WORD_SECONDS, failure, named
from chat.turns.api.openai.responses.documents import RESPONSE_EVENTS, OpenAIResponseSerializer
from chat.turns.api.openai.responses.ids import NoSuchResponseError, answer_called
from chat.turns.api.openai.responses.requests import Reading, ResponseSerializer, asked_of, previous_of, read_response
from chat.turns.api.openai.responses.writer import Document, ResponseWriter
from chat.turns.events import Failed, TurnEvent
from chat.turns.live.reader import AnswerReader, events_of, until_word
from chat.turns.services.replay import events_of_answer
from chat.turns.services.threads import Naming, named_conversation, thread_after, thread_of
from chat.turns.serving.audience import telling
from chat.turns.serving.loop import StartedTurn
from chat.turns.turn import Turn
from chatcms.core import sse
from chatcms.core.rendering import EventStreamRenderer, FastJSONRenderer
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


@dataclass(frozen=True, slots=True)
class _Face:
    """What of the request its response needs."""

    by: Actor
    model: str
    shown: Mapping[str, Any]
    has_form: bool

    def writer(self, reader: AnswerReader) -> ResponseWriter:
        """Return what writes the response."""
        return ResponseWriter(
            conversation_id=reader.conversation_id,
            message_id=reader.message_id,
            model=self.model,
            created=int(time.time()),
            shown=self.shown,
            has_form=self.has_form,
            by=self.by,
        )

    async def whole(self, reader: AnswerReader) -> HttpResponseBase:
        """Wait for the end of a turn and return it as one response."""
        tell, writer = telling(self.by), self.writer(reader)
        async for event in events_of(reader):
            for _ in writer.take(tell(event)):
                pass
        if (failed := writer.gathered.failed) is not None:
            return failure(failed, self.by)
        return HttpResponse(orjson.dumps(writer.document()), content_type="application/json", headers=named(reader))

    async def streamed(self, reader: AnswerReader) -> HttpResponseBase:
        """Return a turn as a stream of events, or as an HTTP error when it fails before its first word."""
        first = await until_word(reader, FIRST_WORD_SECONDS)
        if first and isinstance(first[-1], Failed) and not first[-1].incomplete:
            await reader.aclose()
            return failure(first[-1], self.by)
        headers = {**sse.HEADERS, **named(reader)}
        return StreamingHttpResponse(self._pieces(reader, first), content_type=sse.CONTENT_TYPE, headers=headers)

    async def _pieces(self, reader: AnswerReader, first: list[TurnEvent]) -> AsyncIterator[bytes]:
        tell, writer = telling(self.by), self.writer(reader)

        def encode(event: TurnEvent) -> bytes:
            return b"".join(map(_encoded, writer.take(tell(event))))

        yield b"".join(map(_encoded, writer.begin())) + b"".join(map(encode, first))
        async for piece in sse.stream(reader, encode):
            yield piece


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
        start = partial(_started, reading, naming, by=self.actor, tenant=self.tenant)
        opener, replayed = open_once(self, start)
        form = reading.shown["text"]["format"]
        has_form = isinstance(form, Mapping) and form.get("type") != "text"
        face = _Face(self.actor, reading.values["model"], reading.shown, has_form)
        return StartedTurn(opener, face.streamed if reading.values["stream"] else face.whole, replayed=replayed)


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


def _started(reading: Reading, naming: Naming, *, by: Actor, tenant: Tenant) -> Turn:
    bot = bot_by_ref(reading.values["model"], by=by)
    known = named_conversation(by=by, bot=bot, naming=naming) if naming.name else None
    previous = previous_of(reading, known, by=by)
    asked, new = asked_of(reading, previous, by=by)
    if previous is not None:
        thread = thread_after(previous, bot=bot, new=new, ref=naming.ref)
        return start_in(thread, asked, bot, by=by, tenant=tenant)
    with thread_of(by=by, bot=bot, messages=asked.told.messages, naming=naming) as thread:
        return start_in(thread, asked, bot, by=by, tenant=tenant)


def _kept(answer: Message, *, by: Actor) -> Document:
    bot = answer.conversation.bot
    writer = ResponseWriter(
        conversation_id=answer.conversation_id,
        message_id=answer.pk,
        model=bot.slug,
        created=int(answer.created_at.timestamp()),
        shown=read_response({"model": bot.slug, "input": "-"}).shown,
        has_form=False,
        by=by,
    )
    tell = telling(by)
    if answer.status != "streaming":
        for event in events_of_answer(answer):
            for _ in writer.take(tell(event)):
                pass
    return writer.document()


def _encoded(event: Document) -> bytes:
    return sse.encode_event(event["type"], event)
