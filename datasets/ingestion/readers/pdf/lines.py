"""Makes lines of a page's characters: those that it shows, without the breaks that raised letters cause in pdfium."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from statistics import median

from datasets.ingestion.readers.pdf import letters
from datasets.ingestion.readers.pdf.characters import Characters
from datasets.ingestion.readers.pdf.raised import Edit
from datasets.ingestion.readers.pdf.values import BROKEN, Line

Box = tuple[float, float, float, float]
_BREAK = re.compile(r"\r?\n")
# pdfium has no break after the hyphen of a broken word, even where a footer comes next.
_END = re.compile(rf"\r?\n|(?<={BROKEN})")
_LONE_END = re.compile(r"(?<=\S\w) \w(?!\w)")
_MANY_LONE, _FEWEST_LONE, _HARDLY = 0.1, 5, 0.05
# In sizes of letters: how far the text may move on within a line
_FARTHEST = 60.0  # points
_FAR_DOWN, _FAR_ON, _FAR_BACK, _A_SPACE = 0.6, 0.6, 0.12, 0.15
# Between words that are set letter by letter, in gaps between letters
_WIDER = 1.5


def false_breaks(characters: Characters) -> dict[int, int]:
    """Return the breaks after which the text goes on beside where it was, at another height: start to end."""
    text = characters.text
    return {
        match.start(): match.end()
        for match in _BREAK.finditer(text)
        if match.start() > 0 and match.end() < len(text) and _goes_on(characters, match.start() - 1, match.end())
    }


def joints(characters: Characters, breaks: Mapping[int, int]) -> Iterator[Edit]:
    """Yield what stands in place of breaks that are none: a space where one is seen."""
    text = characters.text
    for start, end in breaks.items():
        before, after = characters.glyph(start - 1), characters.glyph(end)
        is_apart = after.x - characters.end(start - 1) > _A_SPACE * max(before.size, after.size)
        has_space = text[start - 1].isspace() or text[end].isspace()
        yield Edit(start, end, " " if is_apart and not has_space else "")


def false_spaces(characters: Characters) -> Iterator[Edit]:
    """Yield the spaces that pdfium saw where letters are no further apart than in the word before.

    Only pages with many single letters at the ends of words are looked at: "Unite d State s".
    """
    text = characters.text
    ends = [match.end() - 2 for match in _LONE_END.finditer(text)]
    if len(ends) < _MANY_LONE * text.count(" ") or len(ends) < _FEWEST_LONE:
        return
    for position in ends:
        before, after = characters.glyph(position - 1), characters.glyph(position + 1)
        usual = before.x - characters.end(position - 2)
        gap = after.x - characters.end(position - 1)
        if characters.is_made_up(position) and gap <= usual + _HARDLY * before.size:
            yield Edit(position, position + 1, "")


def spaced_words(characters: Characters) -> Iterator[Edit]:
    """Yield the words that are set letter by letter; between two of them the gap is wider than between letters."""
    for match in letters.SPACED.finditer(characters.text):
        positions = range(match.start(), match.end(), 2)
        gaps = [characters.glyph(after).x - characters.end(before) for before, after in pairwise(positions)]
        usual = median(gaps)
        widest = max(_WIDER * usual, usual + _A_SPACE * characters.glyph(match.start()).size)
        marked = [" " if gap > widest else "" for gap in gaps]
        whole = "".join(f"{space}{characters.text[at]}" for space, at in zip(["", *marked], positions, strict=True))
        if letters.are_words(whole.split()):
            yield Edit(match.start(), match.end(), whole)


def lines_of(
    characters: Characters, edits: Sequence[Edit], breaks: Mapping[int, int], box: Box, rotation: int
) -> Iterator[Line]:
    """Yield the lines that are inside `box` (left, bottom, right, top), with the edits made."""
    text, begin = characters.text, 0
    ordered = sorted(edits, key=lambda edit: (edit.start, edit.end))
    ends = [match.span() for match in _END.finditer(text) if match.start() not in breaks]
    done = 0
    for end, following in [*ends, (len(text), len(text))]:
        mine = []
        while done < len(ordered) and ordered[done].start <= end:
            mine.append(ordered[done])
            done += 1
        if (line := _line(characters, begin, end, mine, box, rotation)) is not None:
            yield line
        begin = following


def _goes_on(characters: Characters, last: int, following: int) -> bool:
    (x, y), (x_after, y_after) = characters.place(last), characters.place(following)
    # Where a line does end, the next begins far away; so few need a closer look.
    if abs(x_after - x) > _FARTHEST or abs(y_after - y) > _FARTHEST:
        return False
    before, after = characters.glyph(last), characters.glyph(following)
    size = max(before.size, after.size)
    is_beside = before.direction == after.direction and abs(after.y - before.y) < _FAR_DOWN * size
    if not is_beside or before.is_on_line_of(after):
        return False
    return -_FAR_BACK * size < after.x - characters.end(last) < _FAR_ON * size


def _line(characters: Characters, start: int, end: int, edits: Sequence[Edit], box: Box, rotation: int) -> Line | None:
    """Return the line of these characters, None when there are none or they are beside the page."""
    text = characters.text
    shown = text[start:end]
    first, last = end - len(shown.lstrip()), start + len(shown.rstrip()) - 1
    if first > last:
        return None
    places = [characters.place(first), characters.place(last)]
    if not all(_is_inside(place, box) for place in places):
        inside = [position for position in range(first, last + 1) if _is_inside(characters.place(position), box)]
        if not inside:
            return None
        first, last = inside[0], inside[-1]
        start, end = first, last + 1
        places = [characters.place(first), characters.place(last)]
    size = characters.glyph(first).size
    if (middle := characters.glyph((first + last) // 2).size) != size:
        size = median((size, middle, characters.glyph(last).size))
    left, bottom, right, top = box
    turns = rotation // 90 % 4
    x, y = places[0]
    height = (y - bottom, right - x, top - y, x - left)[turns]
    end_at = max((x - left, y - bottom, right - x, top - y)[turns] for x, y in places)
    return Line(_with(text, start, end, edits).strip(), round(size, 1), height, end_at)


def _is_inside(place: tuple[float, float], box: Box) -> bool:
    left, bottom, right, top = box
    return left - 1 <= place[0] <= right + 1 and bottom - 1 <= place[1] <= top + 1


def _with(text: str, start: int, end: int, edits: Sequence[Edit]) -> str:
    parts, at = [], start
    for edit in edits:
        if edit.start < at:
            continue
        parts += [text[at : edit.start], edit.text]
        at = edit.end
    return "".join([*parts, text[at:end]])
