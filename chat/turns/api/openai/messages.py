"""Reads the messages of a chat completion: who says what, and which calls of tools have which results."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field

from chat.turns.api.openai.contents import DATA, WORDS, bounded, parts_of, words_of
from chatcms.core.api import serializers
from chatcms.core.text.safety import storable
from providers.messages import Message, RefusalPart, TextPart, ToolCallPart, ToolResultPart

# Older ones are left out; so many are beyond every model's context.
MOST_MESSAGES = 1000
_SYSTEM = frozenset({"system", "developer"})

_PART = {
    "type": "object",
    "properties": {
        "type": {
            **WORDS,
            "description": "What it is: `text`, `image_url`, `file`, or in an answer `text` or `refusal`.",
        },
        "text": {**WORDS, "description": "Of a text: its words."},
        "image_url": {
            "type": "object",
            "description": "Of a picture, for models that look at pictures.",
            "properties": {
                "url": {
                    **DATA,
                    "description": "A data URL of a PNG, JPEG, GIF or WebP, or the https address to fetch one from.",
                },
                "detail": {**WORDS, "description": "How closely to look: `auto`, `low` or `high`."},
            },
            "required": ["url"],
        },
        "file": {
            "type": "object",
            "description": "Of a document, for models that read documents.",
            "properties": {
                "file_data": {**DATA, "description": "Its content as a data URL."},
                "filename": {**WORDS, "description": "Its name."},
            },
        },
        "refusal": {**WORDS, "description": "Of a refusal: its words."},
    },
    "required": ["type"],
}
_CALL = {
    "type": "object",
    "properties": {
        "id": {**WORDS, "description": "What the result has to name."},
        "type": {**WORDS, "description": "Always `function`."},
        "function": {
            "type": "object",
            "description": "What was called.",
            "properties": {
                "name": {**WORDS, "description": "The function."},
                "arguments": {**WORDS, "description": "The arguments, as JSON."},
            },
            "required": ["name", "arguments"],
        },
    },
    "required": ["id", "function"],
}
_MESSAGE = {
    "type": "object",
    "properties": {
        "role": {
            "type": "string",
            "enum": ["system", "developer", "user", "assistant", "tool", "function"],
            "description": "Who says it; `system` and `developer` add to the bot's own instructions.",
        },
        "content": {
            "oneOf": [WORDS, {"type": "array", "items": _PART}, {"type": "null"}],
            "description": "What they say: a text, or parts; null beside calls of tools.",
        },
        "name": {**WORDS, "description": "Of a `function`: which one. Otherwise read and not passed on."},
        "refusal": {
            **WORDS,
            "type": ["string", "null"],
            "description": "Of an answer: the words in which it declined.",
        },
        "tool_calls": {
            "type": ["array", "null"],
            "items": _CALL,
            "description": "Of an answer: the tools that it called; the next messages are their results.",
        },
        "tool_call_id": {**WORDS, "description": "Of a `tool`: the call that this is the result of."},
    },
    "required": ["role"],
}
_MESSAGES = {"type": "array", "minItems": 1, "items": _MESSAGE}


@extend_schema_field(_MESSAGES)
class MessagesField(serializers.Field[Any, Any, Any, Any]):
    """The messages, the oldest first: an object each, with its role and its content."""

    def to_internal_value(self, data: Any) -> list[Message]:
        """Return the messages, each with its parts; the oldest of very many are left out."""
        if not isinstance(data, list) or not data:
            raise serializers.ValidationError("Send a list of messages, of one at least.")
        messages = ToldConversation()
        for index, each in _newest(bounded(data)):
            try:
                messages.add(each)
            except serializers.ValidationError as error:
                raise serializers.ValidationError({str(index): error.detail}) from None
        if not messages.is_settled:
            raise serializers.ValidationError("After `tool_calls` send the result of each call, as role `tool`.")
        return messages.told

    def to_representation(self, value: Any) -> Any:
        """Return the messages as they are: requests are only read."""
        return value


class ToldConversation:
    """Takes messages one after the other, and sees to it that each result of a tool has its call, and the reverse."""

    def __init__(self, earlier: Sequence[Message] = ()) -> None:
        self.told = list(earlier)
        last = self.told[-1].parts if self.told else ()
        self._open: dict[str, None] = {part.id: None for part in last if isinstance(part, ToolCallPart)}
        self._functions = 0

    @property
    def is_settled(self) -> bool:
        """Whether each call so far has its result."""
        return not self._open

    def add(self, data: Any) -> None:
        """Take the next message. Raises `ValidationError`."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError("Send a message as an object with `role` and `content`.")
        role = data.get("role")
        if _is_system(data):
            self.told.append(Message("system", (TextPart(words_of(data.get("content"))),)))
        elif role == "user":
            self._say(Message("user", parts_of(data.get("content"))))
        elif role == "assistant":
            self.answer(_answer(data) + tuple(self._called(data)))
        elif role == "tool":
            self.result(data.get("tool_call_id"), words_of(data.get("content")), at="tool_call_id")
        elif role == "function":
            self._returned(data)
        else:
            raise serializers.ValidationError({"role": "Use system, developer, user, assistant or tool."})

    def answer(self, parts: tuple[Any, ...]) -> None:
        """Take an answer, with its calls of tools. Raises `ValidationError` for a call without an id of its own."""
        self._say(Message("assistant", parts))
        self._open |= {part.id: None for part in parts if isinstance(part, ToolCallPart)}

    def result(self, call_id: Any, text: str, *, at: str) -> None:
        """Take what came of a call. Raises `ValidationError` when nothing was called by that id."""
        if not isinstance(call_id, str) or (call_id := storable(call_id)) not in self._open:
            raise serializers.ValidationError({at: "This is the result of no call in the message before."})
        del self._open[call_id]
        part = ToolResultPart(call_id, text)
        if self.told and self.told[-1].role == "tool":
            self.told[-1] = Message("tool", (*self.told[-1].parts, part))
        else:
            self.told.append(Message("tool", (part,)))

    def _say(self, message: Message) -> None:
        if self._open:
            raise serializers.ValidationError("Send the results of the tools that were called before, as role `tool`.")
        self.told.append(message)

    def _called(self, data: Mapping[str, Any]) -> Iterable[ToolCallPart]:
        calls = data.get("tool_calls") or []
        if not isinstance(calls, Sequence) or isinstance(calls, str):
            raise serializers.ValidationError({"tool_calls": "Send a list of calls."})
        for call in calls:
            yield _call(call)
        if function := data.get("function_call"):
            # The older form has no ids: its call is the last one.
            self._functions += 1
            yield _call({"id": f"function_{self._functions}", "function": function}, at="function_call")

    def _returned(self, data: Mapping[str, Any]) -> None:
        text = words_of(data.get("content"))
        if self._open:
            self.result(next(iter(self._open)), text, at="name")
        else:
            self._say(Message.of("user", f"{storable(str(data.get('name', '')))[:64]}: {text}"))


def _newest(data: list[Any]) -> list[tuple[int, Any]]:
    """Return the newest messages with their places, from a question on, and the instructions of before."""
    begins = max(0, len(data) - MOST_MESSAGES)
    if begins:
        asked = (place for place in range(begins, len(data)) if _role_of(data[place]) == "user")
        begins = next(asked, begins)
    instructions = [(place, each) for place, each in enumerate(data[:begins]) if _is_system(each)]
    return instructions[:MOST_MESSAGES] + list(enumerate(data[begins:], begins))


def _role_of(data: Any) -> Any:
    return data.get("role") if isinstance(data, Mapping) else None


def _is_system(data: Any) -> bool:
    role = _role_of(data)
    return isinstance(role, str) and role in _SYSTEM


def _answer(data: Mapping[str, Any]) -> tuple[TextPart | RefusalPart, ...]:
    parts = parts_of(data.get("content"))
    said = tuple(part for part in parts if isinstance(part, TextPart | RefusalPart))
    if len(said) < len(parts):
        raise serializers.ValidationError({"content": "An answer has parts of type `text` and `refusal` only."})
    refusal = data.get("refusal")
    return (*said, RefusalPart(storable(refusal))) if isinstance(refusal, str) and refusal else said


def _call(call: Any, *, at: str = "tool_calls") -> ToolCallPart:
    function = call.get("function") if isinstance(call, Mapping) else None
    if not isinstance(function, Mapping):
        raise serializers.ValidationError({at: "Send a call with its `id` and its `function`."})
    values = (call.get("id"), function.get("name"), function.get("arguments", ""))
    if not all(isinstance(value, str) for value in values) or not values[0]:
        raise serializers.ValidationError({at: "A call has an `id`, and its function a `name` and `arguments`."})
    return ToolCallPart(*map(storable, values))
