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
_SMALL_LETTER = re.compile("[a-z]")
_SAMPLES = 16
# Of the characters that a font does not know, this share is no letter, or in no Western script, when none is what it
# seems; more than that share of small letters is no chance.
_LEAST_ODD, _LEAST_FOREIGN, _LEAST_SMALL = 0.08, 0.2, 0.4
_MOST_UNKNOWN = 0.3


def edits(characters: Characters) -> tuple[list[Edit], bool]:
    """Return what is taken out of a page's text, and whether words are lost with it.

    A page without any control or private character, and without an unknown one among a few, is not looked at closer:
    nearly all are so.
    """
    text = characters.text
    odd = {match.start() for match in _NO_LETTER.finditer(text)}
    if not odd and not any(map(characters.is_unknown, range(0, len(text), len(text) // _SAMPLES + 1))):
        return [], False
    letters = [position for position, letter in enumerate(text) if not letter.isspace()]
    unknown = set(filter(characters.is_unknown, letters))
    bad = odd if _are_letters(characters, unknown, odd) else unknown | odd
    found: list[Edit] = []
    is_lost = False
    for line in _LINE.finditer(text):
        in_line = [position for position in range(*line.span()) if position in bad]
        shown = sum(not letter.isspace() for letter in line[0])
        if len(in_line) > _MOST_UNKNOWN * shown and not _is_bullet(text, in_line, line):
            found.append(Edit(line.start(), line.end(), ""))
            is_lost = is_lost or shown > 2
        else:
            found.extend(_single(text, position, line.start()) for position in in_line)
    return found, is_lost


def _are_letters(characters: Characters, unknown: set[int], odd: set[int]) -> bool:
    """Whether unknown characters are what they seem: fonts without a table may still use the usual codes.

    Others number their letters as they like, which gives controls (pdfium drops some), capitals and signs.
    """
    total = len(unknown)
    seen = "".join(characters.text[position] for position in unknown)
    if len(unknown & odd) >= _LEAST_ODD * total or sum(letter > "\xff" for letter in seen) >= _LEAST_FOREIGN * total:
        return not total
    return len(_SMALL_LETTER.findall(seen)) >= _LEAST_SMALL * total or not characters.has_dropped


def _is_bullet(text: str, positions: Iterable[int], line: re.Match[str]) -> bool:
    return list(positions) == [line.start()] and (line[0][1:2].isspace() or text[line.start()] in _BULLETS)


def _single(text: str, position: int, start: int) -> Edit:
    """A bullet stays one; a letter that is missing from a word or number is seen to be missing."""
    if text[position] in _BULLETS or (position == start and text[position + 1 : position + 2].isspace()):
        return Edit(position, position + 1, "•")
    around = text[max(position - 1, 0) : position] + text[position + 1 : position + 2]
    return Edit(position, position + 1, "\ufffd" if _LETTER.search(around) else "")
