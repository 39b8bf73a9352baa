"""Writes small digits above or below the line as such: 10⁵ is not 105, and a footnote's mark no part of a number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from datasets.ingestion.readers.pdf.characters import Characters, Glyph
from datasets.ingestion.readers.typography import subscript, superscript

_NUMBER = re.compile(r"[+\-−–]?\d+(?:[.,+\-−–]\d+)*")
# What is more than this is a number of its own, set smaller.
_LONGEST, _MARKS = 4, re.compile(r"\d{1,2}(?:,\d{1,2})*")
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
    """Digits of one size at one height: `glyph` is their first, `till` where their last one ends."""

    start: int
    end: int
    glyph: Glyph
    till: float


def edits(characters: Characters, breaks: Mapping[int, int]) -> Iterator[Edit]:
    """Yield what changes in the numbers of a page; `breaks` are ends of lines that are none, with where they end."""
    for number in _NUMBER.finditer(characters.text):
        start, end = number.span()
        before = _before(characters, start, breaks)
        if not _is_level(characters, [start, end - 1] if before is None else [before, start, end - 1]):
            yield from _of_runs(characters, _runs(characters, start, end), before)


def _is_level(characters: Characters, positions: Sequence[int]) -> bool:
    """Whether these stand at one height, as nearly all do, upright or turned by a quarter."""
    places = [characters.place(position) for position in positions]
    x, y = places[0]
    return all(place[1] == y for place in places) or (x != places[-1][0] and all(place[0] == x for place in places))


def _of_runs(characters: Characters, runs: Sequence[_Run], before: int | None) -> Iterator[Edit]:
    text = characters.text
    base = _run(characters, before, before + 1) if before is not None else None
    if (over := _fraction(runs, base)) is not None:
        upper, under = runs[over : over + 2]
        whole = text[upper.start : upper.end], text[under.start : under.end]
        # "2½" needs small digits, or it would be 21⁄2.
        small = superscript(whole[0]), subscript(whole[1])
        yield Edit(upper.start, under.end, _FRACTION_SLASH.join(small if over else whole))
        return
    for index, run in enumerate(runs):
        left = base if index == 0 else max(runs[:index], key=lambda one: one.glyph.size)
        shift = _shift(left, run) if left else 0
        if not shift and index == 0 and len(runs) > 1:
            shift = _shift_before(run, runs[1])
        if shift:
            # A space that pdfium saw between a letter and its exponent is none.
            is_apart = index == 0 and before == run.start - 2
            start = run.start - 1 if is_apart and characters.is_made_up(run.start - 1) else run.start
            yield Edit(start, run.end, _written(text[run.start : run.end], shift))


def _written(number: str, shift: int) -> str:
    if len(number) > _LONGEST and not _MARKS.fullmatch(number):
        return f" {number}"
    return superscript(number) if shift > 0 else subscript(number)


def _run(characters: Characters, start: int, end: int) -> _Run:
    return _Run(start, end, characters.glyph(start), characters.end(end - 1))


def _runs(characters: Characters, start: int, end: int) -> list[_Run]:
    """Return the runs of the number from left to right."""
    runs, begin = [], start
    for position in range(start + 1, end):
        if not characters.glyph(position).is_on_line_of(characters.glyph(begin)):
            runs.append(_run(characters, begin, position))
            begin = position
    return [*runs, _run(characters, begin, end)]


def _before(characters: Characters, start: int, breaks: Mapping[int, int]) -> int | None:
    """Return the position of the character that the number may stand at, None for none."""
    text, before = characters.text, start - 1
    if before >= 1 and before - 1 in breaks:
        before -= 2
    elif before >= 1 and text[before] == " " and characters.is_made_up(before):
        before -= 1
    return before if before >= 0 and not text[before].isspace() else None


def _shift(base: _Run, run: _Run) -> int:
    """Return 1 for digits right after `base` that stand above its line, -1 below, 0 for neither or too far off."""
    size = base.glyph.size
    if size <= 0 or run.glyph.direction != base.glyph.direction:
        return 0
    gap = (run.glyph.x - base.till) / size
    return _height(base, run) if -_MOST_UP < gap < _NEAR else 0


def _shift_before(run: _Run, base: _Run) -> int:
    """Return the same for digits right before `base`: a note's mark before its number."""
    is_near = run.glyph.direction == base.glyph.direction and abs(base.glyph.x - run.till) < _NEAR * base.glyph.size
    return _height(base, run) if is_near and run.glyph.size < _SMALLER * base.glyph.size else 0


def _height(base: _Run, run: _Run) -> int:
    size = base.glyph.size
    up = (run.glyph.y - base.glyph.y) / size
    if run.glyph.size < _SMALLER * size:
        if _LEAST_UP < up < _MOST_UP:
            return 1
        return -1 if _LEAST_DOWN < -up < _MOST_DOWN else 0
    return 1 if _UP_AT_FULL_SIZE < up < _MOST_UP and run.glyph.size < 1.05 * size else 0


def _fraction(runs: Sequence[_Run], base: _Run | None) -> int | None:
    """Return which run is a small number on top of the next one, None for none.

    Digits that touch a letter are its own, above and below.
    """
    for index, (over, under) in enumerate(pairwise(runs)):
        size = over.glyph.size
        is_stacked = (
            over.glyph.direction == under.glyph.direction
            and abs(size - under.glyph.size) < 0.1 * size
            and over.glyph.y - under.glyph.y > 0.35 * size
            and under.glyph.x < over.till + 0.1 * size
        )
        if is_stacked and (index or base is None or over.glyph.x - base.till > _NEAR * base.glyph.size):
            return index
    return None
