"""Folds the ways in which people write one word: case, accents, apostrophes, lengthened letters."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from chatcms.core.text.safety import normalized
from datasets.folding import folded
from datasets.languages import SIMPLE

# Letters of scripts without spaces, and Hangul, whose spaces people put as they like: each is its own word.
_SINGLES = (
    ("\u0e00", "\u0eff"),
    ("\u3005", "\u30ff"),
    ("\u3130", "\u318f"),
    ("\u3400", "\u9fff"),
    ("\uac00", "\ud7a3"),
)
_APOSTROPHES = frozenset("'’‘`´ʼ′״׳\"“”«»\u200c\u200d\u200e\u200f\ufe0f")
# Besides what is folded in documents: what joins letters, and signs that draw a word out
_UNHEARD = str.maketrans("", "", "".join(_APOSTROPHES) + "ー〜~")
_HYPHENS = frozenset("-‐‑–")
_UMLAUTS = (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("å", "aa"), ("ø", "oe"))


@dataclass(frozen=True, slots=True)
class Token:
    """A folded word; `parts` are what hyphens part it into, `is_capital` says how it was written.

    `follows_comma` tells that more than white space stands before it.
    """

    text: str
    parts: tuple[str, ...] = ()
    is_capital: bool = False
    follows_comma: bool = False


def tokens_of(text: str) -> list[Token]:
    """Return the words of a message; signs and emoji are none."""
    found: list[Token] = []
    comma = False
    for run in _runs(normalized("NFKC", text)):
        if not any(map(_is_of_word, run)):
            comma = comma or any(not letter.isspace() for letter in run)
            continue
        for piece in _pieces(run):
            parts = tuple(fold(part) for part in re.split(r"[-‐‑–]", piece) if part)
            whole = "".join(parts)
            if whole:
                capital = piece[:1].isupper() or piece[:1].istitle()
                found.append(Token(whole, parts if len(parts) > 1 else (), capital, comma))
                comma = False
    return _without_runs(found)


def words_of(phrase: str) -> list[str]:
    """Return the folded words of a phrase that is written without signs between them."""
    words: list[str] = []
    for piece in phrase.split():
        folded = _words_of(piece)
        if words and folded and words[-1] == folded[0] and _is_single(folded[0]):
            folded = folded[1:]
        words += folded
    return words


@lru_cache(maxsize=4096)
def _words_of(piece: str) -> tuple[str, ...]:
    if piece.isascii() and piece.isalpha():
        return (_squeezed(piece.lower()),)
    return tuple(token.text for token in tokens_of(piece))


def fold(word: str) -> str:
    """Return the form in which words are compared: "Hiii" is "hi", "À" is "a"."""
    return _squeezed(_plain(word))


def spellings(phrase: str) -> list[str]:
    """Return a phrase as it is written and as it is written where a keyboard has no umlauts, or no joiner."""
    if phrase.isascii():
        return [phrase]
    other = phrase.lower()
    for umlaut, plain in _UMLAUTS:
        other = other.replace(umlaut, plain)
    return list(dict.fromkeys((phrase, other, phrase.replace("\u200c", " "))))


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    return folded(word.replace("İ", "i").casefold().translate(_UNHEARD), SIMPLE)


def _squeezed(word: str) -> str:
    """Return a word without repeated letters; repeated digits are another number."""
    return "".join(letter for place, letter in enumerate(word) if letter.isdigit() or letter != word[place - 1 : place])


def _without_runs(tokens: list[Token]) -> list[Token]:
    """Leave out what repeats a single letter of a script without spaces, as people do when they laugh."""
    return [
        token for place, token in enumerate(tokens)
        if not (place and token.text == tokens[place - 1].text and _is_single(token.text[0]))
    ]  # fmt: skip


def _runs(text: str) -> Iterator[str]:
    """Yield words and what stands between them, in turn."""
    start, inside = 0, False
    for place, letter in enumerate(text):
        belongs = _is_of_word(letter) or letter in _APOSTROPHES
        if not belongs and letter in _HYPHENS and inside:
            belongs = _is_of_word(text[place + 1 : place + 2])
        if belongs != inside and place > start:
            yield text[start:place]
            start = place
        inside = belongs
    if start < len(text):
        yield text[start:]


def _pieces(run: str) -> Iterator[str]:
    """Yield a run's words: each letter of a script without spaces is one, with the marks on it."""
    word = ""
    for letter in run:
        if _is_single(letter):
            if word:
                yield word
                word = ""
            yield letter
        else:
            word += letter
    if word:
        yield word


@lru_cache(maxsize=16_384)
def _is_of_word(letter: str) -> bool:
    return bool(letter) and unicodedata.category(letter)[0] in "LMN" and letter != "\ufe0f"


@lru_cache(maxsize=16_384)
def _is_single(letter: str) -> bool:
    return bool(letter) and letter >= "\u0e00" and _is_in(letter, _SINGLES)


def _is_in(letter: str, ranges: tuple[tuple[str, str], ...]) -> bool:
    return any(first <= letter <= last for first, last in ranges)
