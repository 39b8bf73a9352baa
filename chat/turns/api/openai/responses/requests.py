"""Reads a request for a response: checks it, and finds what it goes on from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chat.enums import MessageRole, MessageStatus
from chat.models import Conversation, Message
from chat.turns.api.openai.asked import OpenAIRequest, ToldTurn, wants_of
from chat.turns.api.openai.errors import UnsupportedParameterError
from chat.turns.api.openai.requests import MOST_TOKENS, AnyField, SamplingSerializer
from chat.turns.api.openai.responses.ids import PreviousResponseNotFoundError, answer_called
from chat.turns.api.openai.responses.items import messages_of
from chat.turns.api.openai.tools import choice_of, form_of, tools_of
from chat.turns.asks import Overrides
from chat.turns.exceptions import AnswerUnderWayError
from chat.turns.history import history_of
from chatcms.core.api import serializers
from chatcms.core.text.safety import storable
from providers.messages import Message as PromptMessage
from providers.messages import TextPart
from tenants.types import Actor

LONGEST_ID = 100


class ResponseSerializer(SamplingSerializer):
    """A response to be made.

    `top_p`, `store`, `include`, `reasoning`, `truncation`, `service_tier`, `max_tool_calls`, `prompt_cache_key` and
    whatever else clients send are accepted and do nothing: every turn is kept, whatever `store` says.
    """

    input = AnyField(
        help_text="The question: a text, or items: messages, `function_call`, `function_call_output`, `item_reference`."
    )
    instructions = serializers.CharField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=1_000_000,
        help_text="What to add to the bot's own instructions, for this response only.",
    )
    previous_response_id = serializers.CharField(
        required=False,
        allow_null=True,
        max_length=LONGEST_ID,
        help_text="The response to go on from, in its conversation; from an earlier one a new conversation begins.",
    )
    conversation = AnyField(
        required=False,
        allow_null=True,
        help_text="The conversation to go on with, or a name of yours for one: a text, or an object with its `id`.",
    )
    max_output_tokens = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_TOKENS,
        help_text="The longest answer in tokens, as far as the bot's own limit allows; null: the bot's.",
    )
    text = AnyField(
        required=False,
        allow_null=True,
        help_text="The form of the answer: `format` of type `text`, `json_object` or `json_schema`.",
    )


@dataclass(frozen=True, slots=True)
class ResponseRequest:
    """A checked request, before its messages are read: `shown` is what of it the response repeats."""

    values: Mapping[str, Any]
    name: str
    shown: dict[str, Any]


def read_response(data: Any) -> ResponseRequest:
    """Return the request that `data` is. Raises `ValidationError` or `UnsupportedParameterError`."""
    serializer = ResponseSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    if data.get("background"):
        raise UnsupportedParameterError("background", "Answers are given at once: leave `background` out.")
    if data.get("prompt"):
        raise UnsupportedParameterError("prompt", "No prompts are kept here: send `instructions` and `input`.")
    values: dict[str, Any] = serializer.validated_data
    given = values.get("conversation")
    name = given.get("id") if isinstance(given, Mapping) else given
    if name is not None and not isinstance(name, str):
        raise serializers.ValidationError({"conversation": "Send a text, or an object with an `id`."})
    return ResponseRequest(values, name or "", _shown(values, data))


def previous_of(reading: ResponseRequest, named: Conversation | None, *, by: Actor) -> Message | None:
    """Return the answer that the request goes on from: the one it names, or the last of the conversation it names.

    Raises `PreviousResponseNotFoundError`, and `AnswerUnderWayError` while that answer is being made.
    """
    answer = None
    if previous := reading.values.get("previous_response_id"):
        answer = answer_called(previous, by=by)
        if answer is None:
            detail = f"Previous response with id '{previous}' not found."
            raise PreviousResponseNotFoundError(detail, param="previous_response_id")
    elif named is not None:
        answers = named.messages.filter(role=MessageRole.ASSISTANT, superseded=False)
        answer = answers.select_related("conversation").order_by("-seq").first()
    if answer is not None and answer.status == MessageStatus.STREAMING:
        raise AnswerUnderWayError
    return answer


def asked_of(
    reading: ResponseRequest, previous: Message | None, *, by: Actor
) -> tuple[OpenAIRequest, list[PromptMessage]]:
    """Return what a turn is asked, with all that was said before it, and the messages that are new."""
    earlier = history_of(previous.conversation_id, before=previous.seq + 1, tools=True) if previous else ()
    new = messages_of(reading.values["input"], earlier=earlier, by=by)
    rules = storable(reading.values.get("instructions") or "")
    instructions = [PromptMessage("system", (TextPart(rules),))] if rules else []
    if not new:
        raise serializers.ValidationError({"input": "Send something to answer."})
    told = ToldTurn.of([*instructions, *earlier, *new])
    values = reading.values
    choice, tools = choice_of(values.get("tool_choice"), tools_of(values.get("tools")))
    text = values.get("text")
    output = form_of(text.get("format") if isinstance(text, Mapping) else None, at="text.format")
    parallel = values.get("parallel_tool_calls") is not False
    asked = OpenAIRequest(
        model=values["model"],
        told=told,
        overrides=Overrides(values.get("temperature"), values.get("max_output_tokens")),
        wants=wants_of(told, tools, choice, parallel=parallel, output=output),
        stream=bool(values["stream"]),
    )
    return asked, new


def _shown(values: Mapping[str, Any], data: Mapping[str, Any]) -> dict[str, Any]:
    text = values.get("text")
    form = text.get("format") if isinstance(text, Mapping) else None
    metadata, top_p, user = data.get("metadata"), data.get("top_p"), data.get("user")
    return {
        "instructions": values.get("instructions"),
        "max_output_tokens": values.get("max_output_tokens"),
        "metadata": metadata if isinstance(metadata, Mapping) else {},
        "parallel_tool_calls": values.get("parallel_tool_calls") is not False,
        "previous_response_id": values.get("previous_response_id"),
        "temperature": values.get("temperature"),
        "text": {"format": form or {"type": "text"}},
        "tool_choice": values.get("tool_choice") or "auto",
        "tools": values.get("tools") or [],
        "top_p": top_p if isinstance(top_p, int | float) and not isinstance(top_p, bool) else None,
        "user": user if isinstance(user, str) else None,
    }
