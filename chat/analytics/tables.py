"""Figures, and what was not answered, as rows of a table, for files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chat.analytics.figures import NUMBERS, FigureLine, Figures
from chat.analytics.names import Names
from chat.analytics.unanswered import Group

_RATES = ("answered_rate", "failure_rate", "satisfaction")
_TIMES = ("first_token_ms", "total_ms")
UNANSWERED_HEADINGS = ("question", "people", "asked", "last_asked_at", "conversation_id", "message_id")
HEADINGS = (*NUMBERS, *_RATES, *(f"{name}_{percentile}" for name in _TIMES for percentile in ("p50", "p95")))


def cells_of(figures: Figures) -> list[Any]:
    """Return the figures in the order of `HEADINGS`; None where there is nothing to tell."""
    times = [getattr(figures, name) for name in _TIMES]
    return [
        *(getattr(figures, name) for name in (*NUMBERS, *_RATES)),
        *(value for time in times for value in (time.p50, time.p95)),
    ]


def rows_of(lines: Iterable[FigureLine], names: Names) -> Iterable[list[Any]]:
    """Return a row for each line: what it is of, how that is called, and the figures."""
    return ([line.key, names.get(line.key, ""), *cells_of(line.figures)] for line in lines)


def unanswered_rows(groups: Sequence[Group]) -> Iterable[list[Any]]:
    """Return a row for each group in the order of `UNANSWERED_HEADINGS`; conversation and answer are the latest."""
    return (
        [
            group.question,
            group.people,
            group.asked,
            group.last_asked_at.isoformat(timespec="seconds"),
            group.examples[0].conversation_id,
            group.examples[0].message_id,
        ]
        for group in groups
    )
