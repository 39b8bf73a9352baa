"""Writes CSV that no spreadsheet takes for anything but text and numbers."""

from __future__ import annotations

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from chatcms.core.decimals import plain
from chatcms.core.text import normalized

CONTENT_TYPE = "text/csv; charset=utf-8"
# A spreadsheet evaluates a cell that begins with one of these as a formula.
_FORMULA = frozenset("=+-@")
# Spreadsheets skip blanks, controls and invisible characters in front of a formula.
_SKIPPED = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_NUMBERS = (int, float)


def document(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a whole file of CSV, or its beginning: the mark by which Excel knows UTF-8, then the rows."""
    return codecs.BOM_UTF8 + encoded(rows)


def encoded(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return further rows of a file as lines of CSV (RFC 4180) in UTF-8; None is an empty cell."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8", "replace")


def is_formula(text: str) -> bool:
    """Say whether a spreadsheet may evaluate `text`, in whatever disguise its first visible character comes.

    Compatibility forms count as what they stand for (`＝` is `=`), and so does a text that begins with a line break or
    a tab, which some spreadsheets cut off.
    """
    if text[:1] in {"\t", "\r", "\n"}:
        return True
    first = next((sign for sign in text if unicodedata.category(sign) not in _SKIPPED), "")
    return normalized("NFKC", first)[:1] in _FORMULA


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if value is None or isinstance(value, _NUMBERS):
        return value
    text = str(value)
    return f"'{text}" if is_formula(text) else text
