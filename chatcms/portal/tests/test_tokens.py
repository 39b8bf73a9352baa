"""Text on its ground is readable in both colour schemes: WCAG contrast, computed from the tokens themselves."""

from __future__ import annotations

import re

import pytest

from chatcms.config.environment import BASE_DIR
from chatcms.core.pages.colour import DARK, LIGHT, Oklch, contrast

_TOKEN = re.compile(
    r"--([a-z-]+):\s*light-dark\(oklch\(([\d.]+) ([\d.]+) ([\d.]+)\), oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)\)"
)


def _tokens() -> dict[str, tuple[Oklch, Oklch]]:
    css = (BASE_DIR / "static/css/tokens.css").read_text()
    found = {}
    for name, *numbers in _TOKEN.findall(css):
        values = [float(number) for number in numbers]
        found[name] = (Oklch(*values[:3]), Oklch(*values[3:]))
    return found


GROUNDS = ("surface", "page-ground", "raised")
MEANINGS = ("good", "warning", "bad", "info")
TEXT_ON_GROUND = [
    *((text, ground) for ground in GROUNDS for text in ("text", "text-soft", "accent", "accent-strong")),
    ("on-accent", "accent"),
    ("on-accent", "accent-strong"),
    ("accent-strong", "accent-tint"),
    ("text", "accent-tint"),
    ("text-soft", "accent-tint"),
    # What a filled button of danger says, and messages beside fields and in menus.
    ("surface", "bad"),
    *((meaning, ground) for ground in GROUNDS for meaning in MEANINGS),
    *((meaning, f"{meaning}-tint") for meaning in MEANINGS),
    *(("text", f"{meaning}-tint") for meaning in MEANINGS),
    *(("text-soft", f"{meaning}-tint") for meaning in MEANINGS),
    *(("accent-strong", f"{meaning}-tint") for meaning in MEANINGS),
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_GROUND)
def test_text_has_a_contrast_of_at_least_4_5(text: str, ground: str, scheme: str) -> None:
    index = 0 if scheme == "light" else 1
    tokens = _tokens()

    assert contrast(tokens[text][index], tokens[ground][index]) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_outline_of_a_control_has_a_contrast_of_at_least_3(scheme: str) -> None:
    index = 0 if scheme == "light" else 1
    tokens = _tokens()

    assert contrast(tokens["line-strong"][index], tokens["surface"][index]) >= 3


@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_lines_of_controls_and_focus_rings_stand_out_on_every_ground(ground: str, scheme: str) -> None:
    index = 0 if scheme == "light" else 1
    tokens = _tokens()

    assert contrast(tokens["line-strong"][index], tokens[ground][index]) >= 3
    assert contrast(tokens["accent"][index], tokens[ground][index]) >= 3


def test_tenants_accents_are_reckoned_against_these_grounds() -> None:
    tokens = _tokens()

    assert LIGHT.pages == tuple(tokens[name][0] for name in GROUNDS)
    assert DARK.pages == tuple(tokens[name][1] for name in GROUNDS)
    assert (LIGHT.on_accent, DARK.on_accent) == tokens["on-accent"]


def test_only_the_tokens_have_raw_colours() -> None:
    for name in ("base", "components"):
        css = (BASE_DIR / f"static/css/{name}.css").read_text()
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?![-\w])|oklch\(|rgb\(|hsl\(", css)
