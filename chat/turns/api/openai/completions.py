"""`POST /v1/chat/completions`, as OpenAI's clients call it."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.request import Request

from chat.turns.api.base import TurnAPIView
from chat.turns.api.openai.base import OpenAIErrors
from chat.turns.api.openai.conversation import CONVERSATION_HEADER, naming_of, start_told
from chat.turns.api.openai.documents import CHUNK_EVENTS, ChatCompletionSerializer
from chat.turns.api.openai.errors import described
from chat.turns.api.openai.replies import ChunksFace, CompletionFace
from chat.turns.api.openai.requests import CompletionSerializer, read_completion
from chat.turns.services.idempotency import asked_once
from chat.turns.serving.response import TurnResponse
from chatcms.core.api.rendering import EventStreamRenderer, FastJSONRenderer
from tenants.permissions import Capability

_ABOUT = """\
OpenAI's chat completions with a bot as the model: its official clients work with `base_url` set to this server's
`/v1` and an API key of the tenant. The question is the last message of the user: what is before it is the history,
what is after it (calls of tools and their results) goes with it; system messages are added to the bot's own prompt.
Of more than a thousand messages the oldest are left out, and whatever is beyond the model's context.

Honoured: `temperature`, `max_tokens`, `max_completion_tokens`, `stop`, `tools`, `tool_choice`,
`parallel_tool_calls`, `response_format`, pictures and files, as far as the bot's model can; it is a 400 with the code
`model_cannot` where it cannot. Tools with `tool_choice: none` are left out. Calls of tools are returned, not carried
out. A picture is a data URL, or an https address that this server fetches it from. Where JSON is asked for and the
documents hold nothing, what the bot says instead is the message's `refusal`. More than one choice and sound are
refused; everything else, known to OpenAI or not, is accepted and does nothing.

Sources are `annotations`, each a `url_citation`: the place of the mark in `content` (of an answer that cites nothing:
its end, for each passage that it was made from) and an address: the page that the document was fetched from, or else
the document's download in this API, which needs a key that may read datasets. In a stream they come in the chunk before
the last. The extra key `chatcms`, which clients ignore, has the citations with their quotes.

A client's turns are one conversation, which the header `X-Conversation-Id` of the answer and `chatcms` name: the one
that `metadata.conversation_id` or the same header of the request names, by its id or by any text of the client's own,
which begins one the first time; or else the one of the same `user` whose messages so far are all that was sent before
the question, save system messages. `user` is kept as the visitor. In a named conversation a single message is enough:
the history is then what is stored.
"""
NAMED = OpenApiParameter(
    CONVERSATION_HEADER,
    str,
    OpenApiParameter.HEADER,
    description="The conversation to go on with, or a name of yours for one: as `metadata.conversation_id`.",
)


class ChatCompletionsView(OpenAIErrors, TurnAPIView):
    """Chat completions."""

    capabilities: ClassVar = {"POST": Capability.CHAT_USE}
    asks_once: ClassVar[bool] = True
    serializer_class = CompletionSerializer
    renderer_classes = [FastJSONRenderer, EventStreamRenderer]

    @extend_schema(
        operation_id="chat_completions_create",
        tags=["openai"],
        summary="Chat completions (OpenAI-compatible)",
        description=_ABOUT,
        parameters=[NAMED],
        request=CompletionSerializer,
        responses={
            (200, "application/json"): OpenApiResponse(ChatCompletionSerializer, description="A `chat.completion`."),
            (200, "text/event-stream"): OpenApiResponse(
                CHUNK_EVENTS, description="Chunks, then `[DONE]`; the schema is that of one event."
            ),
            **described(400, 401, 403, 404, 424, 429, 502, 503, 504),
        },
        examples=[
            OpenApiExample(
                "A question",
                request_only=True,
                value={
                    "model": "support",
                    "messages": [{"role": "user", "content": "How long may I return a purchase?"}],
                    "stream": True,
                },
            )
        ],
    )
    def post(self, request: Request) -> HttpResponseBase:
        """Answer the last message as the bot that `model` names."""
        asked, naming = read_completion(request.data), naming_of(request)
        with asked_once(self.keyed(request), by=self.actor, tenant=self.tenant) as once:
            entered = once.known or once.noted(start_told(asked, naming, by=self.actor, tenant=self.tenant))
        face = ChunksFace if asked.stream else CompletionFace
        return TurnResponse(entered, face(asked, by=self.actor))
