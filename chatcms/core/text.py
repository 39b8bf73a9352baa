"""Makes text from outside safe to store: PostgreSQL takes no NUL and UTF-8 no lone surrogate."""

from __future__ import annotations


def storable(text: str) -> str:
    """Return `text` without NUL characters, lone surrogates replaced by U+FFFD."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")
