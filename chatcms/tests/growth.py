"""Measures how the work of a function grows with the length of its text, by the processor's time and not the clock."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import TraceFunction

Shape = Callable[[int], str]

LENGTH = 8_000
# Less than this for the longest text is not worth a second look: what grows with the square takes far longer.
NEGLIGIBLE_SECONDS = 0.03
# Twice the text takes twice the time where work is linear and four times where it is quadratic.
MOST_GROWTH = 3.0
TRIES = 4

_BLANK = (" ", "\n", "\t", "\r\n", " \n", "\n ")
_WORDS = ("a", "A", "aB", "Ab", "aB1", "é", "1", "a ", "A ", "1 ", "have ", "a.", ". ", "A. ", "a'", "a-", "a_", "a@")
_MARKDOWN = ("#", "# ", "*", "- ", "-", "_", "=", "|", "| ", "|-", "`", "~", "> ", "1. ", "1) ", "![", "](")
_MARKUP = ("<", ">", "</", "<a ", "<title>", "&", "&amp;", "{", "}", "\\", "\\n", "/*", "//")
_CITED = ("[", "]", "[1", "[1,", "[ ", "(", ")", ";", ",")
_SIGNS = (":", "'", '"', "’", "!", "?", "…", ".'", "%", "@", "+", "$", "https://", "www.", "0x")
_MARKS = ("\u0301", "\u0315\u0316", "a\u0315\u0316", "\u05c4\u05b0", "\u200b")
_SCRIPTS = ("漢", "。", "カ", "한", "ไ", "\ufdfa")
UNITS = (*_BLANK, *_WORDS, *_MARKDOWN, *_MARKUP, *_CITED, *_SIGNS, *_MARKS, *_SCRIPTS)
FRAMES = (("", ""), ("a", "b"), ("# a", "b"), ("\n", "\x01"), ("[", "x"))


def shapes(
    units: tuple[str, ...] = UNITS, frames: tuple[tuple[str, str], ...] = FRAMES
) -> Iterator[Callable[[int], str]]:
    """Yield makers of texts that repeat one thing as often as fits a length, between two others."""
    for unit in units:
        for before, after in frames:
            yield _shape(before, unit, after)


def growth(work: Callable[[str], object], shape: Shape, length: int = LENGTH) -> float:
    """Return how many times longer twice the text takes, 0 where even the longest takes next to nothing.

    The least of several measurements counts: other processes make one slower, never faster.
    """
    if _seconds(work, shape(length)) < NEGLIGIBLE_SECONDS:
        return 0.0
    least = float("inf")
    for _ in range(TRIES):
        half, whole = (min(_seconds(work, shape(size)) for _ in range(2)) for size in (length // 2, length))
        least = min(least, whole / half if whole >= NEGLIGIBLE_SECONDS else 0.0)
        if least < MOST_GROWTH:
            break
    return least


def growth_in_lines(work: Callable[[str], object], shape: Shape, length: int = LENGTH) -> float:
    """Return how many times more lines of Python twice the text takes; the same on every machine, however busy."""
    return _lines(work, shape(length)) / _lines(work, shape(length // 2))


def steepest(
    work: Callable[[str], object],
    units: tuple[str, ...] = UNITS,
    frames: tuple[tuple[str, str], ...] = FRAMES,
    length: int = LENGTH,
) -> dict[str, float]:
    """Return the shapes by which the work grows faster than its share, and how fast."""
    found: dict[str, float] = {}
    for shape in shapes(units, frames):
        grown = growth(work, shape, length)
        if grown >= MOST_GROWTH:
            found[shape.__name__] = grown
    return found


def _shape(before: str, unit: str, after: str) -> Shape:
    def made(length: int) -> str:
        return f"{before}{unit * (length // len(unit))}{after}"

    made.__name__ = repr(f"{before}{unit}…{after}")
    return made


def _lines(work: Callable[[str], object], text: str) -> int:
    count = 0

    def follow(_frame: FrameType, event: str, _argument: object) -> TraceFunction:
        nonlocal count
        count += event == "line"
        return follow

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        work(text)
    finally:
        sys.settrace(before)
    return count


def _seconds(work: Callable[[str], object], text: str) -> float:
    begun = time.thread_time()
    work(text)
    return time.thread_time() - begun
