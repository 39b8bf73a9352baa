"""Texts are compared for people: by lines, and inside a changed line by words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chatcms.core.text.diffing import Line, diff_lines


def text(lines: list[Line], kinds: set[str]) -> str:
    return "\n".join("".join(part for part, _ in line.parts) for line in lines if line.kind in kinds)


def test_a_changed_word_is_marked_and_the_rest_of_its_line_is_not() -> None:
    removed, added = diff_lines("Answer briefly and kindly.", "Answer at length and kindly.")

    assert removed == Line("removed", (("Answer ", False), ("briefly", True), (" and kindly.", False)))
    assert added.kind == "added"
    assert ("Answer ", False) in added.parts


def test_lines_with_little_in_common_are_replaced_whole() -> None:
    removed, added = diff_lines("Never guess.", "Say so when you do not know.")

    assert removed == Line("removed", (("Never guess.", False),))
    assert added == Line("added", (("Say so when you do not know.", False),))


def test_equal_texts_have_no_changes() -> None:
    assert {line.kind for line in diff_lines("a\nb", "a\nb")} == {"same"}


@given(st.lists(st.text("ab c", max_size=8), max_size=8), st.lists(st.text("ab c", max_size=8), max_size=8))
def test_both_texts_can_be_read_off_the_difference(before: list[str], after: list[str]) -> None:
    lines = diff_lines("\n".join(before), "\n".join(after))

    assert text(lines, {"same", "removed"}) == "\n".join("\n".join(before).splitlines())
    assert text(lines, {"same", "added"}) == "\n".join("\n".join(after).splitlines())
