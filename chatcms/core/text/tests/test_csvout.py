"""Tests that no cell of a CSV file is a formula to a spreadsheet, and that text on one line stays there."""

from __future__ import annotations

import csv
import io
import unicodedata
from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcms.core.text import csvout
from chatcms.core.text.safety import indented, one_line

SIGNS = "=+-@"
# Every character that Unicode says is one of these signs in another form.
FORMS = [sign for sign in map(chr, range(0x110000)) if unicodedata.normalize("NFKC", sign)[:1] in set(SIGNS)]
BREAKS = [",", ";", "|", "\t", "\r", "\n", "\r\n", '"', '";"', ",;"]
INVISIBLE = ["", " ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u202e", "\u2060", "\x00", "\x0b", "\n", " \u200b\t"]


def written(value: object) -> str:
    (row,) = csv.reader(io.StringIO(csvout.encoded([[value]]).decode(), newline=""))
    return row[0]


def starts_a_formula(cell: str) -> bool:
    """What a spreadsheet may see in a cell, by the rules of Unicode alone."""
    visible = next((sign for sign in cell if sign != '"' and unicodedata.category(sign)[0] not in "CZ"), "")
    return unicodedata.normalize("NFKC", visible)[:1] in set(SIGNS)


def cells(data: bytes, delimiter: str, *, knows_quotes: bool = True) -> list[str]:
    """Every cell that a program finds which splits there, and knows quotation marks or does not."""
    text = io.StringIO(data.decode(), newline="")
    quoting: Literal[0, 3] = csv.QUOTE_MINIMAL if knows_quotes else csv.QUOTE_NONE
    return [cell for row in csv.reader(text, delimiter=delimiter, quoting=quoting) for cell in row]


@pytest.mark.parametrize("before", INVISIBLE)
def test_a_formula_is_text_whatever_form_its_sign_has_and_whatever_stands_before(before: str) -> None:
    assert {"＝", "＋", "－", "＠"} <= set(FORMS)
    for sign in FORMS:
        shown = written(f"{before}{sign}1+1")
        assert shown.startswith("'"), ascii(before + sign)
        assert shown.replace("'", "") == f"{before}{sign}1+1"


INNER = [*BREAKS, *(f"{cut}{more}" for cut in BREAKS for more in ['"', '""', "'", *INVISIBLE])]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_no_cell_is_a_formula_wherever_a_program_splits(delimiter: str) -> None:
    for text in (f"a{inner}{sign}1+1{inner}b" for inner in INNER for sign in FORMS):
        data = csvout.encoded([[text, 7], [7, text, text], ["b", None]])
        assert not any(map(starts_a_formula, cells(data, delimiter))), ascii(text)
        if delimiter != ",":
            assert not any(map(starts_a_formula, cells(data, delimiter, knows_quotes=False))), ascii(text)


TEXTS = st.lists(st.sampled_from("ab=-＋;|\t\r\n,\"' \u200b"), max_size=12).map("".join)


@given(st.lists(st.lists(TEXTS, min_size=1, max_size=3), max_size=4))
def test_no_table_holds_a_formula_and_every_text_comes_back(rows: list[list[str]]) -> None:
    data = csvout.encoded(rows)
    for delimiter in ",;\t|":
        assert not any(map(starts_a_formula, cells(data, delimiter)))
    for text in (text for row in rows for text in row):
        assert csvout.unmarked(csvout.marked(text)) == text


@pytest.mark.parametrize("text", ["\tcmd", "\rcmd", "\ncmd"])
def test_a_text_that_begins_with_a_tab_or_line_break_is_marked(text: str) -> None:
    assert written(text).startswith("'")


@pytest.mark.parametrize(
    "text",
    [
        "Returns",
        "1 = 1",
        "a@b.example",
        "a; b",
        "a;b=1",
        "one\ntwo",
        "it's",
        "a, -b",
        "„=1“",
        "",
        " plain",
        "'quoted'",
        "→ here",
    ],
)
def test_other_text_stays_as_it_is(text: str) -> None:
    assert written(text) == text


def test_numbers_are_numbers_and_none_is_empty() -> None:
    assert csvout.encoded([[-1, -0.5, Decimal("-2.50"), None]]) == b"-1,-0.5,-2.50,\r\n"


@given(st.text(max_size=200))
def test_a_line_of_text_never_stands_at_the_margin_and_a_name_never_leaves_its_line(text: str) -> None:
    assert all(line.startswith("    ") or not line for line in indented(text).splitlines())
    assert len(one_line(text).splitlines()) <= 1


@pytest.mark.parametrize("sign", ["\x1b", "\x08", "\x7f", "\x9b"])
def test_what_moves_the_cursor_of_a_terminal_is_replaced(sign: str) -> None:
    assert sign not in indented(f"a{sign}[2Ab") + one_line(f"a{sign}[2Ab")
