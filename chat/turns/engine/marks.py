"""Reads the marks by which a model cites its passages, while the answer is streamed."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from chat.turns.engine.code import CodeTracker

# The number of no passage: by it a model admits that the passages do not hold the answer.
NOTHING = 0
LONGEST_MARK = 64
_MOST_IN_A_RANGE = 20

_WORD = (
    r"(?:sources?|passages?|documents?|docs?|refs?|references?|citations?|cit|quellen?|belege?|fuentes?|fonti|fonte|"
    r"bron(?:nen)?|källa|kilde|kaynak|источник|مصدر|المصدر|来源|來源|出典|출처)"
)
_NUMBER = r"\d{1,3}"
_LIST = rf"{_NUMBER}(?:\s{{0,3}}[,;–-]\s{{0,3}}\^?(?:{_WORD}\s{{0,2}})?{_NUMBER}){{0,15}}"
# [1], [1, 3], [1-3], [^1], [Source 1], 【1】, 【1†source】, ［1］
_MARK = re.compile(
    rf"[\[［]\s{{0,3}}\^?(?:{_WORD}\s{{0,2}}[:.#]?\s{{0,2}})?(?P<list>{_LIST})\s{{0,3}}[\]］]"
    rf"|【\s{{0,3}}(?:{_WORD}\s{{0,2}})?(?P<wide>{_NUMBER})(?:[:†][^】\n]{{0,48}})?\s{{0,3}}】",
    re.IGNORECASE,
)
_PLAIN = re.compile(rf"\[\s{{0,3}}{_NUMBER}(?:\s{{0,3}}[,;]\s{{0,3}}{_NUMBER}){{0,15}}\s{{0,3}}\]")
_STEP = re.compile(rf"({_NUMBER})(?:\s{{0,3}}[–-]\s{{0,3}}({_NUMBER}))?")
_OPENERS = frozenset("[［【")
_CLOSERS = frozenset("]］】")


class MarkReader:
    """Tells words from marks, however the stream has cut them: text to show, and the numbers that it cites.

    A mark of numbers that were in the prompt is a citation and is shown as `[1]`, whichever way the model wrote it. One
    of other numbers leads nowhere and is taken off, `[0]` too, unless it follows a word directly, as in `rows[7]`.
    Code is code: nothing in it is a mark.
    """

    def __init__(self, known: Container[int]) -> None:
        self.is_admitted = False
        self._known = known
        self._seen: set[int] = set()
        self._held = ""
        self._code = CodeTracker()
        self._before = ""  # the last character that was given out
        self._has_begun = False
        self._drops_space = False

    @property
    def has_cited(self) -> bool:
        """Whether a passage was cited so far."""
        return bool(self._seen)

    def feed(self, text: str) -> Iterator[str | int]:
        """Take the next piece; yield the text that can be shown and, after its mark, each number cited first."""
        yield from self._read(self._held + text, is_last=False)

    def finish(self) -> Iterator[str | int]:
        """The answer has ended: yield what was held back."""
        yield from self._read(self._held, is_last=True)

    def _read(self, text: str, *, is_last: bool) -> Iterator[str | int]:
        self._held = ""
        start = position = 0
        while position < len(text):
            if text[position] not in _OPENERS or self._code.is_inside:
                taken = self._code.take(text, position, is_last=is_last)
                if not taken:
                    break
                position += taken
                continue
            if not (mark := _MARK.match(text, position)):
                if not is_last and _may_become_mark(text, position):
                    break
                position += self._code.take(text, position, is_last=is_last) or 1
                continue
            yield from self._show(text[start:position])
            yield from self._cite(mark)
            start = position = mark.end()
            self._code.pass_over()
        yield from self._show(text[start:position])
        self._held = text[position:]

    def _cite(self, mark: re.Match[str]) -> Iterator[str | int]:
        numbers = _numbers(mark["list"] or mark["wide"])
        known = [number for number in numbers if number in self._known]
        if not known:
            if numbers != [NOTHING] and (self._before.isalnum() or self._before in ("_", ")", "]")):
                yield from self._show(mark[0])
                return
            self.is_admitted = self.is_admitted or NOTHING in numbers
            self._drops_space = not self._before or self._before.isspace()
            return
        is_plain = len(known) == len(numbers) and _PLAIN.fullmatch(mark[0])
        yield from self._show(mark[0] if is_plain else "".join(f"[{number}]" for number in known))
        for number in known:
            if number not in self._seen:
                self._seen.add(number)
                yield number

    def _show(self, text: str) -> Iterator[str]:
        if self._drops_space and text:
            shorter = text.lstrip(" ") if self._has_begun else text.lstrip()
            self._drops_space = not shorter
            text = shorter
        if text:
            self._before = text[-1]
            self._has_begun = self._has_begun or not text.isspace()
            yield text


def _may_become_mark(text: str, position: int) -> bool:
    """Say whether what begins at `position` has not ended yet and may still be a mark."""
    rest = text[position + 1 : position + LONGEST_MARK]
    return len(text) - position < LONGEST_MARK and not any(each in _CLOSERS or each in "\n`" for each in rest)


def _numbers(listed: str) -> list[int]:
    numbers: list[int] = []
    for first, last in _STEP.findall(listed):
        low, high = int(first), int(last or first)
        numbers += range(low, high + 1) if low <= high < low + _MOST_IN_A_RANGE else [low, high]
    return list(dict.fromkeys(numbers))


def places(text: str, known: Container[int]) -> Iterator[tuple[int, int, list[int]]]:
    """Yield where the marks stand in a text that was shown, which numbers each cites, and none that stands in code.

    A place is the first character of the mark and the one after its last.
    """
    code = CodeTracker()
    position = 0
    while position < len(text):
        mark = None if code.is_inside or text[position] != "[" else _PLAIN.match(text, position)
        numbers = _numbers(mark[0]) if mark else []
        if mark and all(number in known for number in numbers):
            yield mark.start(), mark.end(), numbers
            code.pass_over()
            position = mark.end()
        else:
            position += code.take(text, position, is_last=True) or 1
