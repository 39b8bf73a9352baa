"""What differs between two texts, line by line and word by word, for people to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]
Part = tuple[str, bool]
Opcode = tuple[str, int, int, int, int]

_WORDS = re.compile(r"\s+|[^\s]+")
# Lines less alike than this are shown as replaced, not as changed word by word.
ALIKE = 0.4
# Comparing takes time that grows with the square of what is compared, or worse.
MOST_WORDS = 400
MOST_CHANGED_WORDS = 2000
MOST_LINES = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what became of it, and its text in parts, each with whether it is what changed."""

    kind: Kind
    parts: tuple[Part, ...]


def diff_lines(before: str, after: str) -> list[Line]:
    """Return the lines of both texts in order; a changed line is its old form, then its new one."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    room = _Room(MOST_CHANGED_WORDS)
    for tag, a, b, c, d in _opcodes(old, new):
        if tag == "equal":
            found += [_whole("same", line) for line in old[a:b]]
        elif tag == "replace" and b - a == d - c:
            for one, other in zip(old[a:b], new[c:d], strict=True):
                found += _changed(one, other, room)
        else:
            found += [_whole("removed", line) for line in old[a:b]]
            found += [_whole("added", line) for line in new[c:d]]
    return found


def _opcodes(old: list[str], new: list[str]) -> Iterator[Opcode]:
    """Yield what became of which lines; of very many between the first and the last that differ, that all changed."""
    first = next(
        (at for at, (one, other) in enumerate(zip(old, new, strict=False)) if one != other), min(len(old), len(new))
    )
    rest = zip(reversed(old[first:]), reversed(new[first:]), strict=False)
    last = next((at for at, (one, other) in enumerate(rest) if one != other), min(len(old), len(new)) - first)
    a, b, c, d = first, len(old) - last, first, len(new) - last
    yield "equal", 0, first, 0, first
    if max(b - a, d - c) > MOST_LINES:
        yield "delete", a, b, c, c
        yield "insert", b, b, c, d
    else:
        for tag, i, j, k, m in SequenceMatcher(None, old[a:b], new[c:d]).get_opcodes():
            yield tag, a + i, a + j, c + k, c + m
    yield "equal", b, len(old), d, len(new)


@dataclass(slots=True)
class _Room:
    """How many words may still be compared; the lines of a text share it."""

    left: int

    def has(self, words: int) -> bool:
        self.left -= words
        return self.left >= 0


def _changed(before: str, after: str, room: _Room) -> list[Line]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    most = max(len(old), len(new))
    if most > MOST_WORDS or not room.has(most):
        return [_whole("removed", before), _whole("added", after)]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    if matcher.ratio() < ALIKE:
        return [_whole("removed", before), _whole("added", after)]
    codes = matcher.get_opcodes()
    removed = _parts((old[a:b], tag != "equal") for tag, a, b, _, _ in codes)
    added = _parts((new[c:d], tag != "equal") for tag, _, _, c, d in codes)
    return [Line("removed", removed), Line("added", added)]


def _parts(pieces: Iterator[tuple[list[str], bool]]) -> tuple[Part, ...]:
    return tuple(("".join(words), is_changed) for words, is_changed in pieces if words)


def _whole(kind: Kind, line: str) -> Line:
    return Line(kind, ((line, False),))
