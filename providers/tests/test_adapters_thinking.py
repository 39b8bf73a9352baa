"""A thought in the text is found however the text is cut, and no other text is touched."""

from __future__ import annotations

import pytest

from providers.adapters._parts import PartWriter
from providers.adapters._thinking import ThinkingFilter
from providers.messages import Part, PartDelta, PartEnd, PartStart, TextPart, ThinkingPart


def read(text: str, size: int, *, waits: bool = False) -> tuple[list[Part], str]:
    """The parts of a text that comes in pieces of a size, and what was passed on as text while it came."""
    writer = PartWriter()
    found = ThinkingFilter(writer, waits=waits)
    for start in range(0, len(text), size):
        found.feed(text[start : start + size])
    found.finish()
    writer.end()
    events = writer.take()
    spoken = {event.index for event in events if isinstance(event, PartStart) and isinstance(event.part, TextPart)}
    said = "".join(event.text for event in events if isinstance(event, PartDelta) and event.index in spoken)
    return [event.part for event in events if isinstance(event, PartEnd)], said


CASES = {
    "Hello.": [TextPart("Hello.")],
    "\n Hello.\n": [TextPart("\n Hello.\n")],
    "<think>Hm.</think>Hello.": [ThinkingPart("Hm."), TextPart("Hello.")],
    "\n<think>\nHm.\n</think>\n\nHello.\n": [ThinkingPart("\nHm.\n"), TextPart("Hello.\n")],
    "<think></think>\n\nHello.": [TextPart("Hello.")],
    "<think>Hm.</think>\n": [ThinkingPart("Hm.")],
    "<think>One.</think>\n<think>Two.</think>Hello.": [ThinkingPart("One.Two."), TextPart("Hello.")],
    "<think>Never closed": [ThinkingPart("Never closed")],
    "Hm.</think>\n\nHello.": [ThinkingPart("Hm."), TextPart("Hello.")],
    "</think>Hello.": [TextPart("Hello.")],
    "<thin air> and 1 < 2": [TextPart("<thin air> and 1 < 2")],
    "<": [TextPart("<")],
    "<thinking>Hm.</think></thinking>\nHello.": [ThinkingPart("Hm.</think>"), TextPart("Hello.")],
    "<thought>Hm.</thought>Hello.": [ThinkingPart("Hm."), TextPart("Hello.")],
    "<reasoning>Hm.</reasoning>Hello.": [ThinkingPart("Hm."), TextPart("Hello.")],
    "<seed:think>Hm.</seed:think>Hello.": [ThinkingPart("Hm."), TextPart("Hello.")],
    "[THINK]Hm.[/THINK]Hello.": [ThinkingPart("Hm."), TextPart("Hello.")],
    "◁think▷Hm.◁/think▷Hello.": [ThinkingPart("Hm."), TextPart("Hello.")],
    "<|begin_of_thought|>Hm.<|end_of_thought|>Hello.": [ThinkingPart("Hm."), TextPart("Hello.")],
    "<|channel|>analysis<|message|>Hm.<|channel|>final<|message|>Hello.": [ThinkingPart("Hm."), TextPart("Hello.")],
    "<thoughtful> and [THIN] lines": [TextPart("<thoughtful> and [THIN] lines")],
    "[1] says so.": [TextPart("[1] says so.")],
    "Use <think> in HTML.": [TextPart("Use <think> in HTML.")],
    "<think>Hm.</think>Say </think> twice.": [ThinkingPart("Hm."), TextPart("Say </think> twice.")],
    "": [],
}


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("text", CASES)
def test_thoughts_and_text_are_told_apart(text: str, size: int, waits: bool) -> None:
    assert read(text, size, waits=waits)[0] == CASES[text]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_a_model_that_is_known_to_think_never_shows_a_thought(size: int) -> None:
    assert read("Hm, <b>.</think>\nHello.", size, waits=True)[1] == "Hello."


def test_a_model_that_sends_its_thoughts_elsewhere_is_not_waited_for() -> None:
    writer = PartWriter()
    found = ThinkingFilter(writer, waits=True)
    found.thought_elsewhere()
    found.feed("Hello")
    assert PartDelta(0, "Hello") in writer.take()
