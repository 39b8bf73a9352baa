"""Reads the tools, the choice among them and the form of the answer that a request of OpenAI's protocols asks for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal, cast

from chat.turns.api.openai.errors import UnsupportedParameterError
from chatcms.core.api import serializers
from chatcms.core.text.safety import storable
from providers.messages import OutputSchema, Tool, ToolChoice, ToolNamed

MOST_TOOLS = 128
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_CHOICES = frozenset({"auto", "none", "required"})


def tools_of(given: Any, *, at: str = "tools") -> tuple[Tool, ...]:
    """Return the functions of a list of tools, in the form of either protocol; none for null and an empty list.

    Raises `UnsupportedParameterError` for a tool that is no function, `ValidationError` for a malformed one.
    """
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > MOST_TOOLS:
        raise serializers.ValidationError({at: f"Send a list of at most {MOST_TOOLS} tools."})
    return tuple(_tool(each, at) for each in given)


def functions_of(given: Any) -> tuple[Tool, ...]:
    """Return the tools of `functions`, the older name for them."""
    wrapped = [{"type": "function", "function": each} for each in given] if isinstance(given, list) else given
    return tools_of(wrapped, at="functions")


def _tool(given: Any, at: str) -> Tool:
    if not isinstance(given, Mapping):
        raise serializers.ValidationError({at: "Send each tool as an object."})
    if given.get("type") != "function":
        raise UnsupportedParameterError(at, "Bots call functions only: leave tools of other types out.")
    function = given.get("function", given)
    name = function.get("name") if isinstance(function, Mapping) else None
    if not (isinstance(name, str) and _NAME.fullmatch(name)):
        raise serializers.ValidationError({at: "A function's name has 1 to 64 letters, digits, `_` and `-`."})
    parameters = function.get("parameters") or {}
    description = function.get("description") or ""
    if not isinstance(parameters, Mapping) or not isinstance(description, str):
        raise serializers.ValidationError({at: "`parameters` is a JSON schema, `description` a text."})
    schema = {"type": "object", "properties": {}, **parameters}
    return Tool(name, storable(description), schema, strict=function.get("strict") is True)


def choice_of(given: Any, tools: Sequence[Tool], *, at: str = "tool_choice") -> tuple[ToolChoice, tuple[Tool, ...]]:
    """Return the choice among `tools`, in the form of either protocol, and those that it leaves.

    Raises `ValidationError`, also for a tool that was not sent.
    """
    if given is None or not tools:
        return "auto", tuple(tools)
    if isinstance(given, str) and given in _CHOICES:
        return cast("Literal['auto', 'none', 'required']", given), tuple(tools)
    if isinstance(given, Mapping) and given.get("type") == "allowed_tools":
        allowed = given.get("allowed_tools", given)
        names = {_named(each) for each in allowed.get("tools") or ()} if isinstance(allowed, Mapping) else set()
        left = tuple(tool for tool in tools if tool.name in names)
        return ("required" if allowed.get("mode") == "required" else "auto"), left
    name = _named(given)
    if not any(tool.name == name for tool in tools):
        raise serializers.ValidationError({at: "Send auto, none, required, or a function that is among the tools."})
    return ToolNamed(name), tuple(tools)


def _named(given: Any) -> str:
    """Return the function's name in `{"type": "function", "function": {"name": …}}`, or in its flat form."""
    function = given.get("function", given) if isinstance(given, Mapping) else None
    return str(function.get("name", "")) if isinstance(function, Mapping) else ""


def form_of(given: Any, *, at: str = "response_format") -> OutputSchema | None:
    """Return the form that the answer is to have, None for text. Raises `ValidationError`."""
    if given is None:
        return None
    kind = given.get("type") if isinstance(given, Mapping) else None
    if kind == "text":
        return None
    if kind == "json_object":
        return OutputSchema()
    if kind != "json_schema":
        raise serializers.ValidationError({at: "Send a form of type text, json_object or json_schema."})
    described = given.get("json_schema", given)
    schema = described.get("schema") if isinstance(described, Mapping) else None
    if not isinstance(schema, Mapping):
        raise serializers.ValidationError({at: "A form of type json_schema has a `schema`."})
    name, about = described.get("name"), described.get("description")
    return OutputSchema(
        name=name if isinstance(name, str) and _NAME.fullmatch(name) else "answer",
        schema=schema,
        strict=described.get("strict") is True,
        description=storable(about) if isinstance(about, str) else "",
    )
