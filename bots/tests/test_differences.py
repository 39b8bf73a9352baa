"""Tests of telling two states of a bot apart."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bots.differences import Difference, differences
from chatcms.tests.growth import MOST_GROWTH, Shape, growth_in_lines


def one(before: dict[str, object], after: dict[str, object]) -> Difference:
    (found,) = differences(before, after)
    return found


def told(before: list[str], after: list[str]) -> list[tuple[str, str]]:
    found = one({"system_prompt": "\n".join(before)}, {"system_prompt": "\n".join(after)})
    return [(line.kind, line.text or str(line.count)) for line in found.lines]


LONG = [f"line {number}" for number in range(30)]


def test_equal_states_have_no_differences() -> None:
    state = {"name": "Help", "temperature": 0.5, "look": {"title": "Help"}}
    assert differences(state, dict(state)) == []


def test_a_value_is_told_before_and_after() -> None:
    assert one({"temperature": 0.5}, {"temperature": 1.0}) == Difference("temperature", 0.5, 1.0)


def test_parts_of_the_look_are_told_one_by_one() -> None:
    found = differences(
        {"look": {"title": "A", "theme": "auto", "accent": ""}},
        {"look": {"title": "B", "theme": "dark", "accent": ""}},
    )
    assert found == [Difference("look.title", "A", "B"), Difference("look.theme", "auto", "dark")]


def test_a_text_is_told_line_by_line() -> None:
    assert told(["Be brief.", "Be kind."], ["Be brief.", "Be exact.", "Be kind."]) == [
        ("same", "Be brief."),
        ("added", "Be exact."),
        ("same", "Be kind."),
    ]


def test_a_line_that_changed_is_taken_away_and_added_with_the_word_marked() -> None:
    removed, added = one({"system_prompt": "Be very brief."}, {"system_prompt": "Be very short."}).lines
    assert removed.parts == (("Be very ", False), ("brief.", True))
    assert added.parts == (("Be very ", False), ("short.", True))


def test_far_from_any_change_lines_are_left_out_and_counted() -> None:
    assert told(LONG, [*LONG[:15], "new", *LONG[15:]]) == [
        ("left_out", "12"),
        *(("same", f"line {number}") for number in (12, 13, 14)),
        ("added", "new"),
        *(("same", f"line {number}") for number in (15, 16, 17)),
        ("left_out", "12"),
    ]


def test_between_two_changes_lines_are_left_out_and_counted() -> None:
    kinds = [kind for kind, _ in told(LONG, ["first", *LONG, "last"])]
    assert kinds == ["added", *["same"] * 3, "left_out", *["same"] * 3, "added"]


def test_a_single_line_is_never_left_out() -> None:
    assert [kind for kind, _ in told(LONG[:7], ["first", *LONG[:7], "last"])] == ["added", *["same"] * 7, "added"]


def test_a_text_that_differs_in_its_last_line_break_only_differs_in_no_line() -> None:
    found = one({"system_prompt": "Be brief."}, {"system_prompt": "Be brief.\n"})
    assert [line.kind for line in found.lines] == ["same"]


def test_a_list_is_told_item_by_item() -> None:
    found = one({"suggested_questions": ["Why?", "How?"]}, {"suggested_questions": ["Why?", "When\nexactly?"]})
    assert [(line.kind, line.text) for line in found.lines] == [
        ("same", "Why?"),
        ("removed", "How?"),
        ("added", "When exactly?"),
    ]


def test_a_fallback_is_one_item() -> None:
    found = one({"fallbacks": []}, {"fallbacks": [{"model": "m", "provider_id": None}]})
    assert [(line.kind, line.text) for line in found.lines] == [("added", "m")]


def test_a_setting_that_an_old_version_did_not_know_came_out_of_nothing() -> None:
    assert one({"name": "Help"}, {"name": "Help", "look": {"title": ""}}) == Difference("look.title", None, "")


@pytest.mark.parametrize(
    ("shape", "changed"),
    [
        (lambda size: "\n".join(str(n % 97) for n in range(size // 3)), lambda text: text.replace("1", "2")),
        (lambda size: "\n" * size, lambda text: "x\n" * (len(text) // 2)),
        (lambda size: "a b " * (size // 4), lambda text: text.replace("b", "c")),
    ],
    ids=["lines that come again", "empty lines", "one line"],
)
def test_the_longest_prompts_cost_no_more_than_their_length(shape: Shape, changed: Callable[[str], str]) -> None:
    def compare(text: str) -> object:
        return one({"system_prompt": text}, {"system_prompt": changed(text)})

    assert growth_in_lines(compare, shape) < MOST_GROWTH
