"""Finds what stands on many pages: headers, footers and page numbers, which say nothing of any one page."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice, pairwise, product
from operator import itemgetter

from datasets.ingestion.readers.pdf.values import Line, Page

_NUMBER = re.compile(r"\d+")
# Not a part of "3.1" or "2020-12"
_FIRST_NUMBER, _LAST_NUMBER = re.compile(r"(\d{1,4})(?=\s|$)"), re.compile(r"(?:^|\s)(\d{1,4})$")
_LETTER, _LETTERS = re.compile(r"[^\W\d_]"), re.compile(r"[^\W\d_]+")
_PAGE = re.compile(
    r"(?i)\b(?:p|pg|page|s|seite|pagina|página|pág|pag|side|sida|sivu|strona|str|strana|sayfa|oldal|lap|trang|halaman|"
    r"стр|страница|сторінка|с|σελίδα|σελ|صفحة|صفحه|עמוד|หน้า|पृष्ठ)\b|[页頁쪽]|ページ|\d{1,5} ?(?:/|of|von|de|di|из|z) ?\d"
)
_TITLE_LETTERS = 12
_ROMAN = re.compile(r"(?i)[ivxlc]{1,9}")
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_AROUND = " .-–—|·[]()"
# As many lines at either end of a page are looked at even where those further out are no furniture.
_SEEN_ANYWAY = 2
_DEEPEST = 6
_LONGEST, _LONGEST_HEADER = 200, 100
# On this share of the pages from its first to its last: one side of the sheet, not always
_SHARE = 0.4
_FEWEST = 3
_FARTHEST = 4
_MOST_ALIKE = 4

_Texts = Mapping[int, Sequence[str]]


def part(pages: Sequence[Page]) -> None:
    """Take the furniture from the lines of all pages.

    The first appearance of each goes to `apart` of its page, so that nothing is lost; mere page numbers do not.
    """
    edges = [_edges(page) for page in pages]
    same, counted = _repeated(pages, edges)
    counted |= _numbered(pages, edges, counted)
    repeated = same | counted
    shown: set[str] = set()
    for page, sides in zip(pages, edges, strict=True):
        mine = _of_page(page, sides, repeated)
        for index in sorted(mine):
            line = page.lines[index]
            is_counted = (page.number, line.text) in counted
            key = _key(line.text) if is_counted else line.text
            if key not in shown and not (is_counted and _is_mere_number(line.text)):
                page.apart.append(line)
            shown.add(key)
        if mine:
            page.lines = [line for index, line in enumerate(page.lines) if index not in mine]


def _numbered(
    pages: Sequence[Page], edges: Sequence[Sequence[Sequence[int]]], counted: set[tuple[int, str]]
) -> set[tuple[int, str]]:
    """Return the outermost lines that begin or end with the page's number, as the counted ones of others show it."""
    offsets = Counter(value - number for number, text in counted for value in set(_ends(text)))
    offset, times = max(offsets.items(), key=itemgetter(1), default=(0, 0))
    if times < _FEWEST:
        return set()
    return {
        (page.number, text)
        for page, sides in zip(pages, edges, strict=True)
        for index in {side[0] for side in sides if side}
        if len(text := page.lines[index].text) <= _LONGEST_HEADER and page.number + offset in _ends(text)
    }


def _ends(text: str) -> list[int]:
    """Return the numbers that a line begins and ends with."""
    stripped = text.strip(_AROUND)
    found = (_FIRST_NUMBER.match(stripped), _LAST_NUMBER.search(stripped[-8:]))
    return [int(match[1]) for match in found if match]


def _edges(page: Page) -> list[list[int]]:
    """Return the outermost lines of a page from each end, by place and by order, from outside to inside."""
    order = list(range(len(page.lines)))
    by_height = sorted(order, key=lambda index: -page.lines[index].height)
    sides = (by_height, by_height[::-1], order, order[::-1])
    return [side[:_DEEPEST] for side in sides]


def _of_page(page: Page, sides: Iterable[Sequence[int]], repeated: set[tuple[int, str]]) -> set[int]:
    """Return the lines of the page that are furniture: with nothing but furniture further out, or nearly."""
    mine: set[int] = set()
    for side in sides:
        for depth, index in enumerate(side):
            line: Line = page.lines[index]
            if (page.number, line.text) in repeated:
                mine.add(index)
            elif depth >= _SEEN_ANYWAY - 1:
                break
    return mine


def _repeated(
    pages: Sequence[Page], edges: Sequence[Sequence[Sequence[int]]]
) -> tuple[set[tuple[int, str]], set[tuple[int, str]]]:
    """Return the lines that repeat word for word, and those that count the pages; each with the number of its page."""
    places: dict[str, dict[int, list[str]]] = defaultdict(dict)
    for page, sides in zip(pages, edges, strict=True):
        for index in sorted({index for side in sides for index in side}):
            text = page.lines[index].text
            if len(text) <= _LONGEST:
                alike = places[_key(text)].setdefault(page.number, [])
                if text not in alike:
                    alike.append(text)
    total = sum(bool(page.lines) for page in pages)
    same: set[tuple[int, str]] = set()
    counted: set[tuple[int, str]] = set()
    for texts in places.values():
        if len(texts) >= min(_FEWEST, max(total, 2)):
            same |= _same(texts, total)
            counted |= _counted(texts, total)
    return same, counted


def _same(texts: _Texts, total: int) -> set[tuple[int, str]]:
    groups: dict[str, list[int]] = defaultdict(list)
    for number, alike in sorted(texts.items()):
        for text in alike:
            groups[text].append(number)
    return {(number, text) for text, numbers in groups.items() if _is_often(numbers, total) for number in numbers}


def _is_often(numbers: Sequence[int], total: int) -> bool:
    if len(numbers) < _FEWEST:
        return len(numbers) == total == 2
    return len(numbers) >= _SHARE * (numbers[-1] - numbers[0] + 1)


def _counted(texts: _Texts, total: int) -> set[tuple[int, str]]:
    """Return the lines whose number goes on with the pages: "12", "Page 12 of 90", "xii"."""
    found: set[tuple[int, str]] = set()
    for before, after in pairwise(sorted(texts)):
        if after - before > _FARTHEST:
            continue
        for earlier, later in product(*(islice(texts[number], _MOST_ALIKE) for number in (before, after))):
            if not (_is_mere_number(earlier) or _names_pages(earlier)):
                continue
            if _goes_on(earlier, later, after - before):
                found |= {(before, earlier), (after, later)}
    pages = len({number for number, _ in found})
    is_enough = pages >= min(_FEWEST, total) and pages >= _SHARE * len(texts)
    return found if is_enough else set()


def _goes_on(earlier: str, later: str, pages: int) -> bool:
    """Whether one number of the line is larger by as many pages, and all others are the same."""
    pairs = list(zip(_counters(earlier), _counters(later), strict=False))
    return [after - before for before, after in pairs if before != after] == [pages]


def _names_pages(text: str) -> bool:
    """Whether words beside a number say that it is a page's, or are a title; "Question 3" is neither."""
    return bool(_PAGE.search(text)) or sum(map(len, _LETTERS.findall(text))) >= _TITLE_LETTERS


def _counters(text: str) -> list[int]:
    stripped = text.strip(_AROUND)
    if _ROMAN.fullmatch(stripped):
        return [_roman(stripped.lower())]
    return [int(number) for number in _NUMBER.findall(text) if len(number) <= 6]


def _roman(numeral: str) -> int:
    values = [_ROMAN_DIGITS[letter] for letter in numeral]
    return sum(-value if value < after else value for value, after in zip(values, [*values[1:], 0], strict=True))


def _key(text: str) -> str:
    if _ROMAN.fullmatch(text.strip(_AROUND)):
        return "#"
    return _NUMBER.sub("#", " ".join(text.split()).casefold())


def _is_mere_number(text: str) -> bool:
    return not _LETTER.search(text) or _key(text) == "#"
