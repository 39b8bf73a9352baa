"""Loads a tokenizer from its file; free of Django, since texts are split in a process of their own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from tokenizers import Tokenizer

# The start and end of each token of a text, in characters, ascending.
Tokenize = Callable[[str], Sequence[tuple[int, int]]]


@lru_cache(maxsize=2)
def tokenizer_of(file: str) -> Tokenize:
    """Return the function that finds the tokens of a text of any length."""
    tokenizer = Tokenizer.from_file(file)
    tokenizer.no_truncation()
    tokenizer.no_padding()

    def tokenize(text: str) -> Sequence[tuple[int, int]]:
        offsets: Sequence[tuple[int, int]] = tokenizer.encode(text, add_special_tokens=False).offsets
        return offsets

    return tokenize
