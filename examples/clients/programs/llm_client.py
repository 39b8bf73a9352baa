"""Simon Willison's `llm`, with a bot as one of its OpenAI-compatible models; it has no word for sources."""

from __future__ import annotations

import json
from typing import Any

import kit
from llm.default_plugins.openai_models import Chat


def model(name: str = kit.ECHO) -> Chat:
    found = Chat(name, model_name=name, api_base=kit.BASE_URL, supports_schema=True, supports_tools=True)
    found.key = kit.KEY
    return found


def lookup(city: str, days: int) -> str:
    """Looks the weather up."""
    kit.expect({"city": city, "days": days}, kit.ARGUMENTS)
    return "sunny"


def chat() -> None:
    kit.expect(model().prompt(kit.SAID, stream=False).text(), kit.SAID)


def stream() -> None:
    kit.expect("".join(model().prompt(kit.SAID, stream=True)), kit.SAID)


def usage() -> None:
    answer = model().prompt(kit.SAID, stream=False)
    answer.text()
    kit.expect_true(answer.usage().output, "usage")


def tools() -> None:
    kit.expect(model(kit.TOOLS).chain(kit.WEATHER, tools=[lookup]).text().removeprefix("Let me look. "), kit.TOLD)


def json_mode() -> None:
    kit.expect(json.loads(model(kit.JSON).prompt(kit.SAID, schema=kit.SCHEMA, stream=False).text()), kit.NAMED)


def turns() -> None:
    conversation: Any = model().conversation()
    for words in kit.TURNS:
        kit.expect(conversation.prompt(words, stream=False).text(), words)


kit.main(chat=chat, stream=stream, usage=usage, tools=tools, json=json_mode, turns=turns)
