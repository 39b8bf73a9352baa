"""pydantic-ai's agent with its model for chat completions; it has no word for sources there."""

from __future__ import annotations

from typing import Any

import kit
from pydantic import BaseModel
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider


class Person(BaseModel):
    """What JSON is asked for."""

    name: str


def agent(model: str = kit.ECHO, **more: Any) -> Any:
    provider = OpenAIProvider(base_url=kit.BASE_URL, api_key=kit.KEY)
    return Agent(OpenAIChatModel(model, provider=provider), **more)


def lookup(city: str, days: int) -> str:
    """Looks the weather up."""
    kit.expect({"city": city, "days": days}, kit.ARGUMENTS)
    return "sunny"


def chat() -> None:
    kit.expect(agent().run_sync(kit.SAID).output, kit.SAID)


def stream() -> None:
    pieces = agent().run_stream_sync(kit.SAID).stream_text(delta=True)
    kit.expect("".join(pieces), kit.SAID)


def usage() -> None:
    used = agent().run_sync(kit.SAID).usage
    kit.expect_true((used() if callable(used) else used).total_tokens, "usage")


def tools() -> None:
    kit.expect(agent(kit.TOOLS, tools=[lookup]).run_sync(kit.WEATHER).output, kit.TOLD)


def json_mode() -> None:
    kit.expect(agent(kit.JSON, output_type=NativeOutput(Person)).run_sync(kit.SAID).output.name, kit.NAMED["name"])


def turns() -> None:
    history: Any = None
    for words in kit.TURNS:
        result = agent().run_sync(words, message_history=history)
        kit.expect(result.output, words)
        history = result.all_messages()


kit.main(chat=chat, stream=stream, usage=usage, tools=tools, json=json_mode, turns=turns)
