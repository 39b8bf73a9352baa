"""Tests that no cell of a CSV file is a formula to a spreadsheet, and that text on one line stays there."""

from __future__ import annotations

import csv
import io
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcms.core import csvout
from chatcms.core.text import indented, one_line

SIGNS = "=+-@"
# Every character that Unicode says is one of these signs in another form.
FORMS = [sign for sign in map(chr, range(0x110000)) if unicodedata.normalize("NFKC", sign)[:1] in set(SIGNS)]
INVISIBLE = ["", " ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\u202e", "\u2060", "\x00", "\x0b", "\n", " \u200b\t"]


def written(value: object) -> str:
    (row,) = csv.reader(io.StringIO(csvout.encoded([[value]]).decode(), newline=""))
    return row[0]


@pytest.mark.parametrize("before", INVISIBLE)
def test_a_formula_is_text_whatever_form_its_sign_has_and_whatever_stands_before(before: str) -> None:
    assert {"＝", "＋", "－", "＠"} <= set(FORMS)
    for sign in FORMS:
        assert written(f"{before}{sign}1+1") == f"'{before}{sign}1+1", ascii(before + sign)


@pytest.mark.parametrize("text", ["\tcmd", "\rcmd", "\ncmd"])
def test_a_text_that_begins_with_a_tab_or_line_break_is_marked(text: str) -> None:
    assert written(text).startswith("'")


@pytest.mark.parametrize("text", ["Returns", "1 = 1", "a@b.example", "„=1“", "", " plain", "'quoted'", "→ here"])
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
