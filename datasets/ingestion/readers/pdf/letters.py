"""Puts letters together as they are read: ligatures, and words that are set letter by letter."""

from __future__ import annotations

import re
from itertools import pairwise

from chatcms.core.text import normalized

# Ligatures, forms of Arabic and Hebrew letters by their place, and radicals in place of Chinese characters
_PRESENTED = re.compile(
    "[\ufb00-\ufb06\ufb13-\ufb17\ufb1d-\ufb4f\ufb50-\ufdfb\ufe70-\ufefc\u2e80-\u2fdf\uf900-\ufaff]+"
)
_UNSEEN = str.maketrans(dict.fromkeys("\u00ad\u200b\u2060\ufeff\u200e\u200f\u202a\u202b\u202c\u202d\u202e"))
# Chinese and Japanese, with their punctuation; not Hangul, whose words have spaces
_IDEOGRAPHIC = (
    "\u3001-\u303f\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
)
_SET_APART = re.compile(f"(?<=[{_IDEOGRAPHIC}])[ \u3000]+(?=[{_IDEOGRAPHIC}])")
_PIECES = re.compile(f"[{_IDEOGRAPHIC}]+")
_FEWEST_SINGLE = 3
# "C H A P T E R": letters of one kind with one space between, and wider gaps between words
_SPACED_WORD = re.compile(r"(?<![^\s])[^\W\d_](?: [^\W\d_]){3,}(?!\S)")
_VOWELS = frozenset("aeiouyäöüáéíóúàèìòùâêîôûåøæœıěőűаеёиоуыэюяіїєαεηιουω")


def read_together(text: str) -> str:
    """Return a line with its letters as they are read."""
    if text.isascii():
        return _SPACED_WORD.sub(_joined, text)
    text = _PRESENTED.sub(lambda match: normalized("NFKC", match[0]), text.translate(_UNSEEN))
    return _SPACED_WORD.sub(_joined, _without_gaps(text))


def _without_gaps(text: str) -> str:
    """Join Chinese and Japanese when most of their characters stand alone: gaps between words are meant."""
    pieces = _PIECES.findall(text)
    single = sum(len(piece) == 1 for piece in pieces)
    if single < _FEWEST_SINGLE or single < 0.6 * len(pieces):
        return text
    return _SET_APART.sub("", text)


def _joined(match: re.Match[str]) -> str:
    """Join the letters of a word; what may be a row of answers, axes or columns stays as it is."""
    letters = match[0].split(" ")
    word = "".join(letters)
    is_one_case = word.isupper() or word[1:].islower()
    is_alphabet = all(ord(after) - ord(before) == 1 for before, after in pairwise(word))
    has_vowel = bool(_VOWELS.intersection(word.lower()))
    if not is_one_case or is_alphabet or not has_vowel or len(set(word.lower())) < 4:
        return match[0]
    return word
