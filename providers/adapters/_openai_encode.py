"""Writes a request in OpenAI's wire format, chat completions, strictly as its documentation has it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from providers.adapters._encoding import answer_limit, data_address, sayable
from providers.messages import (
    FilePart,
    ImagePart,
    Message,
    OutputSchema,
    Part,
    RefusalPart,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolNamed,
    ToolResultPart,
)
from providers.profiles import ModelProfile
from providers.types import ChatRequest


def encode(request: ChatRequest, profile: ModelProfile, *, stream_options: bool = True) -> dict[str, Any]:
    """Return the body of a streamed chat completion; `stream_options` asks for its usage."""
    body: dict[str, Any] = {"model": request.model, "messages": list(_messages(request.messages)), "stream": True}
    if request.temperature is not None and profile.temperature:
        body["temperature"] = request.temperature
    if request.max_tokens is not None:
        body[profile.max_tokens_name] = answer_limit(request.max_tokens, profile)
    if request.stop:
        body["stop"] = [sayable(stop) for stop in request.stop]
    if request.tools:
        body |= _tools(request.tools, request.tool_choice, parallel=request.parallel_tool_calls)
    if request.output is not None:
        body["response_format"] = _form(request.output)
    if stream_options:
        body["stream_options"] = {"include_usage": True}
    return body


def _messages(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    """One system message, which comes first: many servers take no other. Each result of a tool is a message."""
    if system := "\n\n".join(sayable(message.text) for message in messages if message.role == "system"):
        yield {"role": "system", "content": system}
    for message in messages:
        if message.role == "assistant":
            yield _answer(message)
        elif message.role != "system":
            yield from _results(message)
            if content := _content(message.parts):
                yield {"role": "user", "content": content}


def _results(message: Message) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ToolResultPart):
            # the format has no mark for a call that failed
            text = f"Error: {part.text}" if part.is_error else part.text
            yield {"role": "tool", "tool_call_id": part.call_id, "content": sayable(text)}


def _content(parts: Sequence[Part]) -> str | list[dict[str, Any]]:
    """A plain string where there are words only, since not every server knows parts."""
    if any(isinstance(part, ImagePart | FilePart) for part in parts):
        return [encoded for part in parts if (encoded := _part(part))]
    return "".join(sayable(part.text) for part in parts if isinstance(part, TextPart))


def _part(part: Part) -> dict[str, Any] | None:
    if isinstance(part, TextPart):
        return {"type": "text", "text": sayable(part.text)} if part.text else None
    if isinstance(part, ImagePart):
        return {"type": "image_url", "image_url": {"url": part.url or data_address(part), "detail": part.detail}}
    if isinstance(part, FilePart):
        return {"type": "file", "file": {"filename": sayable(part.name), "file_data": data_address(part)}}
    return None


def _answer(message: Message) -> dict[str, Any]:
    """An earlier answer; of its thoughts nothing is sent, since the format has no place for them."""
    calls = [_call(part) for part in message.parts if isinstance(part, ToolCallPart)]
    refusal = "".join(sayable(part.text) for part in message.parts if isinstance(part, RefusalPart))
    text = sayable(message.text)
    encoded: dict[str, Any] = {"role": "assistant", "content": text or (None if calls or refusal else "")}
    if refusal:
        encoded["refusal"] = refusal
    if calls:
        encoded["tool_calls"] = calls
    return encoded


def _call(part: ToolCallPart) -> dict[str, Any]:
    function = {"name": part.name, "arguments": sayable(part.arguments)}
    return {"id": part.id, "type": "function", "function": function}


def _tools(tools: Sequence[Tool], choice: ToolChoice, *, parallel: bool) -> dict[str, Any]:
    encoded: dict[str, Any] = {
        "tools": [{"type": "function", "function": _function(tool)} for tool in tools],
        "tool_choice": {"type": "function", "function": {"name": choice.name}}
        if isinstance(choice, ToolNamed)
        else choice,
    }
    if not parallel:
        encoded["parallel_tool_calls"] = False
    return encoded


def _function(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {"name": tool.name, "parameters": dict(tool.parameters)}
    if tool.description:
        function["description"] = sayable(tool.description)
    if tool.strict:
        function["strict"] = True
    return function


def _form(output: OutputSchema) -> dict[str, Any]:
    if output.schema is None:
        return {"type": "json_object"}
    form: dict[str, Any] = {"name": output.name, "schema": dict(output.schema), "strict": output.strict}
    if output.description:
        form["description"] = sayable(output.description)
    return {"type": "json_schema", "json_schema": form}
