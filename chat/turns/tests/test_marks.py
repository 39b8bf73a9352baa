"""Tests of telling citation marks from words and from code, however the stream has cut them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.turns.engine.marks import MarkReader

KNOWN = {1, 2, 3, 4}
Read = tuple[str, list[int], bool]


def _read(text: str, cuts: list[int]) -> Read:
    marks = MarkReader(KNOWN)
    shown: list[str | int] = []
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        shown += marks.feed(text[start:end])
    shown += marks.finish()
    words = "".join(each for each in shown if isinstance(each, str))
    return words, [each for each in shown if isinstance(each, int)], marks.is_admitted


def read(text: str) -> Read:
    """Read a text in pieces of every size up to its own; all ways give the same."""
    whole = _read(text, [])
    for size in range(1, len(text)):
        assert _read(text, list(range(size, len(text), size))) == whole
    return whole


@pytest.mark.parametrize(
    ("written", "shown", "cited"),
    [
        ("Thirty days [1].", "Thirty days [1].", [1]),
        ("Thirty days[1][2].", "Thirty days[1][2].", [1, 2]),
        ("Both [1, 3], again [3].", "Both [1, 3], again [3].", [1, 3]),
        ("Wide 【1】【2†source】", "Wide [1][2]", [1, 2]),
        ("Wide 【4:0†rules.pdf】", "Wide [4]", [4]),
        ("Foot [^1] and [^2]", "Foot [1] and [2]", [1, 2]),
        ("Word [Source 3], [sources 1, 2], [Passage: 4]", "Word [3], [1][2], [4]", [3, 1, 2, 4]),
        ("Wort [Quelle 2], [来源 1]", "Wort [2], [1]", [2, 1]),
        ("From [1-3]", "From [1][2][3]", [1, 2, 3]),
        ("Full ［1］", "Full [1]", [1]),
    ],
)
def test_a_mark_is_a_citation_however_it_is_written(written: str, shown: str, cited: list[int]) -> None:
    assert read(written) == (shown, cited, False)


@pytest.mark.parametrize(
    "text",
    [
        "Use `rows[1]` and ``a ` [2]`` here",
        "```python\nprint(rows[1], rows[0])\n```\n",
        "- a list\n  ~~~\n  [2] and [0]\n  ~~~\n",
        "````\n```\n[1]\n```\n[0]\n````",
        "`[0]`",
    ],
)
def test_code_is_code(text: str) -> None:
    assert read(text) == (text, [], False)


def test_code_that_nobody_closed_ends_with_its_paragraph() -> None:
    assert read("A ` and [1]\n\nThen [2]") == ("A ` and [1]\n\nThen [2]", [2], False)


@pytest.mark.parametrize(
    "text", ["[Figure 1]", "[2019]", "[x]", "[1", "[", "[1 apple]", "[]", "rows[7] = 2", "f(x)[9]"]
)
def test_other_brackets_are_text(text: str) -> None:
    assert read(text) == (text, [], False)


@pytest.mark.parametrize(
    ("written", "shown", "cited"),
    [
        ("It is so [7]. And so", "It is so . And so", []),
        ("[9] It is so", "It is so", []),
        ("It is [1, 9] so", "It is [1] so", [1]),
        ("It 【8】 is so", "It is so", []),
    ],
)
def test_a_mark_that_leads_nowhere_is_taken_off(written: str, shown: str, cited: list[int]) -> None:
    assert read(written) == (shown, cited, False)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("[0] They do not say.", "They do not say."),
        ("They do not [0] say.", "They do not say."),
        ("They do not say.[0]", "They do not say."),
        ("\n[0]\n\nThey do not say.", "\nThey do not say."),
        ("list[0] is", "list is"),
    ],
)
def test_the_mark_of_no_passage_is_taken_off_anywhere(written: str, shown: str) -> None:
    assert read(written) == (shown, [], True)


@given(st.text("[]【】^0127 ,`~\na-Source†:", max_size=60), st.data())
def test_where_the_stream_is_cut_makes_no_difference(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=8)))

    assert _read(text, cuts) == _read(text, [])
