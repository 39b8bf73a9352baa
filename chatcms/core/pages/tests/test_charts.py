"""Charts are drawn true to their numbers, without styles, in both directions of writing."""

from __future__ import annotations

import re

import pytest

from chatcms.core.pages import charts


@pytest.mark.parametrize(
    ("highest", "ticks"),
    [
        (0, [0, 1]),
        (1, [0, 0.5, 1]),
        (7, [0, 2, 4, 6, 8]),
        (99, [0, 50, 100]),
        (104, [0, 50, 100, 150]),
        (1038, [0, 500, 1000, 1500]),
        (0.013, [0, 0.005, 0.01, 0.015]),
        (float("nan"), [0, 1]),
    ],
)
def test_ticks_are_round_and_reach_the_highest_value(highest: float, ticks: list[float]) -> None:
    assert charts.nice_ticks(highest) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (7, "7"), (0.5, "0.5"), (1200, "1.2k"), (1_000_000, "1M"), (15_500, "15.5k")]
)
def test_numbers_at_the_axis_are_short(number: float, text: str) -> None:
    assert charts.written(number) == text


def test_a_path_has_gaps_where_nothing_is_known_and_a_dot_where_one_value_is_alone() -> None:
    assert charts.path_of([(0, 1), (2, 3)]) == "M0 1L2 3"
    assert charts.path_of([(0, 1), None, (4, 5), (6, 7)]) == "M0 1h0.01M4 5L6 7"
    assert charts.path_of([]) == ""


def _line(svg: str, css: str = "chart__line") -> list[tuple[float, float]]:
    (path,) = re.findall(rf'class="{css}" d="([^"]*)"', svg)
    return [(float(x), float(y)) for x, y in re.findall(r"[ML]([\d.]+) ([\d.]+)", path)]


def test_a_line_goes_from_edge_to_edge_and_its_highest_tick_is_at_the_top() -> None:
    points = _line(charts.lines("Questions", ["a", "b", "c"], [0, 5, 10]))
    assert [x for x, _ in points] == [52, 380, 708]
    assert [y for _, y in points] == [194, 102, 10]


def test_from_right_to_left_it_is_mirrored() -> None:
    straight = _line(charts.lines("Questions", ["a", "b", "c"], [0, 5, 10]))
    mirrored = _line(charts.lines("Questions", ["a", "b", "c"], [0, 5, 10], rtl=True))
    assert mirrored == [(charts.WIDTH - x, y) for x, y in straight]


def test_what_it_is_compared_with_is_on_the_same_scale() -> None:
    svg = charts.lines("Seconds", ["a", "b"], [1, 1], [10, 10])
    assert {y for _, y in _line(svg, "chart__other")} == {10}
    assert all(y > 170 for _, y in _line(svg))


def test_bars_stand_on_the_floor_and_stay_inside() -> None:
    svg = charts.bars("People", ["a", "b", "c", "d"], [0, 1, 2, 4])
    rects = re.findall(r'x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', svg)
    assert len(rects) == 4
    for x, y, width, height in (tuple(map(float, rect)) for rect in rects):
        assert y + height == pytest.approx(194, abs=0.11)
        assert 52 <= x <= x + width <= 708


@pytest.mark.parametrize("count", [1, 2, 7, 30, 400])
def test_names_at_the_axis_never_are_more_than_there_is_room_for(count: int) -> None:
    names = [f"d{number}" for number in range(count)]
    shown = re.findall(r">(d\d+)</text>", charts.lines("x", names, [1.0] * count))
    assert 1 <= len(shown) <= 8
    assert shown[0] == "d0"


def test_what_it_is_called_is_escaped_and_told_to_readers() -> None:
    svg = charts.lines('"><script>', ["<b>"], [1])
    assert "<script>" not in svg
    assert "<b>" not in svg
    assert 'role="img" aria-label="&quot;&gt;&lt;script&gt;"' in svg


@pytest.mark.parametrize("values", [[], [None], [None, None], [0, 0], [3], [1, None, 2]])
def test_any_values_can_be_drawn_without_a_style(values: list[float | None]) -> None:
    names = [str(number) for number in range(len(values))]
    drawn = (
        charts.lines("x", names, values),
        charts.spark(values),
        charts.bars("x", names, [one or 0 for one in values]),
    )
    for svg in drawn:
        assert "style" not in svg
        assert "nan" not in svg


def test_a_small_line_is_decoration() -> None:
    assert charts.spark([1]) == ""
    assert 'aria-hidden="true"' in charts.spark([1, 2])
