"""LangChain's `ChatOpenAI`, by chat completions; sources by responses, since it reads annotations only there."""

from __future__ import annotations

from typing import Any

import kit
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage
from langchain_openai import ChatOpenAI


def model(name: str = kit.ECHO, **more: Any) -> ChatOpenAI:
    return ChatOpenAI(model=name, base_url=kit.BASE_URL, api_key=kit.KEY, **more)  # type: ignore[arg-type]


def chat() -> None:
    kit.expect(model().invoke(kit.SAID).content, kit.SAID)


def stream() -> None:
    kit.expect("".join(str(chunk.content) for chunk in model().stream(kit.SAID)), kit.SAID)


def usage() -> None:
    answer: Any = model().invoke(kit.SAID)
    kit.expect_true(answer.usage_metadata["total_tokens"], "usage")


def sources() -> None:
    answer = model(kit.CITE, use_responses_api=True).invoke(kit.QUESTION)
    blocks: Any = answer.content
    kit.expect_true(blocks[0]["annotations"][0]["url"], "address of a source")


def tools() -> None:
    bound = model(kit.TOOLS).bind_tools([{"type": "function", "function": kit.LOOKUP}])
    answer: Any = bound.invoke(kit.WEATHER)
    (call,) = answer.tool_calls
    kit.expect(call["args"], kit.ARGUMENTS)
    result = ToolMessage("sunny", tool_call_id=call["id"])
    kit.expect(bound.invoke([HumanMessage(kit.WEATHER), answer, result]).content, kit.TOLD)


def json_mode() -> None:
    schema = {"title": "person", "description": "A person.", **kit.SCHEMA}
    kit.expect(model(kit.JSON).with_structured_output(schema, method="json_schema").invoke(kit.SAID), kit.NAMED)


def turns() -> None:
    said: list[BaseMessage] = []
    for words in kit.TURNS:
        said.append(HumanMessage(words))
        answer = model().invoke(said)
        kit.expect(answer.content, words)
        said.append(AIMessage(answer.content))


kit.main(chat=chat, stream=stream, usage=usage, sources=sources, tools=tools, json=json_mode, turns=turns)
