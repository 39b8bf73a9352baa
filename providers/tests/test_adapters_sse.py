"""Events come out the same, wherever the network cuts them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.adapters._sse import EventParser, EventTooLargeError

STREAM = (
    "\ufeff: welcome\n\n"
    'event: x\nid: 1\ndata: {"a": "grüß 👩‍👩‍👧"}\n\n'
    "data:no space\r\n\r\n"
    "data: two\ndata:  lines\n\n"
    "retry: 10\r\rdata: alone\r\r"
    ": ping\n\ndata\ndata: \n\n"
    "data: [DONE]\n\n"
).encode()
EVENTS = ['{"a": "grüß 👩‍👩‍👧"}', "no space", "two\n lines", "alone", "", "[DONE]"]


def parsed(pieces: list[bytes]) -> list[str]:
    parser = EventParser()
    return [event.decode() for piece in pieces for event in parser.feed(piece)] + [
        event.decode() for event in parser.finish()
    ]


@given(st.sets(st.integers(0, len(STREAM)), max_size=40))
def test_events_are_the_same_wherever_they_are_cut(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[a:b] for a, b in pairwise(edges)]
    assert parsed(pieces) == EVENTS


def test_events_are_the_same_byte_by_byte() -> None:
    assert parsed([bytes([byte]) for byte in STREAM]) == EVENTS


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), min_size=1), max_size=20))
def test_every_text_comes_through(texts: list[str]) -> None:
    stream = b"".join(b"data: " + text.encode() + b"\n\n" for text in texts)
    assert parsed([stream]) == texts


def test_a_last_event_without_its_empty_line_is_read_at_the_end() -> None:
    assert parsed([b"data: one\n\ndata: two"]) == ["one", "two"]


def test_an_event_without_end_is_refused() -> None:
    parser = EventParser()
    with pytest.raises(EventTooLargeError):
        for _ in range(100):
            parser.feed(b"data: " + b"x" * 65_536)
