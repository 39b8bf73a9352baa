"""Colours that can be read: OKLCH, contrast as WCAG has it, and an accent made fit for light and dark pages.

The conversions are those of CSS Color 4 (B. Ottosson's OKLab); contrast is WCAG 2.2, 1.4.3.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

Linear = tuple[float, float, float]

TEXT_CONTRAST = 4.5
# A hair more than is asked for: browsers round.
_ENOUGH = TEXT_CONTRAST + 0.05
_STEP = 0.005


@dataclass(frozen=True, slots=True)
class Oklch:
    """Lightness 0 to 1, chroma 0 to about 0.4, hue in degrees."""

    lightness: float
    chroma: float
    hue: float

    def __str__(self) -> str:
        return f"oklch({self.lightness:.3f} {self.chroma:.3f} {self.hue:.1f})"


@dataclass(frozen=True, slots=True)
class Grounds:
    """What an accent is seen on in one scheme: pages from the lightest to the darkest, and the text on the accent."""

    pages: tuple[Oklch, ...]
    on_accent: Oklch
    is_dark: bool


@dataclass(frozen=True, slots=True)
class Accent:
    """An accent for one scheme: for areas, stronger for text and hovering, as a tint, and what is written on it."""

    plain: Oklch
    strong: Oklch
    tint: Oklch
    on: Oklch


# The grounds of `static/css/tokens.css`; a test says when they differ.
LIGHT = Grounds((Oklch(1, 0, 0), Oklch(0.982, 0.002, 80), Oklch(0.962, 0.003, 80)), Oklch(1, 0, 0), is_dark=False)
DARK = Grounds(
    (Oklch(0.205, 0.004, 80), Oklch(0.165, 0.004, 80), Oklch(0.245, 0.005, 80)), Oklch(0.18, 0.02, 195), is_dark=True
)


def accent_for(color: str, grounds: Grounds) -> Accent:
    """Return `color` ("#rrggbb") as an accent that can be read on `grounds`: its hue kept, its lightness moved.

    It moves as little as it must: away from the ground, until text in it, text on it, and the stronger one on its own
    tint all have a contrast of 4.5.
    """
    wanted = from_hex(color)
    tint_chroma, tint_lightness = (0.04, 0.275) if grounds.is_dark else (0.025, 0.955)
    tint = in_gamut(Oklch(tint_lightness, min(wanted.chroma, tint_chroma), wanted.hue))
    on = Oklch(grounds.on_accent.lightness, min(wanted.chroma, grounds.on_accent.chroma), wanted.hue)
    direction = 1 if grounds.is_dark else -1

    plain = _moved(wanted, direction, lambda one: all(_reads(one, other) for other in (*grounds.pages, on)))
    further = Oklch(plain.lightness + direction * 0.06, plain.chroma, plain.hue)
    strong = _moved(further, direction, lambda one: all(_reads(one, other) for other in (*grounds.pages, tint, on)))
    return Accent(plain, strong, tint, on)


def from_hex(color: str) -> Oklch:
    """Return an sRGB colour ("#rrggbb") in OKLCH."""
    red, green, blue = (_expanded(int(color[place : place + 2], 16) / 255) for place in (1, 3, 5))
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def linear_rgb(color: Oklch) -> Linear:
    """Return the colour in linear sRGB; parts below 0 or above 1 are out of what screens show."""
    a = color.chroma * math.cos(math.radians(color.hue))
    b = color.chroma * math.sin(math.radians(color.hue))
    long = (color.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (color.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (color.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def in_gamut(color: Oklch) -> Oklch:
    """Return the colour with as much chroma as sRGB has at that lightness and hue."""
    if _is_shown(color):
        return color
    low, high = 0.0, color.chroma
    while high - low > 0.0005:
        middle = (low + high) / 2
        low, high = (middle, high) if _is_shown(Oklch(color.lightness, middle, color.hue)) else (low, middle)
    return Oklch(color.lightness, low, color.hue)


def contrast(one: Oklch, other: Oklch) -> float:
    """Return the contrast of two colours, 1 to 21."""
    first, second = (_luminance(color) for color in (one, other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


def _moved(color: Oklch, direction: int, is_good: Callable[[Oklch], bool]) -> Oklch:
    for steps in range(round(1 / _STEP) + 1):
        lightness = min(max(color.lightness + direction * steps * _STEP, 0.0), 1.0)
        moved = in_gamut(Oklch(round(lightness, 3), color.chroma, color.hue))
        if is_good(moved):
            return moved
    raise AssertionError("Black and white can be read on every ground.")


def _reads(one: Oklch, other: Oklch) -> bool:
    return contrast(one, other) >= _ENOUGH


def _luminance(color: Oklch) -> float:
    red, green, blue = (min(max(part, 0.0), 1.0) for part in linear_rgb(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _is_shown(color: Oklch) -> bool:
    return all(-0.0005 <= part <= 1.0005 for part in linear_rgb(color))


def _expanded(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
