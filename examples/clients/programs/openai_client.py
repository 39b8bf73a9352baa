"""The official client, by chat completions and by responses; the same program for every major version."""

from __future__ import annotations

import json
from typing import Any

import kit
from openai import OpenAI

client = OpenAI(base_url=kit.BASE_URL, api_key=kit.KEY)
TOOL: Any = {"type": "function", "function": kit.LOOKUP}


def ask(content: str, model: str = kit.ECHO, **more: Any) -> Any:
    return client.chat.completions.create(model=model, messages=[{"role": "user", "content": content}], **more)


def chat() -> None:
    kit.expect(ask(kit.SAID).choices[0].message.content, kit.SAID)
    kit.expect(client.responses.create(model=kit.ECHO, input=kit.SAID).output_text, kit.SAID)


def stream() -> None:
    pieces = [chunk.choices[0].delta.content or "" for chunk in ask(kit.SAID, stream=True)]
    kit.expect("".join(pieces), kit.SAID)
    events = list(client.responses.create(model=kit.ECHO, input=kit.SAID, stream=True))
    kit.expect("".join(event.delta for event in events if event.type == "response.output_text.delta"), kit.SAID)
    kit.expect(events[-1].type, "response.completed")


def usage() -> None:
    last = list(ask(kit.SAID, stream=True, stream_options={"include_usage": True}))[-1]
    kit.expect_true(last.usage.total_tokens, "usage")
    told = client.responses.create(model=kit.ECHO, input=kit.SAID).usage
    kit.expect_true(told and told.total_tokens, "usage")


def sources() -> None:
    message = ask(kit.QUESTION, kit.CITE).choices[0].message
    kit.expect_true(message.annotations[0].url_citation.url, "address of a source")
    item: Any = client.responses.create(model=kit.CITE, input=kit.QUESTION).output[0]
    kit.expect_true(item.content[0].annotations[0].url, "address of a source")


def tools() -> None:
    messages: list[Any] = [{"role": "user", "content": kit.WEATHER}]
    answer = client.chat.completions.create(model=kit.TOOLS, messages=messages, tools=[TOOL]).choices[0].message
    (call,) = answer.tool_calls or ()
    kit.expect(json.loads(call.function.arguments), kit.ARGUMENTS)  # type: ignore[union-attr]
    messages += [answer, {"role": "tool", "tool_call_id": call.id, "content": "sunny"}]
    told = client.chat.completions.create(model=kit.TOOLS, messages=messages, tools=[TOOL]).choices[0].message
    kit.expect(told.content, kit.TOLD)

    flat: Any = [{"type": "function", **kit.LOOKUP}]
    first = client.responses.create(model=kit.TOOLS, input=kit.WEATHER, tools=flat)
    (called,) = (item for item in first.output if item.type == "function_call")
    result: Any = [{"type": "function_call_output", "call_id": called.call_id, "output": "sunny"}]
    second = client.responses.create(model=kit.TOOLS, input=result, tools=flat, previous_response_id=first.id)
    kit.expect(second.output_text, kit.TOLD)


def json_mode() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "person", "schema": kit.SCHEMA, "strict": True}}
    kit.expect(json.loads(ask(kit.SAID, kit.JSON, response_format=form).choices[0].message.content), kit.NAMED)


def turns() -> None:
    messages: list[Any] = []
    for words in kit.TURNS:
        messages.append({"role": "user", "content": words})
        answer = client.chat.completions.create(model=kit.ECHO, messages=messages).choices[0].message
        kit.expect(answer.content, words)
        messages.append(answer)


kit.main(chat=chat, stream=stream, usage=usage, sources=sources, tools=tools, json=json_mode, turns=turns)
