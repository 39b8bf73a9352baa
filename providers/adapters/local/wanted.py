"""Tells what kind of thing a question asks for, and whether a sentence holds one: a price, a time, a number.

Signs and numbers are the same in many languages; `wanted.toml` lists the words of the most frequent ones.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_WORDS = Path(__file__).with_suffix(".toml")
_LONGEST_QUESTION = 400
_CURRENCY_SIGN = "€$£¥₹₺₽₩฿₫₪₴￥"
_COUNTED = (
    "one|two|three|four|five|six|seven|eight|nine|ten|twelve|fourteen|fifteen|twenty|thirty|sixty|ninety|ein|eine|zwei|drei|vier|"
    "vierzehn|dreißig|deux|trois|quinze|trente|dos|tres|quince|treinta|due|tre|quindici|trenta"
)
_DAY_OR_MONTH = (
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|(?:mon|diens|donners|frei|sams|sonn)tags?|mittwochs?|"
    r"(?:lun|mar|mercre|jeu|vendre|same)di|dimanche|lunes|martes|miércoles|jueves|viernes|sábado|domingo|"
    r"january|february|march|april|june|july|august|september|october|november|december|januar|februar|märz|juni|"
    r"juli|oktober|dezember|janvier|février|avril|juin|juillet|août|enero|febrero|marzo|abril|mayo|junio|julio|agosto"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind of thing: what asks for it, and what it looks like."""

    name: str
    asked: re.Pattern[str]
    held: re.Pattern[str]


def wanted_by(question: str) -> Wanted | None:
    """Return what a question asks for, None where that is no such thing."""
    asked = question[:_LONGEST_QUESTION]
    return next((kind for kind in _kinds() if kind.asked.search(asked)), None)


@lru_cache(maxsize=1)
def _kinds() -> tuple[Wanted, ...]:
    """Return the kinds in the order in which they are looked for: "how many days" asks for no mere number."""
    table = tomllib.loads(_WORDS.read_text("utf-8"))
    currency, unit = _any_of(table["currency"]["words"]), _any_of(table["unit"]["words"])
    held = {
        "price": (
            rf"[{_CURRENCY_SIGN}]\s?\d|\d\s?[{_CURRENCY_SIGN}]|\d\s?(?:{currency})(?!\w)|"
            rf"\b(?:eur|usd|gbp|chf|pln|rp)\.?\s?\d"
        ),
        "length": (
            rf"\d\s?-?(?:{unit})(?!\w)|\d\s?(?:{_any_of(table['unit']['unspaced'])})|"
            rf"\b(?:{_COUNTED}) (?:{unit})\b"
        ),
        "contact": r"\w@\w|\d(?:[ ()/-]?\d){5}",
        "time": (
            rf"\d{{1,2}}[:.h]\d{{2}}|\d\s?(?:am|pm|a\.m|p\.m|uhr|h|heures|godz)\b|\b(?:19|20)\d\d\b|"
            rf"\b(?:{_DAY_OR_MONTH})\b|\d\s?[月日时時点시]"
        ),
        "number": r"\d",
    }
    return tuple(Wanted(name, _asked(table[name]), re.compile(held[name], re.IGNORECASE)) for name in held)


def _asked(table: dict[str, str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{_any_of(table['asked'])})\b|{_any_of(table['unspaced'])}", re.IGNORECASE)


def _any_of(listed: str) -> str:
    return "|".join(word.strip() for word in re.split(r"[,\n]", listed) if word.strip())
