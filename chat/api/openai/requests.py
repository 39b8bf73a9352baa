"""Reads a request of OpenAI's protocol: checks it, and says what of it a bot can honour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from drf_spectacular.utils import extend_schema_field

from chat.api.openai.errors import UnsupportedParameterError
from chat.types import Overrides
from chatcms.core import serializers
from providers.messages import Message, Role

MOST_MESSAGES = 200
LONGEST_TEXT = 100_000
MOST_TOKENS = 2**31 - 1
MOST_PARTS = 1000
MOST_STOPS = 4
LONGEST_STOP = 200
_SYSTEM_ROLES = frozenset({"system", "developer"})


@dataclass(frozen=True, slots=True)
class Completion:
    """A checked request: the question is the last message, what came before it is instructions and history."""

    model: str
    question: str
    history: tuple[Message, ...]
    instructions: str
    overrides: Overrides
    stream: bool
    include_usage: bool


_TEXT_PARTS = {
    "type": "array",
    "maxItems": MOST_PARTS,
    "items": {
        "type": "object",
        "properties": {
            "type": {"const": "text", "description": "What kind of part it is."},
            "text": {"type": "string", "maxLength": LONGEST_TEXT, "description": "What it says."},
        },
        "required": ["type", "text"],
    },
}
_MESSAGE = {
    "type": "object",
    "properties": {
        "role": {
            "type": "string",
            "enum": ["system", "developer", "user", "assistant"],
            "description": "Who says it; `system` and `developer` add to the bot's own instructions.",
        },
        "content": {
            "oneOf": [{"type": "string", "maxLength": LONGEST_TEXT}, _TEXT_PARTS],
            "description": "What they say: a text, or parts that are put together.",
        },
    },
    "required": ["role", "content"],
}
_STOP = {"type": "string", "minLength": 1, "maxLength": LONGEST_STOP}
_STOPS = {"oneOf": [_STOP, {"type": "array", "items": _STOP, "maxItems": MOST_STOPS}]}


@extend_schema_field(_MESSAGE)
class MessageField(serializers.Field[Any, Any, Any, Any]):
    """A message: its role, and its content as text or as a list of parts of type `text`."""

    def to_internal_value(self, data: Any) -> Message:
        """Return the message's role and text."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Send a message as an object with `role` and `content`.")
        role = data.get("role")
        if isinstance(role, str) and role in _SYSTEM_ROLES:
            role = "system"
        if role not in ("system", "user", "assistant"):
            raise serializers.ValidationError({"role": "Use system, developer, user or assistant; bots call no tools."})
        return Message.of(cast(Role, role), _text_of(data.get("content")))

    def to_representation(self, value: Any) -> Any:
        """Return the message as it is: requests are only read."""
        return value


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


class CompletionSerializer(serializers.Serializer[Any]):
    """A chat completion; other settings of OpenAI's are accepted and do nothing, save those that are refused."""

    model = serializers.CharField(max_length=100, help_text="The bot that is to answer, by its slug or id.")
    messages = serializers.ListField(
        child=MessageField(),
        min_length=1,
        max_length=MOST_MESSAGES,
        help_text="The conversation so far; the last one is the question.",
    )
    stream = serializers.BooleanField(
        default=False, allow_null=True, help_text="Whether the answer comes in chunks, as server-sent events."
    )
    stream_options = StreamOptionsSerializer(
        required=False, allow_null=True, help_text="Options of a stream; null: none."
    )
    temperature = serializers.FloatField(
        required=False,
        allow_null=True,
        min_value=0,
        max_value=2,
        help_text="How freely the model chooses its words, from 0 to 2; null: as the bot is set up.",
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


def read_completion(data: Any) -> Completion:
    """Return the request that `data` is. Raises DRF's `ValidationError` or `UnsupportedParameterError`."""
    serializer = CompletionSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    _refuse_unsupported(data)
    asked: dict[str, Any] = serializer.validated_data
    messages: list[Message] = asked["messages"]
    if messages[-1].role != "user":
        raise serializers.ValidationError({"messages": "The last message must be the user's."})
    limits = [limit for name in ("max_tokens", "max_completion_tokens") if (limit := asked.get(name))]
    return Completion(
        model=asked["model"],
        question=messages[-1].text,
        history=tuple(message for message in messages[:-1] if message.role != "system"),
        instructions="\n\n".join(message.text for message in messages if message.role == "system"),
        overrides=Overrides(asked.get("temperature"), min(limits, default=None), asked.get("stop") or ()),
        stream=bool(asked["stream"]),
        include_usage=bool((asked.get("stream_options") or {}).get("include_usage")),
    )


def _is_stop(stop: Any) -> bool:
    return isinstance(stop, str) and 1 <= len(stop) <= LONGEST_STOP and "\x00" not in stop


def _text_of(content: Any) -> str:
    if isinstance(content, str):
        text = content
    elif isinstance(content, list) and len(content) <= MOST_PARTS:
        text = "".join(_text_of_part(part) for part in content)
    elif content is None:
        text = ""
    else:
        raise serializers.ValidationError({"content": f"Send a text, or a list of at most {MOST_PARTS:,} parts."})
    if len(text) > LONGEST_TEXT:
        raise serializers.ValidationError({"content": f"Send at most {LONGEST_TEXT} characters."})
    if "\x00" in text:
        raise serializers.ValidationError({"content": "Null characters are not allowed."})
    return text


def _text_of_part(part: Any) -> str:
    if not isinstance(part, Mapping) or part.get("type") != "text" or not isinstance(part.get("text"), str):
        raise serializers.ValidationError({"content": "Bots read parts of type `text` only."})
    return str(part["text"])


def _refuse_unsupported(data: Mapping[str, Any]) -> None:
    """Refuse what would change the meaning of the answer if it were left out silently."""
    if data.get("n") not in (None, 1):
        raise UnsupportedParameterError("n", "A bot gives one answer: leave `n` out, or send 1.")
    for name in ("tools", "functions"):
        if data.get(name):
            raise UnsupportedParameterError(name, f"Bots call no tools: leave `{name}` out.")
    if data.get("logprobs"):
        raise UnsupportedParameterError("logprobs", "Bots give no log probabilities: leave `logprobs` out.")
    form = data.get("response_format")
    if form and not (isinstance(form, Mapping) and form.get("type") == "text"):
        raise UnsupportedParameterError("response_format", "Bots answer in text: leave `response_format` out.")
    if data.get("audio") or data.get("modalities") not in (None, [], ["text"]):
        raise UnsupportedParameterError("modalities", "Bots answer in text: leave `audio` out.")
