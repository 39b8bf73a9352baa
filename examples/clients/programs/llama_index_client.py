"""LlamaIndex with `OpenAILike`, its class for servers that speak OpenAI's protocol."""

from __future__ import annotations

import json
from typing import Any

import kit
from llama_index.core.llms import ChatMessage, MessageRole
from llama_index.core.tools import FunctionTool
from llama_index.llms.openai_like import OpenAILike


def model(name: str = kit.ECHO, **more: Any) -> OpenAILike:
    return OpenAILike(**{"model": name, "api_base": kit.BASE_URL, "api_key": kit.KEY, "is_chat_model": True, **more})


def said(words: str) -> list[ChatMessage]:
    return [ChatMessage(role=MessageRole.USER, content=words)]


def lookup(city: str, days: int) -> str:
    """Looks the weather up."""
    return "sunny"


def chat() -> None:
    kit.expect(model().chat(said(kit.SAID)).message.content, kit.SAID)


def stream() -> None:
    kit.expect("".join(piece.delta or "" for piece in model().stream_chat(said(kit.SAID))), kit.SAID)


def usage() -> None:
    raw: Any = model().chat(said(kit.SAID)).raw
    kit.expect_true(raw.usage.total_tokens, "usage")


def sources() -> None:
    raw: Any = model(kit.CITE).chat(said(kit.QUESTION)).raw
    kit.expect_true(raw.choices[0].message.annotations[0].url_citation.url, "address of a source")


def tools() -> None:
    able = model(kit.TOOLS, is_function_calling_model=True)
    result = able.predict_and_call([FunctionTool.from_defaults(lookup)], user_msg=kit.WEATHER)
    kit.expect(str(result), "sunny")


def json_mode() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": kit.SCHEMA, "strict": True}}
    answer = model(kit.JSON).chat(said(kit.SAID), response_format=form).message.content
    kit.expect(json.loads(answer or ""), kit.NAMED)


def turns() -> None:
    messages: list[ChatMessage] = []
    for words in kit.TURNS:
        messages += said(words)
        answer = model().chat(messages).message
        kit.expect(answer.content, words)
        messages.append(answer)


kit.main(chat=chat, stream=stream, usage=usage, sources=sources, tools=tools, json=json_mode, turns=turns)
