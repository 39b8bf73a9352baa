"""What a strict vendor refuses in a request: the fake provider is as strict as the strictest of those it stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from providers.tests.fake_wire import Vendor

Body = dict[str, Any]
BLIND = ("gpt-3.5-turbo", "gpt-4", "blind")
SIGNATURE = "sig-of-the-fake"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_THINKER = re.compile(r"(o\d|gpt-5)(-|\.|$)")
_ROLES = {"system", "developer", "user", "assistant", "tool"}
_OPENAI_PARTS = {"text", "image_url", "file", "refusal", "input_audio"}
_ANTHROPIC_PARTS = {"text", "image", "document", "tool_use", "tool_result", "thinking", "redacted_thinking"}
_MOST_MARKS = 4


def problem(vendor: Vendor, body: Body, *, version: str) -> str | None:
    """Return what the vendor says to a request that it refuses, None if it takes it."""
    if not body.get("model") or not body.get("messages"):
        return "model and messages are required"
    if vendor == "anthropic":
        return next(_anthropic(body, version), None)
    return next(_openai(body), None)


def _is_blind(model: str) -> bool:
    return model.split(":", maxsplit=1)[0].removesuffix("-whole") in BLIND


# --- OpenAI --------------------------------------------------------------------------------------------------


def _openai(body: Body) -> Iterator[str]:
    messages = body["messages"]
    yield from _openai_roles(messages)
    yield from _openai_calls(messages)
    yield from _openai_parts(body["model"], messages)
    yield from _openai_settings(body)


def _openai_roles(messages: list[Any]) -> Iterator[str]:
    for message in messages:
        if message.get("role") not in _ROLES:
            yield f"Invalid value: '{message.get('role')}'. Supported values are: {', '.join(sorted(_ROLES))}."
    # OpenAI itself takes several; the templates of llama.cpp and vLLM do not
    if any(message["role"] in {"system", "developer"} for message in messages[1:]):
        yield "System message must be at the beginning."


def _openai_calls(messages: list[Any]) -> Iterator[str]:
    waiting: set[str] = set()
    for message in messages:
        if message["role"] == "tool":
            if message.get("tool_call_id") not in waiting:
                yield "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            yield "An assistant message with 'tool_calls' must be followed by tool messages to each 'tool_call_id'."
        waiting = {call["id"] for call in message.get("tool_calls") or ()}


def _openai_parts(model: str, messages: list[Any]) -> Iterator[str]:
    for message in messages:
        content = message.get("content")
        if content is None and not message.get("tool_calls") and not message.get("refusal"):
            yield "Invalid value for 'content': expected a string, got null."
        if content == [] or (content is not None and not isinstance(content, str | list)):
            yield "Invalid type for 'content'."
        for part in content if isinstance(content, list) else ():
            if part.get("type") not in _OPENAI_PARTS:
                yield f"Invalid value: '{part.get('type')}'."
            if part["type"] == "image_url" and _is_blind(model):
                yield "Invalid content type. image_url is only supported by certain models."
            if part["type"] == "file" and not part["file"].get("file_data", "").startswith("data:"):
                yield "Invalid file data."


def _openai_settings(body: Body) -> Iterator[str]:
    if body.get("tool_choice") not in (None, "none") and not body.get("tools"):
        yield "'tool_choice' is only allowed when 'tools' are specified."
    for tool in body.get("tools") or ():
        if tool.get("type") != "function" or not _NAME.fullmatch(tool["function"].get("name", "")):
            yield "Invalid 'tools[0].function.name': string does not match pattern."
    form = body.get("response_format") or {"type": "text"}
    if form["type"] not in {"text", "json_object", "json_schema"}:
        yield "Invalid value for 'response_format.type'."
    if form["type"] == "json_object" and "json" not in str(body["messages"]).lower():
        yield "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
    if form["type"] == "json_schema" and not _NAME.fullmatch(form["json_schema"].get("name", "")):
        yield "Missing required parameter: 'response_format.json_schema.name'."
    if "max_tokens" in body and _THINKER.match(body["model"]):
        yield "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."


# --- Anthropic -----------------------------------------------------------------------------------------------


def _anthropic(body: Body, version: str) -> Iterator[str]:
    if not body.get("max_tokens"):
        yield "max_tokens: Field required"
    roles = [message["role"] for message in body["messages"]]
    if set(roles) - {"user", "assistant"} or roles[0] != "user":
        yield "messages: roles must be user and assistant, the first one user"
    if any(a == b for a, b in pairwise(roles)):
        yield "messages: roles must alternate"
    if "temperature" in body and version != "2023-06-01":
        yield "temperature: Extra inputs are not permitted"
    turns = [_blocks(message["content"]) for message in body["messages"]]
    for blocks in turns:
        yield from _anthropic_blocks(body["model"], blocks)
    yield from _anthropic_calls(turns)
    yield from _anthropic_settings(body, turns)


def _blocks(content: Any) -> list[Body]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def _anthropic_blocks(model: str, blocks: list[Body]) -> Iterator[str]:
    if not blocks:
        yield "messages.0.content: at least one block is required"
    for block in blocks:
        kind = block.get("type")
        if kind not in _ANTHROPIC_PARTS:
            yield f"messages.0.content.0.type: '{kind}' is not a known type"
        if kind == "text" and not block["text"].strip():
            yield "messages: text content blocks must be non-empty"
        if kind == "image" and _is_blind(model):
            yield "messages.0.content.0: this model does not support images"
        if kind == "thinking" and block.get("signature") != SIGNATURE:
            yield "messages.0.content.0: Invalid `signature` in `thinking` block"
        if kind in {"thinking", "redacted_thinking"} and "cache_control" in block:
            yield "messages.0.content.0.cache_control: Extra inputs are not permitted"
        if kind == "tool_use" and not isinstance(block.get("input"), dict):
            yield "messages.0.content.0.input: Input should be a valid dictionary"


def _anthropic_calls(turns: list[list[Body]]) -> Iterator[str]:
    for before, blocks in pairwise([[], *turns]):
        called = {block["id"] for block in before if block["type"] == "tool_use"}
        results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        if set(results) - called:
            yield "messages: unexpected `tool_use_id` found in `tool_result` blocks"
        if called - set(results):
            yield "messages: `tool_use` ids were found without `tool_result` blocks immediately after"
        if results and [block["type"] for block in blocks[: len(results)]] != ["tool_result"] * len(results):
            yield "messages: `tool_result` blocks must come first"


def _anthropic_settings(body: Body, turns: list[list[Body]]) -> Iterator[str]:
    if body.get("tool_choice") and not body.get("tools"):
        yield "tool_choice: may only be specified while providing tools"
    for tool in body.get("tools") or ():
        if not _NAME.fullmatch(tool.get("name", "")) or tool.get("input_schema", {}).get("type") != "object":
            yield "tools.0.input_schema: Field required"
    form = (body.get("output_config") or {}).get("format")
    if form and (form.get("type") != "json_schema" or not _is_closed(form["schema"])):
        yield "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
    system = body.get("system") or []
    marked = [*turns, _blocks(system) if isinstance(system, str) else system, body.get("tools") or []]
    if sum("cache_control" in block for blocks in marked for block in blocks) > _MOST_MARKS:
        yield "A maximum of 4 blocks with cache_control may be provided."


def _is_closed(schema: Any) -> bool:
    if isinstance(schema, list):
        return all(map(_is_closed, schema))
    if not isinstance(schema, dict):
        return True
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return False
    return all(map(_is_closed, schema.values()))
