"""Turns words of scripts that run to the left round where a file has their letters from left to right."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter

from datasets.ingestion.readers.pdf.characters import Characters
from datasets.ingestion.readers.pdf.raised import Edit
from datasets.ingestion.readers.pdf.values import Line

# Hebrew, Arabic and their neighbours, with marks and the forms of their letters, without digits and punctuation
_LETTERS = (
    "\u0591-\u05f2\u0610-\u061a\u0620-\u065f\u066e-\u06d3\u06d5-\u06ef\u06fa-\u07ff"
    "\u08a0-\u08ff\ufb1d-\ufdff\ufe70-\ufefc"
)
# No word is longer, and turning one takes its share of time squared.
_WORD = re.compile(f"[{_LETTERS}]{{2,100}}")
_LETTER = re.compile(f"[{_LETTERS}]")
# Lam with alef is one glyph, of which the second letter comes first
_LIGATURE = re.compile("([\u0622\u0623\u0625\u0627])(\u0644)")
_SAME_LINE = 0.4


def edits(characters: Characters) -> Iterator[Edit]:
    """Yield the words whose letters stand on the page the other way than in its text, as they are read."""
    text = characters.text
    if text.isascii():
        return
    for word in _WORD.finditer(text):
        letters = [position for position in range(*word.span()) if not unicodedata.combining(text[position])]
        if len(letters) > 1 and characters.glyph(letters[0]).x < characters.glyph(letters[-1]).x:
            yield Edit(word.start(), word.end(), _turned(characters, letters, *word.span()))
            continue
        for pair in _LIGATURE.finditer(text, *word.span()):
            if characters.glyph(pair.start()).x == characters.glyph(pair.start() + 1).x:
                yield Edit(pair.start(), pair.end(), f"{pair[2]}{pair[1]}")


def in_order(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a page, those that are parts of one line in one, from right to left."""
    ordered: list[Line] = []
    for _, run in groupby(_numbered(lines), key=itemgetter(0)):
        parts = [line for _, line in run]
        if len(parts) > 1 and any(_LETTER.search(line.text) for line in parts):
            parts.sort(key=lambda line: -line.right)
            whole = " ".join(line.text for line in parts)
            ordered.append(parts[0].with_text(whole))
        else:
            ordered += parts
    return ordered


def _numbered(lines: Sequence[Line]) -> Iterator[tuple[int, Line]]:
    """Yield each line with the same number as the one before when both stand at one height."""
    number, height = 0, None
    for line in lines:
        if height is None or abs(line.height - height) > _SAME_LINE * line.size:
            number, height = number + 1, line.height
        yield number, line


def _turned(characters: Characters, letters: list[int], start: int, end: int) -> str:
    """Return the letters from right to left, each with the marks that stand over it."""
    text = characters.text
    # Letters of one glyph share a place, and their order is turned as well.
    ordered = sorted(letters, key=lambda position: (-round(characters.glyph(position).x, 1), -position))
    marks: dict[int, str] = {}
    for position in set(range(start, end)).difference(letters):
        x = characters.glyph(position).x
        over = min(ordered, key=lambda letter: abs(characters.glyph(letter).x - x))
        marks[over] = marks.get(over, "") + text[position]
    return "".join(text[position] + marks.get(position, "") for position in ordered)
