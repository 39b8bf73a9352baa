"""Draws charts as SVG on the server: lines over time, bars, and small lines for tiles. Pure: numbers in, markup out.

Looks come from classes (`static/css/components.css`), never from style attributes, which the content security policy
forbids. For languages written from right to left a chart runs that way: `rtl` mirrors its places, not its text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT = 720, 220
SPARK_WIDTH, SPARK_HEIGHT = 120, 28
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 12, 10, 26
_MOST_LABELS = 7
# Of bars and the gaps between them the bars take so much.
_BAR_SHARE = 0.68


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis and what is written there."""

    at: float
    text: str


def nice_ticks(highest: float, wanted: int = 4) -> list[float]:
    """Return round numbers from 0 to at least `highest`, about `wanted` steps of 1, 2 or 5 times a power of ten."""
    if not highest > 0:
        return [0.0, 1.0]
    rough = highest / wanted
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * factor for factor in (1, 2, 5, 10) if size * factor >= rough * 0.999)
    return [round(step * number, 10) for number in range(math.ceil(round(highest / step, 6)) + 1)]


def written(number: float) -> str:
    """Return a number as short as an axis has room for: 1200 as 1.2k."""
    for size, unit in ((1_000_000, "M"), (1000, "k")):
        if abs(number) >= size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.3g}" if number != int(number) else str(int(number))


def path_of(points: Sequence[tuple[float, float] | None]) -> str:
    """Return the path through points; where one is missing the line has a gap, one alone is a dot."""
    parts: list[str] = []
    pen_up = True
    for index, point in enumerate(points):
        if point is None:
            pen_up = True
            continue
        x, y = (f"{value:.1f}".rstrip("0").rstrip(".") for value in point)
        parts.append(f"{'M' if pen_up else 'L'}{x} {y}")
        if pen_up and (index + 1 == len(points) or points[index + 1] is None):
            parts.append("h0.01")
        pen_up = False
    return "".join(parts)


def spark(values: Sequence[float | None]) -> SafeString:
    """Draw a small line without axes, for a tile; nothing for fewer than two values. Hidden from screen readers."""
    if len(values) < 2:
        return SafeString("")
    highest = max([value for value in values if value is not None], default=0) or 1
    step = SPARK_WIDTH / (len(values) - 1)
    points = [
        None if value is None else (step * index, 2 + (SPARK_HEIGHT - 4) * (1 - value / highest))
        for index, value in enumerate(values)
    ]
    return format_html(
        '<svg class="spark" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<path class="chart__line" vector-effect="non-scaling-stroke" d="{}"/></svg>',
        SPARK_WIDTH,
        SPARK_HEIGHT,
        path_of(points),
    )


def lines(
    title: str,
    labels: Sequence[str],
    values: Sequence[float | None],
    other: Sequence[float | None] = (),
    *,
    rtl: bool = False,
) -> SafeString:
    """Draw one line over time, filled below, and another one dashed to compare with; `None` is a gap."""
    frame = _Frame([*values, *other], labels, rtl=rtl, between=True)
    points = frame.points(values)
    known = [point for point in points if point is not None]
    area = ""
    if len(known) == len(points) > 1:
        area = f"{path_of(points)}L{known[-1][0]:.1f} {frame.floor}L{known[0][0]:.1f} {frame.floor}Z"
    shapes = format_html(
        '<path class="chart__area" d="{}"/><path class="chart__other" d="{}"/><path class="chart__line" d="{}"/>',
        area,
        path_of(frame.points(other)),
        path_of(points),
    )
    return frame.drawn(title, shapes)


def bars(title: str, labels: Sequence[str], values: Sequence[float], *, rtl: bool = False) -> SafeString:
    """Draw a bar for each value."""
    frame = _Frame(values, labels, rtl=rtl, between=False)
    width = frame.step * _BAR_SHARE
    shapes = format_html_join(
        "",
        '<rect class="chart__bar" x="{}" y="{}" width="{}" height="{}" rx="1"/>',
        (
            (f"{x - width / 2:.1f}", f"{y:.1f}", f"{width:.1f}", f"{frame.floor - y:.1f}")
            for x, y in filter(None, frame.points(values))
        ),
    )
    return frame.drawn(title, shapes)


class _Frame:
    """The axes of a chart, and where values lie between them."""

    def __init__(self, values: Sequence[float | None], labels: Sequence[str], *, rtl: bool, between: bool) -> None:
        self._ticks = nice_ticks(max([value for value in values if value is not None], default=0))
        self._labels = labels
        self._rtl = rtl
        room = WIDTH - _LEFT - _RIGHT
        # Lines go from edge to edge, bars stand in the middle of their place.
        self.step = room / max(len(labels) - 1 if between else len(labels), 1)
        self._start = 0.0 if between else self.step / 2
        self.floor = HEIGHT - _BOTTOM

    def points(self, values: Sequence[float | None]) -> list[tuple[float, float] | None]:
        """Return where values lie."""
        return [None if value is None else (self._x(index), self._y(value)) for index, value in enumerate(values)]

    def drawn(self, title: str, shapes: SafeString) -> SafeString:
        """Return the whole drawing, with `title` for those who cannot see it."""
        edge, far = (WIDTH - _LEFT, _RIGHT) if self._rtl else (_LEFT, WIDTH - _RIGHT)
        beside, anchor = (edge + 8, "start") if self._rtl else (edge - 8, "end")
        grid = format_html_join(
            "",
            '<path class="chart__grid" d="M{} {}H{}"/><text x="{}" y="{}" text-anchor="{}">{}</text>',
            (
                (edge, f"{self._y(tick):.1f}", far, beside, f"{self._y(tick) + 4:.1f}", anchor, written(tick))
                for tick in self._ticks
            ),
        )
        names = format_html_join(
            "",
            '<text x="{}" y="{}" text-anchor="{}">{}</text>',
            ((f"{mark.at:.1f}", HEIGHT - 6, self._anchor(mark.at), mark.text) for mark in self._marks()),
        )
        return format_html(
            '<svg viewBox="0 0 {} {}" direction="ltr" role="img" aria-label="{}">{}{}{}</svg>',
            WIDTH,
            HEIGHT,
            title,
            grid,
            shapes,
            names,
        )

    def _marks(self) -> list[Mark]:
        """As many names as there is room for, evenly, the first one always."""
        every = max(1, math.ceil(len(self._labels) / _MOST_LABELS))
        return [Mark(self._x(index), text) for index, text in enumerate(self._labels) if index % every == 0]

    def _anchor(self, x: float) -> str:
        """Names at the edges stay inside."""
        first, last = (_RIGHT, WIDTH - _LEFT) if self._rtl else (_LEFT, WIDTH - _RIGHT)
        return "start" if x < first + 1 else "end" if x > last - 1 else "middle"

    def _x(self, index: int) -> float:
        x = _LEFT + self._start + self.step * index
        return WIDTH - x if self._rtl else x

    def _y(self, value: float) -> float:
        return self.floor - (self.floor - _TOP) * value / self._ticks[-1]
