"""Leaves out text whose font does not say which letters it shows: what stands in its place means nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable

from datasets.ingestion.readers.pdf.characters import Characters
from datasets.ingestion.readers.pdf.raised import Edit

# Controls, private use, surrogates, and what stands for no character
_NO_LETTER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff\ufff0-\ufffd\U000f0000-\U0010ffff]"
)
_LINE = re.compile(r"[^\r\n]+")
_LETTER = re.compile(r"[^\W_]")
# Bullets of the fonts that come with offices and browsers
_BULLETS = "\uf0b7\uf0a7\uf0d8\uf0a8\uf076\uf0fc\uf06e\uf071\uf0be\uf02d\u25cf\u25a0\u25aa"
# Of the characters that a font does not know, this share is no letter, when none of them is what it seems
_LEAST_ODD = 0.08
_MOST_UNKNOWN = 0.3


def edits(characters: Characters) -> tuple[list[Edit], bool]:
    """Return what is taken out of a page's text, and whether words are lost with it.

    A page without any control or private character is never looked at closer, which is nearly all.
    """
    text = characters.text
    odd = {match.start() for match in _NO_LETTER.finditer(text)}
    if not odd:
        return [], False
    unknown = {
        position for position, letter in enumerate(text) if not letter.isspace() and characters.is_unknown(position)
    }
    # Fonts without a table may still use the usual codes: what looks like letters then is.
    are_letters = len(unknown & odd) < _LEAST_ODD * len(unknown)
    bad = odd if are_letters else unknown | odd
    found: list[Edit] = []
    is_lost = False
    for line in _LINE.finditer(text):
        in_line = [position for position in range(*line.span()) if position in bad]
        shown = len(line[0].split()) and sum(not letter.isspace() for letter in line[0])
        if in_line and len(in_line) > _MOST_UNKNOWN * shown and not _is_bullet(text, in_line, line):
            found.append(Edit(line.start(), line.end(), ""))
            is_lost = is_lost or shown > 2
        else:
            found.extend(_single(text, position, line.start()) for position in in_line)
    return found, is_lost


def _is_bullet(text: str, positions: Iterable[int], line: re.Match[str]) -> bool:
    return list(positions) == [line.start()] and (line[0][1:2].isspace() or text[line.start()] in _BULLETS)


def _single(text: str, position: int, start: int) -> Edit:
    """A bullet stays one; a letter that is missing from a word or number is seen to be missing."""
    if text[position] in _BULLETS or (position == start and text[position + 1 : position + 2].isspace()):
        return Edit(position, position + 1, "•")
    around = text[max(position - 1, 0) : position] + text[position + 1 : position + 2]
    return Edit(position, position + 1, "\ufffd" if _LETTER.search(around) else "")
