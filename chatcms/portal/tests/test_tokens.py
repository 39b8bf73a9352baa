"""Text on its ground is readable in both colour schemes: WCAG contrast, computed from the tokens themselves."""

from __future__ import annotations

import math
import re

import pytest

from chatcms.environment import BASE_DIR

Colour = tuple[float, float, float]

_TOKEN = re.compile(
    r"--([a-z-]+):\s*light-dark\(oklch\(([\d.]+) ([\d.]+) ([\d.]+)\), oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)\)"
)


def _tokens() -> dict[str, tuple[Colour, Colour]]:
    css = (BASE_DIR / "static/css/tokens.css").read_text()
    found = {}
    for name, *numbers in _TOKEN.findall(css):
        values = [float(number) for number in numbers]
        found[name] = (_linear_rgb(*values[:3]), _linear_rgb(*values[3:]))
    return found


def _linear_rgb(lightness: float, chroma: float, hue: float) -> Colour:
    """OKLCH to linear sRGB, as CSS Color 4 defines it, clipped to the gamut."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    rgb = (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )
    red, green, blue = (min(max(value, 0.0), 1.0) for value in rgb)
    return red, green, blue


def _contrast(one: Colour, other: Colour) -> float:
    first, second = (0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2] for c in (one, other))
    return (max(first, second) + 0.05) / (min(first, second) + 0.05)


TEXT_ON_GROUND = [
    (text, ground) for ground in ("surface", "page-ground", "raised") for text in ("text", "text-soft", "accent-strong")
] + [
    ("accent", "surface"),
    ("accent", "page-ground"),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent-strong", "accent-tint"),
    ("text", "accent-tint"),
    ("bad", "surface"),
    *((meaning, f"{meaning}-tint") for meaning in ("good", "warning", "bad", "info")),
    *(("text", f"{meaning}-tint") for meaning in ("good", "warning", "bad", "info")),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_has_a_contrast_of_at_least_4_5(text: str, ground: str, scheme: str) -> None:
    index = 0 if scheme == "light" else 1
    tokens = _tokens()

    assert _contrast(tokens[text][index], tokens[ground][index]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_outline_of_a_control_has_a_contrast_of_at_least_3(scheme: str) -> None:
    index = 0 if scheme == "light" else 1
    tokens = _tokens()

    assert _contrast(tokens["line-strong"][index], tokens["surface"][index]) >= 3
