"""Decides whether the hyphen at the end of a line belongs to the word, by how the document writes it elsewhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property

from datasets.ingestion.readers.pdf.values import BROKEN

_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_FIRST_LETTERS = re.compile(r"[^\W\d_]*")
_SHORTEST_WORD = 3
# They tie a word on: with one of these before, the hyphen is the word's own.
_TIES = frozenset("-‐.@_/\\")
# English words that make compounds far more often than they begin a longer word, and the ends that this word can have
_BEGINNINGS = (
    "all anti close cost cross data end ex first fine four full half hard high large left life long low machine mid "
    "multi non off on one open peer pre pseudo quasi real right second self semi short single small soft state sub "
    "third three top two user vice well work world zero"
)
_ENDINGS = (
    "able age ages ate ates ation ations dom ed en ened ener eners ening er ers est ever fold ful ground hood house "
    "how ible ics ify ing ings ish ism ist ists ition itions ity ive ize ized izes ization land lands less light "
    "lighted lights ling lings ly man ment ments most ness over place places port put ry ship ships side sion sions "
    "some tion tions tity ties ton ty ual ually um ure ures ward wards ware way ways where wide wise ory ories ous "
    "al ally als ance ant ent ents ence ial ially ian ible ibly ic ical ically ious ia ial ium"
)
_LATER_PARTS = (
    "aware based bound centric compliant defined dependent dimensional domain driven efficient enabled free friendly "
    "grained intensive level oriented owned quality related rich scale sensitive sized source specific term time "
    "trained tuned type year"
)
_SEPARABLE = "co de dis en in inter mis over pre re sub un under"
_OWN_BEGINNINGS, _OWN_ENDINGS = frozenset(_BEGINNINGS.split()), frozenset(_ENDINGS.split())
_OWN_LATER_PARTS, _NOT_BEFORE = frozenset(_LATER_PARTS.split()), frozenset(_SEPARABLE.split())


class Hyphens:
    """Knows the words of a document, and so which of them have a hyphen; looks for them when a word is broken."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @cached_property
    def _words(self) -> Counter[str]:
        words: Counter[str] = Counter()
        for text in self._texts:
            whole = _without_broken(text) if BROKEN in text else text
            # What stands before a hyphen at the end is a part as well.
            whole = whole.replace("‐", "-").rstrip()
            words.update(_WORD.findall(whole.removesuffix(_last_word(whole)) if whole.endswith("-") else whole))
        return words

    @cached_property
    def _folded(self) -> Counter[str]:
        folded: Counter[str] = Counter()
        for word, count in self._words.items():
            folded[word.casefold()] += count
        return folded

    def whole(self, text: str) -> str:
        """Return `text` with each broken word in one piece."""
        first, *others = text.split(BROKEN)
        parts = [first]
        for piece in others:
            right = piece.lstrip("\r\n ")
            hyphen = "-" if self.keeps(_last_word(parts[-1]), _first_word(right)) else ""
            parts.append(f"{hyphen}{right}")
        return "".join(parts)

    def keeps(self, left: str, right: str) -> bool:
        """Whether the word that is `left` before the break and `right` after it has a hyphen between them."""
        first, second = _FIRST_LETTERS.match(left[::-1]), _FIRST_LETTERS.match(right)
        before, after = (first[0][::-1] if first else ""), (second[0] if second else "")
        outside = left[: len(left) - len(before)][-1:]
        if not before or not after or outside.isdigit() or outside in _TIES or right[len(after) :][:1] in {"-", "‐"}:
            # A number, a sign, or a word of more parts
            return True
        joined = self._folded[(before + after).casefold()]
        apart = self._folded[f"{before}-{after}".casefold()]
        if joined or apart:
            return apart > joined
        if after[0].isupper():
            return not (before + after).isupper()
        return _is_compound(before.lower(), after.lower()) or (self._is_word(before) and self._is_word(after))

    def _is_word(self, part: str) -> bool:
        """Whether the document has this as a word of its own, written so: a German noun's end is none."""
        return len(part) >= _SHORTEST_WORD and bool(self._words[part])


def _is_compound(first: str, second: str) -> bool:
    if second in _OWN_LATER_PARTS:
        return first not in _NOT_BEFORE
    return first in _OWN_BEGINNINGS and len(second) > _SHORTEST_WORD and second not in _OWN_ENDINGS


def _without_broken(text: str) -> str:
    """Return `text` without the words that are broken, of which only parts are there."""
    parts = text.split(BROKEN)
    middle = [part.lstrip("\r\n ") for part in parts]
    kept = [part if index == 0 else part[len(_first_word(part)) :] for index, part in enumerate(middle)]
    return " ".join(
        part if index == len(kept) - 1 else part[: len(part) - len(_last_word(part))] for index, part in enumerate(kept)
    )


def _last_word(text: str) -> str:
    return text[max(text.rfind(" "), text.rfind("\n")) + 1 :]


def _first_word(text: str) -> str:
    return text.split(maxsplit=1)[0] if text[:1].strip() else ""
