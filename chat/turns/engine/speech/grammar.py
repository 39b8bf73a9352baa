"""Reads phrases as they are written in the files of languages, and finds them in a message.

A phrase is words; `(a|b)` is one of several, `[a|b]` one of several or none. Commas and new lines part phrases.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chat.turns.engine.speech.folding import spellings, words_of

_SIGNS = re.compile(r"([()\[\]|])")
_CLOSING = {"(": ")", "[": "]"}


@dataclass(slots=True, eq=False)
class Node:
    """A place within phrases: where words lead, where one may go without a word, which phrases end here.

    There are some 140,000, nearly all with one way on: tuples, empty ones shared, take a third of dicts and sets.
    """

    words: tuple[tuple[str, Node], ...] = ()
    free: tuple[Node, ...] = ()
    ends: tuple[str, ...] = ()


class Grammar:
    """The phrases of a language, by name."""

    def __init__(self) -> None:
        self.begins: dict[str, list[Node]] = {}
        self.words: set[str] = set()

    def add(self, name: str, phrases: str) -> None:
        """Take phrases in; `name` is what `found_at` says of them."""
        for phrase in re.split(r"[,\n]", phrases):
            if phrase.strip():
                self._add(name, phrase.strip())

    def found_at(self, words: Sequence[str], start: int) -> Iterator[tuple[int, str]]:
        """Yield where a phrase that begins at `start` ends, and its name; the longest come last."""
        places = self.begins.get(words[start], []) if start < len(words) else []
        for end in range(start + 1, len(words) + 1):
            reached = _closure(places)
            for name in sorted({name for node in reached for name in node.ends}):
                yield end, name
            if end == len(words) or not reached:
                return
            places = [after for node in reached for word, after in node.words if word == words[end]]

    def _add(self, name: str, phrase: str) -> None:
        start = Node()
        parts, rest = _sequence(_SIGNS.split(phrase), 0)
        if rest:
            raise ValueError(f"A bracket too many in {phrase!r}")
        for end in self._built(parts, [start]):
            end.ends += (name,)
        for node in _closure([start]):
            if node.ends:
                raise ValueError(f"A phrase without a word: {phrase!r}")
            for word, after in node.words:
                self.begins.setdefault(word, []).append(after)

    def _built(self, parts: Sequence[_Part], places: list[Node]) -> list[Node]:
        for part in parts:
            end = Node()
            for alternative in part.alternatives:
                for last in self._path(alternative, places):
                    last.free += (end,)
            if part.is_optional:
                for place in places:
                    place.free += (end,)
            places = [end]
        return places

    def _path(self, alternative: str | list[_Part], places: list[Node]) -> list[Node]:
        if isinstance(alternative, list):
            begin = Node()
            for place in places:
                place.free += (begin,)
            return self._built(alternative, [begin])
        ends: list[Node] = []
        for spelling in spellings(alternative):
            words = words_of(spelling)
            self.words.update(words)
            here = places
            for word in words:
                after = Node()
                for place in here:
                    place.words += ((word, after),)
                here = [after]
            ends += here
        return ends


@dataclass(frozen=True, slots=True)
class _Part:
    """One of several texts, or of several sequences of parts."""

    alternatives: tuple[str | list[_Part], ...]
    is_optional: bool = False


def _sequence(pieces: Sequence[str], start: int) -> tuple[list[_Part], int]:
    """Return the parts that begin at a piece, and where what closes or parts them stands; 0 at the end."""
    parts: list[_Part] = []
    place = start
    while place < len(pieces):
        piece = pieces[place]
        if piece in _CLOSING:
            alternatives: list[str | list[_Part]] = []
            closing = _CLOSING[piece]
            while pieces[place] != closing:
                inner, place = _sequence(pieces, place + 1)
                if not place:
                    raise ValueError(f"No {closing} in {''.join(pieces)!r}")
                alternatives.append(inner)
            parts.append(_Part(tuple(alternatives), is_optional=piece == "["))
        elif piece in {")", "]", "|"}:
            return parts, place
        elif piece.strip():
            parts.append(_Part((piece.strip(),)))
        place += 1
    return parts, 0


def _closure(places: Sequence[Node]) -> list[Node]:
    """Return the places, and those that one gets to from them without a word."""
    reached: dict[int, Node] = {}
    ahead = list(places)
    while ahead:
        node = ahead.pop()
        if id(node) not in reached:
            reached[id(node)] = node
            ahead += node.free
    return list(reached.values())
