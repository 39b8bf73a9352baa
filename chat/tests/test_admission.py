"""Tests of taking the mark of an answer that the passages do not hold off its beginning, while it is streamed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.engine.admission import NOT_HELD, AdmissionScanner


def _read(pieces: list[str]) -> tuple[str, bool]:
    scanner = AdmissionScanner()
    text = "".join(map(scanner.feed, pieces))
    return text + scanner.rest(), scanner.is_admitted


@pytest.mark.parametrize(
    ("text", "left", "admitted"),
    [
        ("[0] The passages say nothing.", "The passages say nothing.", True),
        (" \n[0]\n\nNothing.", "Nothing.", True),
        ("[0]", "", True),
        ("[0][1] Nothing.", "[1] Nothing.", True),
        ("Take `list[0]`.", "Take `list[0]`.", False),
        ("[1] Thirty days.", "[1] Thirty days.", False),
        ("  Thirty days.", "  Thirty days.", False),
        ("[0", "[0", False),
        ("[0.5 mm]", "[0.5 mm]", False),
        (" ", " ", False),
        ("", "", False),
    ],
)
def test_only_a_mark_at_the_beginning_is_one(text: str, left: str, *, admitted: bool) -> None:
    assert _read([text]) == (left, admitted)


def test_nothing_is_held_back_but_what_may_become_the_mark() -> None:
    scanner = AdmissionScanner()

    assert [scanner.feed(piece) for piece in ("[", "0", "1] is", " [", "0]")] == ["", "", "[01] is", " [", "0]"]


@given(st.data())
def test_however_an_answer_is_cut_it_reads_the_same(data: st.DataObject) -> None:
    parts = st.sampled_from([NOT_HELD, "[", "0", "]", "[1]", " ", "\n", "word "])
    text = "".join(data.draw(st.lists(parts, max_size=8)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert _read(pieces) == _read([text])
