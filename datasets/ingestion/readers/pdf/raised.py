"""Writes small digits above or below the line as such: 10⁵ is not 105, and a footnote's mark no part of a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from datasets.ingestion.readers.pdf.characters import Characters, Glyph

_NUMBER = re.compile(r"[+\-−–]?\d+(?:[,+\-−–]\d+)*")
_SIGNS = "0123456789+-−–"
_RAISED = str.maketrans(_SIGNS, "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻")
_LOWERED = str.maketrans(_SIGNS, "₀₁₂₃₄₅₆₇₈₉₊₋₋₋")
_FRACTION_SLASH = "\u2044"
# In heights of the letters beside: how much smaller, and how far up or down, such digits are
_SMALLER = 0.88
_LEAST_UP, _MOST_UP = 0.12, 0.85
_LEAST_DOWN, _MOST_DOWN = 0.05, 0.5
_UP_AT_FULL_SIZE = 0.28
_NEAR = 0.3


@dataclass(frozen=True, slots=True)
class Edit:
    """Characters `start` to `end` of a page's text, and what stands in their place."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Run:
    """Digits of one size at one height."""

    start: int
    end: int
    first: Glyph
    last: Glyph


def edits(characters: Characters, breaks: Mapping[int, int]) -> Iterator[Edit]:
    """Yield what changes in the numbers of a page; `breaks` are ends of lines that are none, with where they end."""
    for number in _NUMBER.finditer(characters.text):
        runs = _runs(characters, *number.span())
        before = _before(characters, number.start(), breaks)
        if before is None and len(runs) == 1:
            continue
        yield from _of_runs(characters, runs, before)


def _of_runs(characters: Characters, runs: list[_Run], before: int | None) -> Iterator[Edit]:
    text = characters.text
    base = characters.glyph(before) if before is not None else None
    if (over := _fraction(runs, base)) is not None:
        upper, under = runs[over : over + 2]
        # "2½" needs small digits, or it would be 21⁄2.
        is_mixed = over > 0
        whole = text[upper.start : upper.end], text[under.start : under.end]
        small = whole[0].translate(_RAISED), whole[1].translate(_LOWERED)
        yield Edit(upper.start, under.end, _FRACTION_SLASH.join(small if is_mixed else whole))
        return
    for index, run in enumerate(runs):
        left = base if index == 0 else _base(runs, index)
        shift = _shift(run.first, left, after=True) if left else 0
        if not shift and index == 0 and len(runs) > 1:
            shift = _shift(run.first, runs[1].first, after=False)
        if shift:
            # A space that pdfium saw between a letter and its exponent is none.
            start = run.start
            if index == 0 and before is not None and before + 1 == start - 1 and characters.is_made_up(start - 1):
                start -= 1
            yield Edit(start, run.end, text[run.start : run.end].translate(_RAISED if shift > 0 else _LOWERED))


def _runs(characters: Characters, start: int, end: int) -> list[_Run]:
    """Return the runs of the number; most are one, which its ends tell."""
    first, last = characters.glyph(start), characters.glyph(end - 1)
    if end - start == 1 or first.is_on_line_of(last):
        return [_Run(start, end, first, last)]
    runs, begin = [], start
    for position in range(start + 1, end):
        if not characters.glyph(position).is_on_line_of(characters.glyph(begin)):
            runs.append(_Run(begin, position, characters.glyph(begin), characters.glyph(position - 1)))
            begin = position
    return [*runs, _Run(begin, end, characters.glyph(begin), last)]


def _before(characters: Characters, start: int, breaks: Mapping[int, int]) -> int | None:
    """Return the position of the character that the number may stand at, None for none."""
    text, before = characters.text, start - 1
    if before >= 1 and text[before - 1 : before + 1] == "\r\n" and before - 1 in breaks:
        before -= 2
    elif before >= 0 and text[before] == " " and characters.is_made_up(before):
        before -= 1
    return before if before >= 0 and not text[before].isspace() else None


def _base(runs: list[_Run], index: int) -> Glyph:
    """Return what a later run is measured at: the largest digit before it."""
    return max((run.last for run in runs[:index]), key=lambda glyph: glyph.size)


def _shift(run: Glyph, base: Glyph, *, after: bool) -> int:
    """Return 1 for digits that stand above the line of `base`, -1 below, 0 for neither or too far off."""
    if run.direction != base.direction or base.size <= 0:
        return 0
    up = (run.y - base.y) / base.size
    gap = (run.x - base.end if after else base.x - run.end) / base.size
    # Several digits lie between the first of a run and the number after it.
    if (after and not -_MOST_UP < gap < _NEAR) or (not after and gap > 3):
        return 0
    if run.size < _SMALLER * base.size:
        if _LEAST_UP < up < _MOST_UP:
            return 1
        return -1 if _LEAST_DOWN < -up < _MOST_DOWN else 0
    return 1 if _UP_AT_FULL_SIZE < up < _MOST_UP and run.size < 1.05 * base.size else 0


def _fraction(runs: list[_Run], base: Glyph | None) -> int | None:
    """Return which run is a small number on top of the next one, None for none.

    Digits that touch a letter are its own, above and below.
    """
    for index, (over, under) in enumerate(pairwise(runs)):
        size = over.first.size
        is_stacked = (
            over.first.direction == under.first.direction
            and abs(size - under.first.size) < 0.1 * size
            and over.first.y - under.first.y > 0.35 * size
            and under.first.x < over.last.end + 0.1 * size
        )
        if is_stacked and (index or base is None or over.first.x - base.end > _NEAR * base.size):
            return index
    return None
