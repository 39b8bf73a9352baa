"""LiteLLM, with the prefix `openai/` for servers that speak OpenAI's protocol."""

from __future__ import annotations

import json
from typing import Any

import kit
import litellm


def complete(messages: Any, model: str = kit.ECHO, **more: Any) -> Any:
    given = [{"role": "user", "content": messages}] if isinstance(messages, str) else messages
    return litellm.completion(model=f"openai/{model}", messages=given, api_base=kit.BASE_URL, api_key=kit.KEY, **more)


def chat() -> None:
    kit.expect(complete(kit.SAID).choices[0].message.content, kit.SAID)


def stream() -> None:
    kit.expect("".join(one.choices[0].delta.content or "" for one in complete(kit.SAID, stream=True)), kit.SAID)


def usage() -> None:
    kit.expect_true(complete(kit.SAID).usage.total_tokens, "usage")


def sources() -> None:
    message = complete(kit.QUESTION, kit.CITE).choices[0].message
    kit.expect_true(message.annotations[0]["url_citation"]["url"], "address of a source")


def tools() -> None:
    given: list[Any] = [{"role": "user", "content": kit.WEATHER}]
    tool = {"type": "function", "function": kit.LOOKUP}
    answer = complete(given, kit.TOOLS, tools=[tool]).choices[0].message
    (call,) = answer.tool_calls
    kit.expect(json.loads(call.function.arguments), kit.ARGUMENTS)
    given += [answer, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
    kit.expect(complete(given, kit.TOOLS, tools=[tool]).choices[0].message.content, kit.TOLD)


def json_mode() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": kit.SCHEMA, "strict": True}}
    answer = complete(kit.SAID, kit.JSON, response_format=form).choices[0].message.content
    kit.expect(json.loads(answer), kit.NAMED)


def turns() -> None:
    given: list[Any] = []
    for words in kit.TURNS:
        given.append({"role": "user", "content": words})
        answer = complete(given).choices[0].message
        kit.expect(answer.content, words)
        given.append(answer)


kit.main(chat=chat, stream=stream, usage=usage, sources=sources, tools=tools, json=json_mode, turns=turns)
