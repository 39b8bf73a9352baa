"""Tests of telling two states of a bot apart."""

from __future__ import annotations

import time

from bots.differences import Difference, Line, differences


def one(before: dict[str, object], after: dict[str, object]) -> Difference:
    (found,) = differences(before, after)
    return found


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
    found = one({"system_prompt": "Be brief.\nBe kind."}, {"system_prompt": "Be brief.\nBe exact.\nBe kind."})
    assert found.lines == (Line("same", "Be brief."), Line("added", "Be exact."), Line("same", "Be kind."))


def test_a_line_that_changed_is_taken_away_and_added() -> None:
    found = one({"system_prompt": "Be brief."}, {"system_prompt": "Be short."})
    assert found.lines == (Line("removed", "Be brief."), Line("added", "Be short."))


def test_far_from_any_change_lines_are_left_out_and_counted() -> None:
    before = [f"line {number}" for number in range(30)]
    after = [*before[:15], "new", *before[15:]]
    found = one({"system_prompt": "\n".join(before)}, {"system_prompt": "\n".join(after)})
    assert found.lines[0] == Line("left_out", count=12)
    assert [line.kind for line in found.lines[1:-1]] == ["same"] * 3 + ["added"] + ["same"] * 3
    assert found.lines[-1] == Line("left_out", count=12)


def test_between_two_changes_lines_are_left_out_and_counted() -> None:
    before = [f"line {number}" for number in range(30)]
    after = ["first", *before[1:29], "last"]
    lines = one({"system_prompt": "\n".join(before)}, {"system_prompt": "\n".join(after)}).lines
    kinds = [line.kind for line in lines]
    assert kinds == ["removed", "added", *["same"] * 3, "left_out", *["same"] * 3, "removed", "added"]
    assert next(line.count for line in lines if line.kind == "left_out") == 22


def test_a_list_is_told_item_by_item() -> None:
    found = one({"suggested_questions": ["Why?", "How?"]}, {"suggested_questions": ["Why?", "When?"]})
    assert found.lines == (Line("same", "Why?"), Line("removed", "How?"), Line("added", "When?"))


def test_a_fallback_is_one_item() -> None:
    found = one({"fallbacks": []}, {"fallbacks": [{"model": "m", "provider_id": None}]})
    assert found.lines == (Line("added", "m"),)


def test_a_setting_that_an_old_version_did_not_know_came_out_of_nothing() -> None:
    assert one({"name": "Help"}, {"name": "Help", "look": {"title": ""}}) == Difference("look.title", None, "")


def test_the_longest_prompts_are_compared_in_good_time() -> None:
    before = "\n".join(str(number % 97) for number in range(11_000))[:32_000]
    after = "\n".join(str(number % 89) for number in range(11_000))[:32_000]
    begun = time.perf_counter()
    assert one({"system_prompt": before}, {"system_prompt": after}).lines
    assert time.perf_counter() - begun < 5
