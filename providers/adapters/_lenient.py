"""Reads what vendors send as far as it can be read: JSON with broken characters, numbers in any form."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import orjson

_LARGEST_COUNT = 10**12
_BOM = b"\xef\xbb\xbf"


def loads(data: bytes) -> Any:
    """Return a JSON document. Characters that are cut in two come as halves, which `CharacterJoiner` puts together.

    Raises `ValueError` for what is no JSON.
    """
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    # half a surrogate pair, bytes that are not UTF-8, control characters, a mark of the byte order
    text = data.removeprefix(_BOM).decode("utf-8", "surrogateescape")
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise ValueError("too deep") from None


def dumps(value: Any) -> str:
    """Return a value as JSON text; halves of characters stay what they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a JSON object, an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def listed(value: Any) -> list[Any]:
    """Return a JSON array; a single object is taken for an array of one, anything else for an empty one."""
    if isinstance(value, list):
        return value
    return [value] if isinstance(value, Mapping) else []


def text(value: Any) -> str:
    """Return words; "" for what is none."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def count(value: Any) -> int:
    """Return a number of tokens that may come as a float or as text; 0 for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return 0
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return 0
    return int(number) if math.isfinite(number) and 0 < number <= _LARGEST_COUNT else 0


def whole_characters(broken: str) -> str:
    """Return a text with each half of a character that has no other half replaced."""
    joiner = CharacterJoiner()
    return joiner.feed(broken) + joiner.finish()


class CharacterJoiner:
    """Puts characters together of which the halves came in two pieces of a text.

    A half is a surrogate without its partner, or bytes of UTF-8 that `loads` could not read. One that never meets
    its other half becomes U+FFFD.
    """

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Return the text so far, without what may be the beginning of a character."""
        if not self._held and (piece.isascii() or _is_whole(piece)):
            return piece
        joined = _with_pairs(self._held + piece)
        cut = len(joined) - _unfinished(joined)
        self._held = joined[cut:]
        return _with_bytes(joined[:cut])

    def finish(self) -> str:
        """Return what is left of a character that was never completed."""
        left, self._held = self._held, ""
        return _with_bytes(left)


def _is_whole(piece: str) -> bool:
    try:
        piece.encode()
    except UnicodeEncodeError:
        return False
    return True


def _with_pairs(piece: str) -> str:
    """Join the two surrogates of a pair; those without a partner stay."""
    return piece.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _unfinished(piece: str) -> int:
    """Return how many characters at the end may be the first half of one: a high surrogate, or bytes of UTF-8."""
    if piece and "\ud800" <= piece[-1] <= "\udbff":
        return 1
    for size in range(1, min(3, len(piece)) + 1):
        lead = _byte(piece[-size])
        if lead is None:
            return 0
        if lead >= 0xC2:
            needed = 2 if lead < 0xE0 else 3 if lead < 0xF0 else 4
            return size if size < needed and lead < 0xF5 else 0
    return 0


def _byte(character: str) -> int | None:
    """Return the byte that `surrogateescape` has made a character of."""
    return ord(character) - 0xDC00 if "\udc80" <= character <= "\udcff" else None


def _with_bytes(piece: str) -> str:
    """Read runs of bytes as UTF-8, and replace every half that is left."""
    if _is_whole(piece):
        return piece
    escaped = "".join(each if _byte(each) is not None or _is_whole(each) else "\ufffd" for each in piece)
    return escaped.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
