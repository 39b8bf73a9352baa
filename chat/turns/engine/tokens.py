"""Guesses how many tokens a text is, for any model, without its tokenizer."""

from __future__ import annotations

ASCII_PER_TOKEN = 4
BYTES_PER_TOKEN = 3
MARGIN = 1.15


def estimate(text: str) -> int:
    """Return a best guess: four characters of English a token, three bytes of any other script.

    Real tokenizers differ by some 15 % from it either way; a caller that must not exceed a limit uses `at_most`.
    """
    if text.isascii():
        return -(-len(text) // ASCII_PER_TOKEN)
    plain = len(text.encode("ascii", "ignore"))
    other = len(text.encode("utf-8", "replace")) - plain
    return -(-plain // ASCII_PER_TOKEN) - (-other // BYTES_PER_TOKEN)


def at_most(text: str) -> int:
    """Return the guess with a margin: what to count a text as when filling a limited context."""
    return int(estimate(text) * MARGIN) + 1
