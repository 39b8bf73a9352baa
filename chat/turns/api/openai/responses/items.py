"""Reads the input of a response: messages, calls of tools and their results, and references to earlier items."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chat.turns.api.openai.contents import parts_of, words_of
from chat.turns.api.openai.errors import UnsupportedParameterError
from chat.turns.api.openai.messages import ToldConversation
from chat.turns.api.openai.responses.ids import item_called
from chatcms.core.api import serializers
from chatcms.core.text.safety import storable
from providers.messages import Message, Part, RefusalPart, TextPart, ToolCallPart, load_parts
from tenants.types import Actor

MOST_ITEMS = 2000
_SYSTEM = frozenset({"system", "developer"})


def messages_of(given: Any, *, earlier: Sequence[Message], by: Actor) -> list[Message]:
    """Return the messages that the input adds to `earlier` ones. Raises `ValidationError` at `input`.

    Raises `UnsupportedParameterError` for items that bots know nothing of.
    """
    if isinstance(given, str):
        given = [{"role": "user", "content": given}]
    if not isinstance(given, list) or not given:
        raise serializers.ValidationError({"input": "Send a text, or a list of items, of one at least."})
    if len(given) > MOST_ITEMS:
        raise serializers.ValidationError({"input": f"Send at most {MOST_ITEMS:,} items."})
    reader = _Items(earlier, by)
    for index, item in enumerate(given):
        try:
            reader.add(item)
        except serializers.ValidationError as error:
            raise serializers.ValidationError({"input": {str(index): error.detail}}) from None
    return reader.finish()


class _Items:
    """Takes items one after the other; what an answer is made of comes together as one message."""

    def __init__(self, earlier: Sequence[Message], by: Actor) -> None:
        self._by = by
        self._conversation = ToldConversation(earlier)
        self._count = len(self._conversation.told)
        self._answer: list[Part] = []

    def add(self, item: Any) -> None:
        """Take the next item. Raises `ValidationError`."""
        if not isinstance(item, Mapping):
            raise serializers.ValidationError("Send each item as an object.")
        kind, role = item.get("type", "message"), item.get("role")
        if kind == "reasoning":
            return
        if kind == "function_call":
            self._answer.append(_call(item))
        elif kind == "item_reference":
            self._answer.append(self._referred(item.get("id")))
        elif kind == "message" and role == "assistant":
            self._answer += _said(item.get("content"))
        else:
            self._flush()
            self._add(kind, role, item)

    def finish(self) -> list[Message]:
        """Return the messages that were added. Raises `ValidationError` for a call without its result."""
        self._flush()
        if not self._conversation.is_settled:
            raise serializers.ValidationError({"input": "No tool output found for a function call."})
        return self._conversation.told[self._count :]

    def _add(self, kind: Any, role: Any, item: Mapping[str, Any]) -> None:
        if kind == "function_call_output":
            self._conversation.result(item.get("call_id"), words_of(item.get("output"), at="output"), at="call_id")
        elif kind == "message" and role in {"user", *_SYSTEM}:
            self._conversation.add(item)
        elif kind == "message":
            raise serializers.ValidationError({"role": "Use system, developer, user or assistant."})
        else:
            raise UnsupportedParameterError("input", f"Bots read no items of type `{str(kind)[:40]}`.")

    def _flush(self) -> None:
        if self._answer:
            self._conversation.answer(tuple(self._answer))
            self._answer = []

    def _referred(self, name: Any) -> Part:
        """Return the part of an earlier answer that an item is."""
        found = item_called(name, by=self._by) if isinstance(name, str) else None
        if found is None:
            raise serializers.ValidationError({"id": f"Item with id '{str(name)[:80]}' not found."})
        answer, index = found
        parts = load_parts(answer.parts) or (TextPart(answer.content),)
        if index >= len(parts):
            raise serializers.ValidationError({"id": f"Item with id '{name}' not found."})
        return parts[index]


def _said(content: Any) -> list[Part]:
    parts = parts_of(content)
    if not all(isinstance(part, TextPart | RefusalPart) for part in parts):
        raise serializers.ValidationError({"content": "An answer has words and refusals only."})
    return list(parts)


def _call(item: Mapping[str, Any]) -> ToolCallPart:
    values = (item.get("call_id"), item.get("name"), item.get("arguments", ""))
    if not all(isinstance(value, str) for value in values) or not values[0]:
        raise serializers.ValidationError({"call_id": "A call has a `call_id`, a `name` and `arguments`."})
    return ToolCallPart(*(storable(str(value)) for value in values))
