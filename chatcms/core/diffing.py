"""What differs between two texts, line by line and word by word, for people to read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]
Part = tuple[str, bool]

_WORDS = re.compile(r"\s+|[^\s]+")
# Lines less alike than this are shown as replaced, not as changed word by word.
ALIKE = 0.4
# Comparing takes time that grows with the square of what is compared.
MOST_WORDS = 400


@dataclass(frozen=True, slots=True)
class Line:
    """One line: what became of it, and its text in parts, each with whether it is what changed."""

    kind: Kind
    parts: tuple[Part, ...]


def diff_lines(before: str, after: str) -> list[Line]:
    """Return the lines of both texts in order; a changed line is its old form, then its new one."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            found += [Line("same", ((line, False),)) for line in old[a:b]]
        elif tag == "replace" and b - a == d - c:
            for one, other in zip(old[a:b], new[c:d], strict=True):
                found += _changed(one, other)
        else:
            found += [_whole("removed", line) for line in old[a:b]]
            found += [_whole("added", line) for line in new[c:d]]
    return found


def _changed(before: str, after: str) -> list[Line]:
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if max(len(old), len(new)) > MOST_WORDS:
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
