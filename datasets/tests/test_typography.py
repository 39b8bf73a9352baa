"""Raised and lowered text, readings and links are written so that nothing runs into what is before it."""

from __future__ import annotations

import pytest

from datasets.ingestion.readers.typography import annotated, index, linked, power, subscript, superscript


@pytest.mark.parametrize(
    ("raised", "written"),
    [
        ("5", "⁵"),
        ("-3", "⁻³"),
        ("−3", "⁻³"),
        ("1, 2", "¹, ²"),
        ("1,2", "¹,²"),
        ("n", "ⁿ"),
        ("th", "th"),
        ("er", "er"),
        ("®", "®"),
        ("*", "*"),
        ("[1]", "[1]"),
        ("(3)", "(3)"),
        ("1.5", "^(1.5)"),
        ("n+1", "^(n+1)"),
        ("2x", "^(2x)"),
        (" 2 ", " ² "),
        (" ", " "),
        ("", ""),
        ("a" * 41, f" {'a' * 41} "),
    ],
)
def test_raised_text_never_joins_a_number(raised: str, written: str) -> None:
    assert superscript(raised) == written


@pytest.mark.parametrize(
    ("lowered", "written"), [("2", "₂"), ("max", "max"), ("total", "total"), ("i,2", "_(i,2)"), ("2a", "_(2a)")]
)
def test_lowered_text_never_joins_a_number(lowered: str, written: str) -> None:
    assert subscript(lowered) == written


@pytest.mark.parametrize(
    ("text", "raised", "lowered"),
    [("2", "²", "₂"), ("a", "^a", "_a"), ("a+b", "^(a+b)", "_(a+b)"), ("(a+b)", "^(a+b)", "_(a+b)"), ("", "", "")],
)
def test_a_formulas_scripts_are_marked(text: str, raised: str, lowered: str) -> None:
    assert (power(text), index(text)) == (raised, lowered)


def test_two_groups_are_not_one() -> None:
    assert power("(a)(b)") == "^((a)(b))"


def test_a_reading_stands_behind_its_word() -> None:
    assert annotated("漢字", "かんじ") == "漢字(かんじ)"
    assert annotated("漢字", " ") == "漢字"


@pytest.mark.parametrize(
    ("text", "target", "written"),
    [
        ("here", "https://book.example/visit", "here (https://book.example/visit)"),
        ("here ", "https://book.example/visit", "here (https://book.example/visit) "),
        ("write to us", "mailto:a@b.example", "write to us (a@b.example)"),
        ("a@b.example", "mailto:a@b.example", "a@b.example"),
        ("book.example", "https://book.example/", "book.example"),
        ("https://book.example", "https://book.example", "https://book.example"),
        ("next", "#next", "next"),
        ("next", "page2.html", "next"),
        ("next", "javascript:go()", "next"),
        ("next", f"https://book.example/?{'x' * 600}", "next"),
        ("", "https://book.example/visit", ""),
    ],
)
def test_a_link_names_its_target_once(text: str, target: str, written: str) -> None:
    assert linked(text, target) == written
