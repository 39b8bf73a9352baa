"""Figures as rows of a table, for files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from chat.analytics.figures import NUMBERS, Figures, Line
from chat.analytics.naming import Names

_RATES = ("answered_rate", "failure_rate", "satisfaction")
_TIMES = ("first_token_ms", "total_ms")
HEADINGS = (*NUMBERS, *_RATES, *(f"{name}_{percentile}" for name in _TIMES for percentile in ("p50", "p95")))


def cells_of(figures: Figures) -> list[Any]:
    """Return the figures in the order of `HEADINGS`; None where there is nothing to tell."""
    times = [getattr(figures, name) for name in _TIMES]
    return [
        *(getattr(figures, name) for name in (*NUMBERS, *_RATES)),
        *(value for time in times for value in (time.p50, time.p95)),
    ]


def rows_of(lines: Iterable[Line], names: Names) -> Iterable[list[Any]]:
    """Return a row for each line: what it is of, how that is called, and the figures."""
    return ([line.key, names.get(line.key, ""), *cells_of(line.figures)] for line in lines)
