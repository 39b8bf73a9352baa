"""Writes CSV that no spreadsheet takes for anything but text and numbers."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

CONTENT_TYPE = "text/csv; charset=utf-8"
# A spreadsheet takes what begins so for a formula, and would carry it out.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def encoded(rows: Iterable[Sequence[Any]]) -> bytes:
    """Return the rows as lines of CSV (RFC 4180) in UTF-8; None is an empty cell."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8", "replace")


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
