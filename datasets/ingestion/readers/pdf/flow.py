"""Puts the lines of pages together: sentences that go over a line or a page are in one piece."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from datasets.ingestion.readers.pdf.hyphens import Hyphens
from datasets.ingestion.readers.pdf.sentences import end_of_sentence, goes_on, is_same_size, joint, typical_length
from datasets.ingestion.readers.pdf.values import BROKEN, Line, Page

# What of a sentence is looked for on the next page
_MOST_LINES, _MOST_CHARACTERS = 15, 1500
_HYPHENS = ("-", "‐", "\u00ad")
# A page's text begins or ends, for a sentence, within so many lines: notes and figures stand outside.
_OUTSIDE = 25


def join(pages: Sequence[Page], hyphens: Hyphens) -> None:
    """Move the end of each sentence that goes over a page to the page on which it begins, and join broken lines."""
    body = _body_size(pages)
    previous: Page | None = None
    for page in pages:
        if not page.lines:
            continue
        if previous is not None:
            _carry(previous, page, body)
        if page.lines:
            previous = page
    for page in pages:
        page.lines = _joined(page.lines, hyphens)


def _body_size(pages: Sequence[Page]) -> float:
    """Return the size of the letters that most of the text is set in."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[round(line.size * 2) / 2] += len(line.text)
    return max(sizes, key=lambda size: sizes[size], default=0.0)


def _carry(page: Page, following: Page, body: float) -> None:
    """Move what ends the last sentence of `page` from `following`, where it is found."""
    last, first = _last(page.lines, body), _first(following.lines, body)
    full, full_after = typical_length(page.lines), typical_length(following.lines)
    for start in dict.fromkeys((first, 0)):
        before, after = page.lines[last], following.lines[start]
        is_broken = _is_broken(before.text, after.text) and is_same_size(before, after)
        # What comes after a figure, and not first on its page, has to be sure.
        is_sure = start == 0 or after.text[:1].islower()
        if is_broken or (is_sure and goes_on(before, after, full=full, full_after=full_after)):
            _move(page, last, following, start)
            return


def _move(page: Page, last: int, following: Page, start: int) -> None:
    taken, rest = _end_of(following.lines, start, typical_length(following.lines))
    if not taken:
        return
    line = page.lines[last]
    page.lines[last] = line.with_text(_put_together([line.text, *taken]))
    following.lines = following.lines[:start] + rest + following.lines[start + len(taken) :]


def _end_of(lines: Sequence[Line], start: int, full: int) -> tuple[list[str], list[Line]]:
    """Return the texts of the lines that the sentence goes on in, and what is left of the last of them."""
    taken: list[str] = []
    size = 0
    for index in range(start, min(start + _MOST_LINES, len(lines))):
        line = lines[index]
        # The next word tells a point after an abbreviation from one that ends a sentence.
        ahead = lines[index + 1].text[:40] if index + 1 < len(lines) else ""
        end = end_of_sentence(f"{line.text} {ahead}")
        if end is not None and end <= len(line.text):
            rest = line.text[end:].strip()
            return [*taken, line.text[:end]], [line.with_text(rest)] if rest else []
        taken.append(line.text)
        size += len(line.text)
        is_last = index + 1 == len(lines) or not goes_on(line, lines[index + 1], full=full)
        if is_last or size > _MOST_CHARACTERS:
            return taken, []
    return taken, []


def _last(lines: Sequence[Line], body: float) -> int:
    """Return the last line in the letters of the text: small ones below are notes."""
    for index in range(len(lines) - 1, max(len(lines) - _OUTSIDE, -1), -1):
        if lines[index].size >= 0.94 * body:
            return index
    return len(lines) - 1


def _first(lines: Sequence[Line], body: float) -> int:
    for index in range(min(len(lines), _OUTSIDE)):
        if abs(lines[index].size - body) <= 0.06 * body:
            return index
    return 0


def _joined(lines: Sequence[Line], hyphens: Hyphens) -> list[Line]:
    """Return lines of which none goes on in the next, but where that is unsure."""
    full = typical_length(lines)
    joined: list[Line] = []
    parts: list[str] = []
    for index, line in enumerate(lines):
        parts.append(line.text)
        following = lines[index + 1] if index + 1 < len(lines) else None
        if following is not None and _is_one(line, following, full):
            continue
        joined.append(line.with_text(hyphens.whole(_put_together(parts))))
        parts = []
    return joined


def _is_one(line: Line, following: Line, full: int) -> bool:
    is_broken = _is_broken(line.text, following.text) and is_same_size(line, following)
    return is_broken or goes_on(line, following, full=full)


def _is_broken(text: str, following: str) -> bool:
    """Whether a line ends in the middle of a word."""
    return text.endswith((*_HYPHENS, BROKEN)) and text[-2:-1].isalnum() and following[:1].isalnum()


def _put_together(parts: Sequence[str]) -> str:
    whole = []
    for part, following in pairwise(parts):
        whole.append(f"{part[:-1]}{BROKEN}" if _is_broken(part, following) else f"{part}{joint(part, following)}")
    return "".join([*whole, parts[-1]])
