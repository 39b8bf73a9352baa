"""Any colour that a tenant picks becomes an accent that can be read, in light and in dark."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatcms.core.pages.colour import DARK, LIGHT, Grounds, Oklch, accent_for, contrast, from_hex, in_gamut, linear_rgb

HEX = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("color", "expected"),
    [
        ("#ff0000", (0.628, 0.258, 29.2)),
        ("#00ff00", (0.866, 0.295, 142.5)),
        ("#0000ff", (0.452, 0.313, 264.1)),
        ("#ffffff", (1.0, 0.0, None)),
        ("#808080", (0.600, 0.0, None)),
    ],
)
def test_colours_are_where_css_has_them(color: str, expected: tuple[float, float, float | None]) -> None:
    found = from_hex(color)

    assert (found.lightness, found.chroma) == pytest.approx(expected[:2], abs=0.001)
    if expected[2] is not None:
        assert found.hue == pytest.approx(expected[2], abs=0.1)


def test_contrast_is_that_of_the_guidelines() -> None:
    black, white, grey = from_hex("#000000"), from_hex("#ffffff"), from_hex("#767676")

    assert contrast(black, white) == pytest.approx(21, abs=0.01)
    assert contrast(grey, white) == pytest.approx(4.54, abs=0.01)


@given(HEX)
def test_there_and_back_is_the_same_colour(color: str) -> None:
    expanded = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in expanded]

    assert linear_rgb(from_hex(color)) == pytest.approx(linear, abs=1e-4)


@example("#ffffff")
@example("#000000")
@example("#ffff00")
@example("#4f46e5")
@given(HEX)
def test_every_accent_can_be_read_wherever_it_is_used(color: str) -> None:
    for grounds in (LIGHT, DARK):
        accent = accent_for(color, grounds)
        for page in grounds.pages:
            assert contrast(accent.plain, page) >= 4.5
            assert contrast(accent.strong, page) >= 4.5
        assert contrast(accent.on, accent.plain) >= 4.5
        assert contrast(accent.on, accent.strong) >= 4.5
        assert contrast(accent.strong, accent.tint) >= 4.5


@given(HEX)
def test_every_accent_is_one_that_screens_show(color: str) -> None:
    for grounds in (LIGHT, DARK):
        accent = accent_for(color, grounds)
        for one in (accent.plain, accent.strong, accent.tint):
            assert all(-0.001 <= part <= 1.001 for part in linear_rgb(one))


@pytest.mark.parametrize(("color", "grounds"), [("#0b5d61", LIGHT), ("#7fd8dc", DARK)])
def test_a_colour_that_can_be_read_already_stays_as_it_is(color: str, grounds: Grounds) -> None:
    assert accent_for(color, grounds).plain.lightness == pytest.approx(from_hex(color).lightness, abs=0.002)


def test_a_colour_keeps_its_hue() -> None:
    yellow = from_hex("#ffd400")

    assert accent_for("#ffd400", LIGHT).plain.hue == yellow.hue
    assert accent_for("#ffd400", LIGHT).plain.lightness < yellow.lightness


def test_too_much_chroma_is_taken_back_as_far_as_it_must_be() -> None:
    assert in_gamut(Oklch(0.5, 0.1, 195)).chroma == pytest.approx(0.086, abs=0.02)
    assert in_gamut(Oklch(0.5, 0.0, 195)).chroma == 0
