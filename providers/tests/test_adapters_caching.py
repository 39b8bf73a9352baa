"""Where Anthropic is told to keep a prompt for the next request, and what of it no other vendor is told."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from providers.adapters._openai_encode import encode as encode_for_openai
from providers.adapters.anthropic.encoder import encode
from providers.adapters.anthropic.models import CATALOGUE
from providers.messages import (
    ImagePart,
    Message,
    TextPart,
    ThinkingPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from providers.profiles import ModelProfile
from providers.tests import fake_rules
from providers.types import ChatRequest

PROFILE = CATALOGUE["claude-opus-5"].profile
LONG = "All of the house rules apply. " * 200
SYSTEM = Message.of("system", LONG)
TOOL = Tool("lookup", "Looks the weather up.")
MARK = {"type": "ephemeral"}


def talk(turns: int, *, words: str = "word ") -> tuple[Message, ...]:
    """So many turns with their answers, and a question."""
    said = [Message.of(role, f"{turn} {words}") for turn in range(turns) for role in ("user", "assistant")]
    return (*said, Message.of("user", "And now?"))


def encoded(*messages: Message, profile: ModelProfile = PROFILE, **more: Any) -> dict[str, Any]:
    body = encode(ChatRequest("claude-opus-5", messages, **more), profile)
    assert fake_rules.problem("anthropic", body, version="2026-10-21") is None
    return body


def marks(body: Any) -> list[tuple[str, int]]:
    """Where the marks are: in the tools, the system's words, or a message by its place from the end."""
    found = [(name, 0) for name in ("tools", "system") if _is_marked(body.get(name))]
    turns = body["messages"]
    return found + [("turn", n - len(turns)) for n, turn in enumerate(turns) if _is_marked(turn["content"])]


def _is_marked(blocks: Any) -> bool:
    if not isinstance(blocks, list):
        return False
    marked = [block.get("cache_control") for block in blocks if "cache_control" in block]
    assert marked in ([], [MARK]), "one mark of the kind that is kept for five minutes"
    return bool(marked)


def unmarked(value: Any) -> Any:
    """A body without its marks, in the one form that the vendor's cache knows."""
    if isinstance(value, dict):
        plain = {name: unmarked(each) for name, each in value.items() if name != "cache_control"}
        if isinstance(plain.get("content"), str) and "role" in plain:
            plain["content"] = [{"type": "text", "text": plain["content"]}]
        return plain
    return [unmarked(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("turns", "tools", "expected"),
    [
        (0, (), [("system", 0)]),
        (1, (), [("system", 0), ("turn", -2)]),
        (2, (), [("system", 0), ("turn", -4), ("turn", -2)]),
        (9, (), [("system", 0), ("turn", -4), ("turn", -2)]),
        (9, (replace(TOOL, description=LONG),), [("tools", 0), ("system", 0), ("turn", -4), ("turn", -2)]),
        (9, (TOOL,), [("system", 0), ("turn", -4), ("turn", -2)]),
    ],
)
def test_the_ends_of_tools_system_and_history_are_marked(
    turns: int, tools: tuple[Tool, ...], expected: list[tuple[str, int]]
) -> None:
    assert marks(encoded(SYSTEM, *talk(turns), tools=tools)) == expected


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        ((Message.of("system", "Be brief."), *talk(0)), []),
        ((Message.of("system", "Be brief."), *talk(3)), []),
        ((Message.of("system", "Be brief."), *talk(3, words=LONG)), [("turn", -4), ("turn", -2)]),
        ((Message.of("system", "Be brief."), *talk(2, words=LONG[:1200])), [("turn", -2)]),
        (talk(2, words=LONG), [("turn", -4), ("turn", -2)]),
        ((Message("user", (ImagePart("image/png", b"png"),)), *talk(1)[1:]), [("turn", -2)]),
        ((Message.of("system", "Ja, genau. Ждите! " * 150), *talk(1)), [("system", 0), ("turn", -2)]),
    ],
    ids=["short", "short talk", "long talk", "long by the second turn", "no system", "an image", "other scripts"],
)
def test_only_what_is_long_enough_for_the_vendor_to_keep_is_marked(
    messages: tuple[Message, ...], expected: list[tuple[str, int]]
) -> None:
    assert marks(encoded(*messages)) == expected


def test_a_tools_result_comes_after_the_mark_and_no_thought_is_marked() -> None:
    thought = ThinkingPart("Hm", signature=fake_rules.SIGNATURE)
    calls = (
        Message("assistant", (TextPart("Let me look."), ToolCallPart("call_0", "lookup", "{}"))),
        Message("tool", (ToolResultPart("call_0", "Rain."),)),
    )
    body = encoded(SYSTEM, Message.of("user", "Weather?"), *calls, tools=(TOOL,))
    assert marks(body) == [("system", 0), ("turn", -2)]
    assert "cache_control" in body["messages"][-2]["content"][-1]

    thinking = Message("assistant", (TextPart("Rain."), thought))
    body = encoded(SYSTEM, Message.of("user", "Weather?"), thinking, *talk(0))
    assert ["cache_control" in block for block in body["messages"][1]["content"]] == [True, False]


@pytest.mark.parametrize("cache", ["none", "prefix"])
def test_a_model_whose_profile_says_otherwise_gets_no_marks(cache: Any) -> None:
    body = encoded(SYSTEM, *talk(4), profile=replace(PROFILE, cache=cache))
    assert marks(body) == []
    assert isinstance(body["system"], str)


def test_marks_are_anthropics_alone() -> None:
    for cache in ("prefix", "explicit"):
        profile = replace(PROFILE, cache=cache)
        assert "cache_control" not in str(encode_for_openai(ChatRequest("gpt-5", (SYSTEM, *talk(4))), profile))


def test_without_its_marks_a_prompt_begins_like_the_one_before() -> None:
    before = unmarked(encoded(SYSTEM, *talk(4), tools=(TOOL,)))
    after = unmarked(encoded(SYSTEM, *talk(5), tools=(TOOL,)))
    assert (after["tools"], after["system"]) == (before["tools"], before["system"])
    assert after["messages"][: len(before["messages"]) - 1] == before["messages"][:-1]
