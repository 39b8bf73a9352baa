"""instructor, which is for structured output: by JSON of a schema, and by calls of tools."""

from __future__ import annotations

from typing import Any

import instructor
import kit
from openai import OpenAI
from pydantic import BaseModel


class Person(BaseModel):
    """What JSON is asked for."""

    name: str


class lookup(BaseModel):  # noqa: N801 - the tool is called as the class is
    """Looks the weather up."""

    city: str
    days: int


def client(mode: instructor.Mode) -> Any:
    return instructor.from_openai(OpenAI(base_url=kit.BASE_URL, api_key=kit.KEY), mode=mode)


def ask(mode: instructor.Mode, model: str, kind: type[BaseModel], words: str) -> Any:
    messages = [{"role": "user", "content": words}]
    return client(mode).chat.completions.create_with_completion(model=model, messages=messages, response_model=kind)


def plain(messages: Any) -> Any:
    """Ask without a form, as one does with the official client."""
    asked = {"model": kit.ECHO, "messages": messages, "response_model": None}
    return client(instructor.Mode.TOOLS).chat.completions.create(**asked).choices[0].message


def chat() -> None:
    kit.expect(plain([{"role": "user", "content": kit.SAID}]).content, kit.SAID)


def stream() -> None:
    asked = {"model": kit.JSON, "messages": [{"role": "user", "content": kit.SAID}], "response_model": Person}
    last = list(client(instructor.Mode.JSON_SCHEMA).chat.completions.create_partial(**asked))[-1]
    kit.expect(last.model_dump(), kit.NAMED)


def sources() -> None:
    asked = {"model": kit.CITE, "messages": [{"role": "user", "content": kit.QUESTION}], "response_model": None}
    message = client(instructor.Mode.TOOLS).chat.completions.create(**asked).choices[0].message
    kit.expect_true(message.annotations[0].url_citation.url, "address of a source")


def turns() -> None:
    messages: list[Any] = []
    for words in kit.TURNS:
        messages.append({"role": "user", "content": words})
        answer = plain(messages)
        kit.expect(answer.content, words)
        messages.append({"role": "assistant", "content": answer.content})


def tools() -> None:
    found, _ = ask(instructor.Mode.TOOLS, kit.TOOLS, lookup, kit.WEATHER)
    kit.expect(found.model_dump(), kit.ARGUMENTS)


def json_mode() -> None:
    found, _ = ask(instructor.Mode.JSON_SCHEMA, kit.JSON, Person, kit.SAID)
    kit.expect(found.model_dump(), kit.NAMED)


def usage() -> None:
    _, completion = ask(instructor.Mode.JSON_SCHEMA, kit.JSON, Person, kit.SAID)
    kit.expect_true(completion.usage.total_tokens, "usage")


kit.main(chat=chat, stream=stream, usage=usage, sources=sources, tools=tools, json=json_mode, turns=turns)
