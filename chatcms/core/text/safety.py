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


# Of these nothing is seen: spaces, controls, formats, fillers, selectors, and what stands for an object or for nothing
_UNSEEN_BMP: Final = (
    r"\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffc\ufffe\uffff"
)
# Beyond, the same: formats, a filler, a blank note, tags
_UNSEEN_ELSEWHERE: Final = (
    "\U00013430-\U0001343f\U00016fe4\U0001bca0-\U0001bca3\U0001d159\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_SEEN = re.compile(f"[^{_UNSEEN_BMP}{_UNSEEN_ELSEWHERE}]")
# The same for schemas: without the characters beyond U+FFFF, which languages write in ways of their own
PATTERN_OF_SEEN: Final = f"[^{_UNSEEN_BMP}]"


def seen(text: str) -> str:
    """Return `text` as it is stored and trimmed, or "" where there is nothing in it that anybody would see.

    Text of spaces, zero-width characters, controls, formats, fillers and tags only is as empty as none.
    """
    words = storable(text).strip()
    return words if _SEEN.search(words) else ""


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
