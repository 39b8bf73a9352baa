"""Leaves out of Markdown what no reader of it sees, and writes out what its marks and tags change the meaning of.

Comments and struck-out text go, raised and lowered text is written as such, and links by reference get their target.
Code is left as it is.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from operator import itemgetter
from typing import Final

from datasets.ingestion.readers.typography import subscript, superscript

_FENCE = re.compile(r"\A {0,3}(?:(`{3,})[^`]*\Z|(~{3,}))")
_TICKS = re.compile(r"`+")
_STRUCK = re.compile(r"(?<![~\\])~~(?=[^\s~])[^~]{1,2000}~~(?!~)")
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]{0,15})((?:\s[^<>]{0,500})?)/?>")
_DATA_TARGET = re.compile(r"\]\(\s{0,9}<?data:[^\s()\[\]]*[^()\[\]\n]{0,200}\)")
_DEFINITION = re.compile(
    r"\A {0,3}\[([^\[\]^][^\[\]]{0,200})\]:[ \t]{0,9}(?:<([^<>\n]{0,500})>|(\S{1,500}))[ \t]*(?:[\"'(].{0,300})?\Z"
)
_REFERENCE = re.compile(r"(?<![\\\]!])(\[[^\[\]\n]{1,300}\])(?:\[([^\[\]\n]{0,200})\])?(?![\[(:])")
_HIDDEN = re.compile(
    r"\shidden(?![\w-])|display\s{0,3}:\s{0,3}none|visibility\s{0,3}:\s{0,3}hidden|line-through", re.IGNORECASE
)
_STRUCK_TAGS: Final = frozenset({"s", "strike", "del"})
_SCRIPTS: Final = {"sup": superscript, "sub": subscript}
_VOID: Final = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
_OPENING, _CLOSING = "<!--", "-->"


def fence_of(line: str) -> str:
    """Return the run of signs by which the line opens a fence of code, "" if it opens none."""
    match = _FENCE.match(line)
    return (match[1] or match[2]) if match else ""


def closes(line: str, fence: str) -> bool:
    """Whether the line ends the code that began with `fence`."""
    signs = line.strip()
    return len(signs) >= len(fence) and signs == fence[0] * len(signs) and not line.startswith("    ")


def visible_lines(lines: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Yield each line as its reader sees it, and whether it is code."""
    lines = _without_comments(lines)
    targets = dict(_definitions(lines))
    paragraph: list[str] = []
    fence = ""
    for line in lines:
        if fence or (opens := fence_of(line)):
            yield from _shown(paragraph, targets)
            paragraph = []
            yield line, True
            fence = ("" if closes(line, fence) else fence) if fence else opens
        elif not line.strip():
            yield from _shown(paragraph, targets)
            paragraph = []
            yield line, False
        elif not _is_definition(line):
            paragraph.append(line)
    yield from _shown(paragraph, targets)


def _shown(paragraph: Sequence[str], targets: Mapping[str, str]) -> Iterator[tuple[str, bool]]:
    if paragraph:
        for line in _inline("\n".join(paragraph), targets).split("\n"):
            yield line, False


def _without_comments(lines: Sequence[str]) -> list[str]:
    """Leave out comments, also over several lines; one that is never closed is text."""
    last = max((index for index, line in enumerate(lines) if _CLOSING in line), default=-1)
    kept: list[str] = []
    fence, inside = "", False
    for index, line in enumerate(lines):
        if fence:
            kept.append(line)
            fence = "" if closes(line, fence) else fence
            continue
        text, inside, touched = _line_without_comments(line, inside, may_open=index <= last)
        if not touched:
            fence = fence_of(line)
        if not touched or text.strip():
            kept.append(text)
    return kept


def _line_without_comments(line: str, inside: bool, *, may_open: bool) -> tuple[str, bool, bool]:
    """Return what of the line is no comment, whether a comment goes on after it, and whether there was any."""
    if not inside and _OPENING not in line:
        return line, False, False
    codes = [] if inside else _code_spans(line)
    parts: list[str] = []
    place = 0
    while place < len(line):
        if inside:
            end = line.find(_CLOSING, place)
            if end < 0:
                return "".join(parts), True, True
            place, inside = end + len(_CLOSING), False
            continue
        start = line.find(_OPENING, place)
        while start >= 0 and (end := _end_of_code(codes, start)):
            start = line.find(_OPENING, end)
        if start < 0 or not (may_open or _CLOSING in line[start:]):
            parts.append(line[place:])
            break
        parts.append(line[place:start])
        place, inside = start + len(_OPENING), True
    return "".join(parts), inside, True


def _end_of_code(codes: Sequence[tuple[int, int]], place: int) -> int:
    """Return where the code ends that a place is in, 0 if it is in none."""
    index = bisect_right(codes, place, key=itemgetter(0)) - 1
    return codes[index][1] if index >= 0 and place < codes[index][1] else 0


def _code_spans(text: str) -> list[tuple[int, int]]:
    """Return where code between backticks is: a run of them to the next one of the same length."""
    runs = [(match.start(), match.end()) for match in _TICKS.finditer(text)]
    by_length: dict[int, list[int]] = defaultdict(list)
    for number, (start, end) in reversed(list(enumerate(runs))):
        by_length[end - start].append(number)
    spans: list[tuple[int, int]] = []
    number = 0
    while number < len(runs):
        start, end = runs[number]
        alike = by_length[end - start]
        while alike and alike[-1] <= number:
            alike.pop()
        if alike:
            number = alike[-1]
            spans.append((start, runs[number][1]))
        number += 1
    return spans


def _inline(text: str, targets: Mapping[str, str]) -> str:
    parts: list[str] = []
    place = 0
    codes = iter([*_code_spans(text), (len(text), len(text))])
    tags = _Tags()
    for start, end in codes:
        parts.append(tags.shown(_marks(text[place:start], targets)))
        parts.append(tags.code(text[start:end]))
        place = end
    return "".join([*parts, tags.rest()])


def _marks(text: str, targets: Mapping[str, str]) -> str:
    text = _DATA_TARGET.sub("]", _STRUCK.sub("", text))
    return _REFERENCE.sub(lambda match: _with_target(match, targets), text) if targets else text


def _with_target(match: re.Match[str], targets: Mapping[str, str]) -> str:
    target = targets.get(_label(match[2] or match[1][1:-1]))
    return f"{match[1]}({target})" if target else match[0]


def _definitions(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    fence = ""
    for line in lines:
        if fence or (opens := fence_of(line)):
            fence = ("" if closes(line, fence) else fence) if fence else opens
        elif match := _DEFINITION.match(line):
            yield _label(match[1]), match[2] or match[3]


def _is_definition(line: str) -> bool:
    return "]:" in line and bool(_DEFINITION.match(line))


def _label(text: str) -> str:
    return " ".join(text.split()).casefold()


class _Tags:
    """Follows the tags of HTML in Markdown: what is struck out or hidden is left out, what is raised is written so."""

    def __init__(self) -> None:
        self._hiding: list[str] = []
        self._script = ""
        self._raised: list[str] = []
        self._hidden: list[str] = []

    def shown(self, text: str) -> str:
        """Return what of the text is seen."""
        parts: list[str] = []
        place = 0
        for match in _TAG.finditer(text):
            self._add(parts, text[place : match.start()])
            self._take(parts, match)
            place = match.end()
        self._add(parts, text[place:])
        return "".join(parts)

    def code(self, text: str) -> str:
        """Return code if it is seen."""
        parts: list[str] = []
        self._add(parts, text)
        return "".join(parts)

    def rest(self) -> str:
        """Return what was begun and never ended: such tags mean nothing."""
        return "".join([*self._raised, *self._hidden])

    def _add(self, parts: list[str], text: str) -> None:
        (self._hidden if self._hiding else self._raised if self._script else parts).append(text)

    def _take(self, parts: list[str], match: re.Match[str]) -> None:
        tag, closes = match[2].lower(), bool(match[1])
        if self._hiding:
            self._inside_hidden(tag, closes)
        elif not closes and tag not in _VOID and (tag in _STRUCK_TAGS or (match[3] and _HIDDEN.search(match[3]))):
            self._hiding.append(tag)
        elif tag in _SCRIPTS:
            raised, self._raised = "".join(self._raised), []
            parts.append(_SCRIPTS[self._script](raised) if self._script else raised)
            self._script = "" if closes else tag
        else:
            self._add(parts, match[0])

    def _inside_hidden(self, tag: str, closes: bool) -> None:
        if tag == self._hiding[-1] and closes:
            self._hiding.pop()
        elif tag == self._hiding[-1]:
            self._hiding.append(tag)
        if not self._hiding:
            self._hidden = []
