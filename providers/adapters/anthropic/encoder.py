"""Writes a request in Anthropic's wire format, messages, strictly as its documentation has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import orjson

from chatcms.core.errortext import ErrorText
from providers.adapters._encoding import answer_limit, as_base64, sayable
from providers.adapters.anthropic.caching import marked
from providers.exceptions import ModelCannotError
from providers.messages import (
    FilePart,
    ImagePart,
    Message,
    OutputSchema,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolNamed,
    ToolResultPart,
)
from providers.profiles import ModelProfile
from providers.types import ChatRequest

DEFAULT_MAX_TOKENS = 4096
_CHOICES = {"auto": "auto", "none": "none", "required": "any"}
_PDF = "application/pdf"


def encode(request: ChatRequest, profile: ModelProfile) -> dict[str, Any]:
    """Return the body of a streamed message."""
    body: dict[str, Any] = {
        "model": request.model,
        "max_tokens": answer_limit(request.max_tokens or DEFAULT_MAX_TOKENS, profile),
        "messages": _turns(request),
        "stream": True,
    }
    if system := "\n\n".join(sayable(message.text) for message in request.messages if message.role == "system"):
        body["system"] = [{"type": "text", "text": system}]
    if request.temperature is not None and profile.temperature:
        body["temperature"] = min(request.temperature, 1.0)
    if request.stop:
        body["stop_sequences"] = [sayable(stop) for stop in request.stop]
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
        body["tool_choice"] = _choice(request.tool_choice, parallel=request.parallel_tool_calls)
    if request.output is not None:
        body["output_config"] = {"format": _form(request.output, request.model)}
    return _plain(marked(body) if profile.cache == "explicit" else body)


def _turns(request: ChatRequest) -> list[dict[str, Any]]:
    """Leave out the system's messages, join neighbours of one role, and begin with the user."""
    turns: list[dict[str, Any]] = []
    for message in request.messages:
        blocks = list(_blocks(message, request.model))
        if message.role == "system" or not blocks:
            continue
        role = "assistant" if message.role == "assistant" else "user"
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] = _joined(turns[-1]["content"], blocks)
        else:
            turns.append({"role": role, "content": blocks})
    if not turns or turns[0]["role"] == "assistant":
        turns.insert(0, {"role": "user", "content": [{"type": "text", "text": "Hello."}]})
    return turns


def _joined(before: list[dict[str, Any]], blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Put the words of neighbours into one block, as paragraphs."""
    if before[-1]["type"] == blocks[0]["type"] == "text":
        joined = {"type": "text", "text": f"{before[-1]['text']}\n\n{blocks[0]['text']}"}
        return [*before[:-1], joined, *blocks[1:]]
    return before + blocks


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    """Send a single block of words as a string, unless it is marked."""
    turns = [{**turn, "content": _words(turn["content"])} for turn in body["messages"]]
    system = {"system": _words(body["system"])} if "system" in body else {}
    return {**body, **system, "messages": turns}


def _words(blocks: list[dict[str, Any]]) -> str | list[dict[str, Any]]:
    if len(blocks) == 1 and blocks[0].keys() == {"type", "text"}:
        return str(blocks[0]["text"])
    return blocks


def _blocks(message: Message, model: str) -> Iterator[dict[str, Any]]:
    """The results of tools come first, as the format wants it; blocks of no words are left out, as it refuses them."""
    results = [part for part in message.parts if isinstance(part, ToolResultPart)]
    others = [part for part in message.parts if not isinstance(part, ToolResultPart)]
    for part in [*results, *others]:
        if (block := _block(part, model)) is not None:
            yield block


def _block(part: Part, model: str) -> dict[str, Any] | None:
    match part:
        case TextPart(text) | RefusalPart(text):
            return {"type": "text", "text": sayable(text)} if text.strip() else None
        case ImagePart():
            return {"type": "image", "source": _image(part)}
        case FilePart():
            return {"type": "document", "title": sayable(part.name), "source": _document(part, model)}
        case ToolCallPart():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": _input(part.arguments)}
        case ToolResultPart():
            block = {"type": "tool_result", "tool_use_id": part.call_id, "content": sayable(part.text)}
            return {**block, "is_error": True} if part.is_error else block
        case ThinkingPart():
            return _thought(part)


def _image(part: ImagePart) -> dict[str, Any]:
    if part.url:
        return {"type": "url", "url": part.url}
    return {"type": "base64", "media_type": part.media_type, "data": as_base64(part.data)}


def _document(part: FilePart, model: str) -> dict[str, Any]:
    if part.media_type == _PDF:
        return {"type": "base64", "media_type": _PDF, "data": as_base64(part.data)}
    if part.media_type.startswith("text/"):
        return {"type": "text", "media_type": "text/plain", "data": part.data.decode("utf-8", "replace")}
    raise ModelCannotError(
        ErrorText(
            "The model %(model)s reads PDF and plain text only. Send “%(part_name)s” as one of these.",
            model=model,
            part_name=part.name,
        )
    )


def _thought(part: ThinkingPart) -> dict[str, Any] | None:
    """The vendor takes back the thoughts that it has signed, and no others."""
    if part.redacted:
        return {"type": "redacted_thinking", "data": part.redacted}
    if part.signature:
        return {"type": "thinking", "thinking": sayable(part.text), "signature": part.signature}
    return None


def _input(arguments: str) -> dict[str, Any]:
    """The arguments as an object, which the format wants; what is none is shown to the model as it wrote it."""
    try:
        found = orjson.loads(sayable(arguments) or "{}")
    except orjson.JSONDecodeError:
        found = None
    return found if isinstance(found, dict) else {"invalid_json": sayable(arguments)}


def _tool(tool: Tool) -> dict[str, Any]:
    encoded: dict[str, Any] = {"name": tool.name, "input_schema": dict(tool.parameters)}
    if tool.description:
        encoded["description"] = sayable(tool.description)
    if tool.strict:
        encoded["strict"] = True
    return encoded


def _choice(choice: ToolChoice, *, parallel: bool) -> dict[str, Any]:
    if isinstance(choice, ToolNamed):
        encoded: dict[str, Any] = {"type": "tool", "name": choice.name}
    else:
        encoded = {"type": _CHOICES[choice]}
    if not parallel and choice != "none":
        encoded["disable_parallel_tool_use"] = True
    return encoded


def _form(output: OutputSchema, model: str) -> dict[str, Any]:
    """The format knows no name of a schema and is always strict."""
    if output.schema is None:
        raise ModelCannotError(ErrorText("The model %(model)s has no JSON mode. Send a schema.", model=model))
    return {"type": "json_schema", "schema": _closed(output.schema)}


def _closed(schema: Any) -> Any:
    """Say of every object that it has no other members, which the format wants to be said."""
    if isinstance(schema, Mapping):
        closed = {name: _closed(value) for name, value in schema.items()}
        return {**closed, "additionalProperties": False} if schema.get("type") == "object" else closed
    return [_closed(each) for each in schema] if isinstance(schema, list) else schema
