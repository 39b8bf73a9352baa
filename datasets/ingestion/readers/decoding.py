"""Turns bytes into text when nobody said in which encoding they are."""

from __future__ import annotations

import codecs

from charset_normalizer import from_bytes

from datasets.ingestion.base import ReadError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE = 256 * 1024


def decode(raw: bytes) -> str:
    """Return the text of `raw`: by its byte order mark, as UTF-8, or as what it most looks like.

    Raises `ReadError` when it looks like no text at all.
    """
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            return _clean(raw.decode(encoding, "replace"))
    try:
        return _clean(raw.decode("utf-8"))
    except UnicodeDecodeError:
        best = from_bytes(raw[:_SAMPLE]).best()
    if best is None:
        raise ReadError("not_text", "The text in this file cannot be made out. Save it as UTF-8 and upload it again.")
    return _clean(raw.decode(best.encoding, "replace"))


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
