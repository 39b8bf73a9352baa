"""Puts letters together as they are read: ligatures, and words that are set letter by letter."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from chatcms.core.text.safety import normalized
from datasets.ingestion.readers.pdf.values import Line

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
_LEADERS = re.compile(r" ?(?:(?:\. ?){6,}|_{6,} ?)")
_FEWEST_SINGLE, _FEWEST_DIFFERENT = 3, 4
# "C H A P T E R": letters with one space between
SPACED = re.compile(r"(?<![^\s])[^\W\d_](?: [^\W\d_]){3,}(?!\S)")
_VOWELS = frozenset("aeiouyäöüáéíóúàèìòùâêîôûåøæœıěőűаеёиоуыэюяіїєαεηιουω")


def read_together(text: str) -> str:
    """Return a line with its letters as they are read, and a row of dots to a number or a place to write in short."""
    text = _LEADERS.sub(" … ", text)
    if text.isascii():
        return text
    return _without_gaps(_PRESENTED.sub(lambda match: normalized("NFKC", match[0]), text.translate(_UNSEEN)))


def are_words(words: Sequence[str]) -> bool:
    """Whether letters that stand apart make these words, and are no row of answers, axes or columns."""
    whole = "".join(words)
    is_one_case = all(word.isupper() or word[1:].islower() or len(word) == 1 for word in words)
    is_alphabet = all(ord(after) - ord(before) == 1 for before, after in pairwise(whole))
    has_vowel = bool(_VOWELS.intersection(whole.lower()))
    return is_one_case and not is_alphabet and has_vowel and len(set(whole.lower())) >= _FEWEST_DIFFERENT


def upright(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a page, with each column of Chinese or Japanese that is written downwards in one line."""
    ordered: list[Line] = []
    column: list[Line] = []
    for line in lines:
        if column and not _is_below(column[-1], line):
            ordered += _in_one(column)
            column = []
        column.append(line)
    return ordered + _in_one(column)


def _is_below(line: Line, following: Line) -> bool:
    is_next = 0 < line.height - following.height < 2.5 * line.size and abs(line.right - following.right) < line.size
    return is_next and all(len(one.text) == 1 or one.text.isdigit() for one in (line, following))


def _in_one(column: list[Line]) -> list[Line]:
    whole = "".join(line.text for line in column)
    if len(column) < _FEWEST_SINGLE or len("".join(_PIECES.findall(whole))) < len(whole) / 2:
        return column
    return [column[0].with_text(whole)]


def _without_gaps(text: str) -> str:
    """Join Chinese and Japanese when most of their characters stand alone: gaps between words are meant."""
    pieces = _PIECES.findall(text)
    single = sum(len(piece) == 1 for piece in pieces)
    if single < _FEWEST_SINGLE or single < 0.6 * len(pieces):
        return text
    return _SET_APART.sub("", text)
