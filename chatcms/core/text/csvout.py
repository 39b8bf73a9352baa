"""Writes CSV that no spreadsheet takes for anything but text and numbers."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from chatcms.core.text.decimals import plain

CONTENT_TYPE = "text/csv; charset=utf-8"
# A spreadsheet evaluates a cell that begins with one of these as a formula; some take other forms of them, too.
_SIGN = re.compile("[=+\\-@＝＋－＠﹢﹣﹦﹫⁺⁻⁼₊₋₌⩵⩶﬩]")
# Spreadsheets skip blanks, controls and invisible characters in front of a formula, and quotation marks around it.
_SKIPPED = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp"})
_QUOTES = "\"'"
# Where another cell begins for who splits at semicolons, as Excel does in half of the world: there our quotation marks
# stand inside of cells and protect nothing.
_BREAKS = frozenset(";|\t\r\n")
_LEADING = frozenset("\t\r\n")
_MARK = "'"
_NUMBERS = (int, float)


def document(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return a whole file of CSV, or its beginning: the mark by which Excel knows UTF-8, then the rows."""
    return codecs.BOM_UTF8 + encoded(rows)


def encoded(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return further rows of a file as lines of CSV (RFC 4180) in UTF-8; None is an empty cell."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8", "replace")


def marked(text: str) -> str:
    """Return `text` with an apostrophe wherever a spreadsheet might take what follows for a formula.

    That is at the beginning and after whatever some program takes for the end of a cell. Compatibility forms count as
    what they stand for (`＝` is `=`), and so does a text that begins with a line break or a tab, which some
    spreadsheets cut off. `unmarked` gives the same text back.
    """
    pieces, last = [], 0
    for place in sorted(_places(text)):
        pieces += [text[last:place], _MARK]
        last = place
    return "".join([*pieces, text[last:]])


def unmarked(text: str) -> str:
    """Return what `marked` was given; what others wrote loses the apostrophe in front of a formula, too."""
    pieces, last = [], 0
    for place in sorted(_places(text)):
        pieces.append(text[last:place])
        last = place + text.startswith(_MARK, place)
    return "".join([*pieces, text[last:]])


def _places(text: str) -> set[int]:
    """Return where marks go: between two signs each character is looked at once."""
    places = {0} if text.lstrip(_MARK)[:1] in _LEADING else set()
    for sign in _SIGN.finditer(text):
        at = sign.start()
        while at:
            before = text[at - 1]
            if before in _BREAKS:
                places.add(at)
            if before not in _QUOTES and unicodedata.category(before) not in _SKIPPED:
                break
            at -= 1
        else:
            places.add(0)
    return places


def _cell(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if value is None or isinstance(value, _NUMBERS):
        return value
    return marked(str(value))
