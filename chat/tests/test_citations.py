"""Tests of spotting citations in an answer while it is streamed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.engine.citations import LONGEST_MARKER, CitationScanner

KNOWN = {1, 2, 3, 12}


def _all(pieces: list[str]) -> list[int]:
    scanner = CitationScanner(KNOWN)
    return [number for piece in pieces for number in scanner.feed(piece)]


@pytest.mark.parametrize(
    ("text", "cited"),
    [
        ("No mark at all.", []),
        ("One [1] and two [2].", [1, 2]),
        ("Together [1, 3] or [2;12].", [1, 3, 2, 12]),
        ("Twice [2] and [2].", [2]),
        ("[12] is not [1] and [2].", [12, 1, 2]),
        ("Unknown [4] and [0] and [999].", []),
        ("Not a number [a], [1a], [], [ ].", []),
        ("Spaces [ 1 ] count.", [1]),
        ("Nested [[1]] counts.", [1]),
        ("Never closed [1", []),
    ],
)
def test_numbers_in_square_brackets_are_citations_when_they_were_in_the_prompt(text: str, cited: list[int]) -> None:
    assert _all([text]) == cited


def test_a_citation_is_told_with_the_piece_that_completes_it() -> None:
    scanner = CitationScanner(KNOWN)

    assert [scanner.feed(piece) for piece in ("so [", "1", "2", "] it is")] == [[], [], [], [12]]


def test_an_endless_opening_is_given_up() -> None:
    scanner = CitationScanner(KNOWN)

    assert scanner.feed("[" + "1," * LONGEST_MARKER) == []
    assert scanner.feed("2]") == []
    assert scanner.feed("[3]") == [3]


@given(st.data())
def test_however_an_answer_is_cut_its_citations_are_the_same(data: st.DataObject) -> None:
    parts = st.sampled_from(["[1]", "[2]", "[12, 3]", "[4]", "[", "]", "1", ",", "word ", "é", "[1", "2]"])
    text = "".join(data.draw(st.lists(parts, max_size=20)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=12)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert _all(pieces) == _all([text])
