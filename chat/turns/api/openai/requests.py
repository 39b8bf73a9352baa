"""Reads a request of OpenAI's protocol: checks it, and says what of it a bot can honour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field

from chat.turns.api.openai.asked import OpenAIRequest, ToldTurn, refuse_more_than_text, wants_of
from chat.turns.api.openai.contents import WORDS, bounded
from chat.turns.api.openai.messages import MessagesField
from chat.turns.api.openai.tools import choice_of, form_of, functions_of, tools_of
from chat.turns.asks import Overrides, Wants
from chatcms.core.api import serializers

MOST_TOKENS = 2**31 - 1
MOST_STOPS = 4
LONGEST_STOP = 200

_STOP = {"type": "string", "minLength": 1, "maxLength": LONGEST_STOP}
_STOPS = {"oneOf": [_STOP, {"type": "array", "items": _STOP, "maxItems": MOST_STOPS}]}


@extend_schema_field({"oneOf": [WORDS, {"type": "object"}]})
class AnyField(serializers.Field[Any, Any, Any, Any]):
    """JSON of several forms, which is read apart from the serializer."""

    def to_internal_value(self, data: Any) -> Any:
        """Return it as it is."""
        return bounded(data)

    def to_representation(self, value: Any) -> Any:
        """Return it as it is."""
        return value


@extend_schema_field({"type": "array", "items": {"type": "object"}})
class JSONListField(AnyField):
    """A list of objects, which is read apart from the serializer."""


@extend_schema_field(_STOPS)
class StopField(serializers.Field[Any, Any, Any, Any]):
    """One text at which to stop, or up to four."""

    def to_internal_value(self, data: Any) -> tuple[str, ...]:
        """Return the texts."""
        stops = [data] if isinstance(data, str) else data
        if not isinstance(stops, Sequence) or not all(_is_stop(stop) for stop in stops):
            raise serializers.ValidationError(f"Send a text of 1 to {LONGEST_STOP} characters, or a list of texts.")
        if len(stops) > MOST_STOPS:
            raise serializers.ValidationError(f"Send at most {MOST_STOPS}.")
        return tuple(stops)

    def to_representation(self, value: Any) -> Any:
        """Return the texts as they are: requests are only read."""
        return value


class StreamOptionsSerializer(serializers.Serializer[Any]):
    """How to stream."""

    include_usage = serializers.BooleanField(
        default=False, help_text="Whether a last chunk, without choices, tells what the answer used."
    )


class SamplingSerializer(serializers.Serializer[Any]):
    """What both of OpenAI's protocols take to shape an answer; what is not named here is accepted and does nothing."""

    model = serializers.CharField(max_length=100, help_text="The bot that is to answer, by its slug or id.")
    stream = serializers.BooleanField(
        default=False, allow_null=True, help_text="Whether the answer comes in pieces, as server-sent events."
    )
    temperature = serializers.FloatField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2,
        help_text="How freely the model chooses its words, from 0 to 2; null: as the bot is set up.",
    )
    tools = JSONListField(
        required=False,
        allow_null=True,
        help_text="The functions that the model may call, where it can; calls are returned and not carried out here.",
    )
    tool_choice = AnyField(
        required=False,
        allow_null=True,
        help_text="`auto`, `none`, `required`, or the function to call. With `none` no model has to know tools.",
    )
    parallel_tool_calls = serializers.BooleanField(
        required=False, allow_null=True, help_text="Whether the model may call several at once; null: it may."
    )


class CompletionSerializer(SamplingSerializer):
    """A chat completion.

    `top_p`, `seed`, `logprobs`, `logit_bias`, `frequency_penalty`, `presence_penalty`, `service_tier`, `store`,
    `metadata`, `reasoning_effort`, `verbosity`, `prediction` and whatever else clients send are accepted and do
    nothing.
    """

    messages = MessagesField(
        help_text="The conversation so far. The last that the user says is the question; what follows it goes with it."
    )
    stream_options = StreamOptionsSerializer(
        required=False, allow_null=True, help_text="Options of a stream; null: none."
    )
    max_tokens = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_TOKENS,
        help_text="The older name of `max_completion_tokens`; of both the smaller one counts.",
    )
    max_completion_tokens = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MOST_TOKENS,
        help_text="The longest answer in tokens, as far as the bot's own limit allows; null: the bot's.",
    )
    stop = StopField(
        required=False, allow_null=True, help_text="Texts at which the answer is to end; they are not part of it."
    )
    n = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=128, help_text="How many answers: 1 only."
    )
    response_format = AnyField(
        required=False,
        allow_null=True,
        help_text="The form of the answer, where the model can: of type `text`, `json_object` or `json_schema`.",
    )
    functions = JSONListField(required=False, allow_null=True, help_text="The older name of `tools`.")
    function_call = AnyField(required=False, allow_null=True, help_text="The older name of `tool_choice`.")


def read_completion(data: Any) -> OpenAIRequest:
    """Return the request that `data` is. Raises DRF's `ValidationError` or `UnsupportedParameterError`."""
    serializer = CompletionSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    asked: dict[str, Any] = serializer.validated_data
    refuse_more_than_text(asked.get("n"), data.get("modalities"), data.get("audio"))
    told = ToldTurn.of(asked["messages"])
    limits = [limit for name in ("max_tokens", "max_completion_tokens") if (limit := asked.get(name))]
    by_function = not asked.get("tools") and bool(asked.get("functions"))
    return OpenAIRequest(
        model=asked["model"],
        told=told,
        overrides=Overrides(asked.get("temperature"), min(limits, default=None), asked.get("stop") or ()),
        wants=_wants(told, asked, by_function=by_function),
        stream=bool(asked["stream"]),
        include_usage=bool((asked.get("stream_options") or {}).get("include_usage")),
        by_function=by_function,
    )


def _wants(told: ToldTurn, asked: Mapping[str, Any], *, by_function: bool) -> Wants:
    if by_function:
        tools = functions_of(asked["functions"])
        choice, tools = choice_of(asked.get("function_call"), tools, at="function_call")
    else:
        tools = tools_of(asked.get("tools"))
        choice, tools = choice_of(asked.get("tool_choice"), tools)
    output = form_of(asked.get("response_format"))
    is_parallel = not by_function and asked.get("parallel_tool_calls") is not False
    return wants_of(told, tools, choice, parallel=is_parallel, output=output)


def _is_stop(stop: Any) -> bool:
    return isinstance(stop, str) and 1 <= len(stop) <= LONGEST_STOP and "\x00" not in stop
