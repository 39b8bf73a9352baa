"""Reads the values of a chart, as a document keeps them: a line for each series."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Final

from datasets.ingestion.readers.docx.parsing import Attributes

_PARTS: Final = frozenset({"c:tx", "c:cat", "c:val", "c:xVal", "c:yVal"})
_ARGUMENTS: Final = frozenset({"c:cat", "c:xVal"})
_TEXTS: Final = frozenset({"c:v", "a:t"})
_DIGITS: Final = 10


@dataclass(slots=True)
class _Series:
    name: str = ""
    of: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)


class Chart:
    """Takes the elements of a chart's part."""

    def __init__(self) -> None:
        self._titles: list[str] = []
        self._series: list[_Series] = []
        self._open: _Series | None = None
        self._part = ""
        self._text: list[str] | None = None

    def start(self, tag: str, attributes: Attributes) -> None:
        """Take the start of an element."""
        if tag == "c:ser":
            self._open = _Series()
            self._series.append(self._open)
        elif tag in _PARTS:
            self._part = tag
        elif tag in _TEXTS:
            self._text = []

    def end(self, tag: str) -> None:
        """Take the end of an element."""
        if tag == "c:ser":
            self._open = None
        elif tag in _PARTS:
            self._part = ""
        elif tag in _TEXTS and self._text is not None:
            self._take("".join(self._text).strip())
            self._text = None

    def data(self, text: str) -> None:
        """Take text."""
        if self._text is not None:
            self._text.append(text)

    def lines(self) -> Iterator[str]:
        """Yield the titles, then each series: "Sales: 2023 4.1, 2024 4.7"."""
        yield from self._titles
        for series in self._series:
            pairs = zip_longest(series.of, series.values, fillvalue="")
            points = ", ".join(f"{of} {value}".strip() for of, value in pairs)
            yield f"{series.name}: {points}".strip(": ")

    def _take(self, text: str) -> None:
        if not text:
            return
        if self._open is None:
            self._titles.append(text)
        elif self._part == "c:tx":
            self._open.name = f"{self._open.name} {text}".strip()
        elif self._part in _ARGUMENTS:
            self._open.of.append(_number(text))
        elif self._part:
            self._open.values.append(_number(text))


def _number(text: str) -> str:
    """Return a number without what computers add to its end: 4.3 for 4.2999999999999998."""
    whole, dot, rest = text.partition(".")
    if not (dot and len(rest) > _DIGITS and rest.isdecimal() and whole.lstrip("-").isdecimal()):
        return text
    return f"{float(text):.{_DIGITS}g}"
