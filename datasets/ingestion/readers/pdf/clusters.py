"""Mends words of Indic and Thai scripts, where one glyph stands for several letters and another for none."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from datasets.ingestion.readers.pdf.characters import Characters
from datasets.ingestion.readers.pdf.raised import Edit

# From Devanagari to Myanmar, and Khmer
_LETTERS = "\u0900-\u109f\u1780-\u17ff"
_WORD = re.compile(f"[{_LETTERS}]+")
_GAP = re.compile(f"(?<=[{_LETTERS}]) (?=[{_LETTERS},.;:?!)])")
_NEAR_BEFORE = 12
# In heights of letters: wider is a space. A vowel that takes room may have its own glyph, which pdfium does not count.
_SPACE, _SPACE_AFTER_VOWEL = 0.2, 0.42
_TAKES_ROOM, _AM = "Mc", "\u0e33\u0eb3"


def edits(characters: Characters) -> Iterator[Edit]:
    """Yield the letters that are there twice, for the glyph of a mark, and the spaces inside words."""
    text = characters.text
    if text.isascii():
        return
    for word in _WORD.finditer(text):
        for start, end in _glyphs(characters, *word.span()):
            # The glyph of a mark has no width, and its box is before it.
            again = end - start > 1 and text[start:end] in text[max(start - _NEAR_BEFORE, 0) : start]
            if again and characters.end(end - 1) <= characters.glyph(start).x + 0.5:
                yield Edit(start, end, "")
    for gap in _GAP.finditer(text):
        if characters.is_made_up(gap.start()) and _is_inside(characters, gap.start()):
            yield Edit(gap.start(), gap.end(), "")


def _glyphs(characters: Characters, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the letters of each glyph: those that share a place."""
    for _, run in groupby(range(start, end), key=characters.place):
        positions = list(run)
        yield positions[0], positions[-1] + 1


def _is_inside(characters: Characters, space: int) -> bool:
    before = space - 1
    while before > 0 and characters.place(before - 1) == characters.place(space - 1):
        before -= 1
    letters = characters.text[before:space]
    is_wide = any(letter in _AM or unicodedata.category(letter) == _TAKES_ROOM for letter in letters)
    widest = (_SPACE_AFTER_VOWEL if is_wide else _SPACE) * characters.glyph(space - 1).size
    return characters.glyph(space + 1).x - characters.end(space - 1) < widest
