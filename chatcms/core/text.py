"""Makes text from outside safe to store: PostgreSQL takes no NUL and UTF-8 no lone surrogate."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final, Literal

MOST_MARKS: Final = 30


def storable(text: str) -> str:
    """Return `text` without NUL characters, lone surrogates replaced by U+FFFD."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def normalized(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Return `text` in a normal form of Unicode, with at most `MOST_MARKS` marks in a row (as UAX 15 allows).

    Python sorts the marks after a letter in time that grows with the square of their number.
    """
    if text.isascii():
        return text
    return unicodedata.normalize(form, _too_many_marks().sub(r"\1", text))


@lru_cache(maxsize=1)
def _too_many_marks() -> re.Pattern[str]:
    marks = "".join(sign for sign in map(chr, range(0x300, 0x1F000)) if unicodedata.combining(sign))
    return re.compile(f"([{marks}]{{{MOST_MARKS}}})[{marks}]+")


def one_line(text: str) -> str:
    """Return `text` on one line, without controls: what a name may be in a heading that others must not forge."""
    return " ".join(_without_controls(text).split())


def indented(text: str, margin: str = "    ") -> str:
    """Return `text` with `margin` before every line, so that none of its lines stands where a heading does.

    Every character that a program may take for a line break begins a line; other controls, which move the cursor of a
    terminal, become U+FFFD.
    """
    return "\n".join(f"{margin}{_without_controls(line)}".rstrip() for line in text.splitlines())


def _without_controls(text: str) -> str:
    return "".join("\ufffd" if unicodedata.category(sign) == "Cc" and not sign.isspace() else sign for sign in text)
