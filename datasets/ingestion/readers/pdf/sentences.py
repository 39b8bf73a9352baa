"""Tells where a sentence goes on in the next line, over the end of a page too, and where it ends."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from datasets.ingestion.readers.pdf.values import Line

# A sentence's end, with what may close after it
_END = re.compile(r"[.!?…؟۔।॥։][\"'”’»)\]⁰¹²³⁴⁵⁶⁷⁸⁹]*(?=\s|$)|[。！？][」』”’）]*")
_ENDED = re.compile(r"(?:[.!?…؟۔।॥։:;：；][\"'”’»)\]⁰¹²³⁴⁵⁶⁷⁸⁹,]*|[。！？][」』”’）]*)$")
_BEFORE_POINT = re.compile(r"(\w{1,20})$")
_OPENING = "\"'“„«‘([¿¡"
_ITEM = re.compile(r"\A(?:[•·▪◦‣●■○➢✓*–—-]|\(?(?:\d{1,3}|[A-Za-z])(?:[.)]\d{0,2}){1,6})(?:\s|$)|\[\d+\]\s|#")
# The end of a row of a table
_FIGURES = re.compile(r"(?:\s[-−(]?\d[\d.,]*[%)]?){2}\Z")
_NUMBERED = re.compile(r"\A\d{1,3}(?:\.\d{1,3}){1,6}\.?\s")
_SHORTENED = (
    "dr mr mrs ms prof st no nr fig figs vol pp p vs al art sec eq ch cf approx ca bzw vgl abs evtl ggf usw inkl sr jr "
    "gen rep sen gov inc ltd corp co dept est jan feb mar apr jun jul aug sep sept oct nov dec tel ex bd hrsg str "
    "mme mlle av núm pág sra ing lic"
)
_ABBREVIATED = frozenset(_SHORTENED.split())
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff00-\uffef]")
_WIDE = re.compile("[\u3001-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60]")
# Marks of vowels are letters as well, which Python's own classes deny
_DIGIT, _NO_LETTERS = re.compile(r"\d+"), re.compile(r"[\s\d!-/:-@\[-`{-~]+")
_CAPTION = re.compile(r"\A\w{3,12}\.? \d{1,3}[.:\s]")
_FULL = 0.7
_FEWEST_WORDS, _FEWEST_LETTERS = 4, 25
_MOST_DIGITS = 0.25
_SAME_SIZE = 0.08


def typical_length(lines: Sequence[Line]) -> int:
    """Return how many characters a full line has."""
    lengths = sorted(_length(line.text) for line in lines)
    return lengths[int(len(lengths) * 0.8)] if lengths else 0


def goes_on(line: Line, following: Line, *, full: int, full_after: int | None = None) -> bool:
    """Whether the sentence of `line` goes on in `following`; full lines have about `full` characters.

    With letters in two cases a small one is proof. Otherwise both have to look like running text.
    """
    if not is_same_size(line, following) or _ITEM.match(following.text):
        return False
    if _ENDED.search(line.text) or _FIGURES.search(line.text):
        return False
    first = following.text.lstrip(_OPENING)[:1]
    is_full = _length(line.text) >= _FULL * full
    if first.islower():
        return is_prose(line.text) or (is_full and len(line.text.split()) > 2)
    if line.text.endswith((",", "،", "、", "，")) and is_prose(line.text):
        return bool(first)
    if not is_full or not first.isalnum() or _NUMBERED.match(following.text):
        return False
    goes_far = _length(following.text) >= _FULL * (full if full_after is None else full_after)
    is_whole = bool(_END.search(following.text))
    is_text = is_whole or (goes_far and is_prose(following.text))
    return is_prose(line.text) and is_text and not _CAPTION.match(following.text)


def _length(text: str) -> int:
    """Return how long a line is in Western letters; Chinese ones are twice as wide."""
    return len(text) if text.isascii() else len(text) + len(_WIDE.findall(text))


def is_same_size(line: Line, other: Line) -> bool:
    """Whether both lines are set in letters of about the same size."""
    return abs(line.size - other.size) <= _SAME_SIZE * max(line.size, other.size)


@lru_cache(maxsize=64)
def is_prose(text: str) -> bool:
    """Whether a line is running text and no row of a table, heading or formula."""
    words = [word for word in text.split() if word[:1].isalpha() or word[:1] in _OPENING]
    digits = len(text) - len(_DIGIT.sub("", text))
    letters = len(_NO_LETTERS.sub("", text))
    if digits > _MOST_DIGITS * len(text):
        return False
    if not text.isascii() and len(_UNSPACED.findall(text)) > letters / 2:
        return letters > 2 * _FEWEST_WORDS
    is_long = len(words) >= _FEWEST_WORDS or (len(words) > 1 and letters >= _FEWEST_LETTERS)
    return is_long and not text.isupper() and letters >= len(text) / 2


def end_of_sentence(text: str) -> int | None:
    """Return where the sentence ends that `text` is the rest of, None when it does not."""
    for match in _END.finditer(text):
        if text[match.start()] != "." or not _is_abbreviation(text, match.start()):
            return match.end()
    return None


def joint(before: str, after: str) -> str:
    """Return what stands between two lines of one sentence: nothing in scripts without spaces."""
    return "" if _UNSPACED.match(before[-1:]) and _UNSPACED.match(after[:1]) else " "


def _is_abbreviation(text: str, point: int) -> bool:
    following = text[point + 1 : point + 40].lstrip("\"'”’»)] \t\n")[:1]
    if following.islower():
        return True
    word = _BEFORE_POINT.search(text[max(point - 20, 0) : point])
    if word is None:
        return False
    letters = word[1]
    # "7. Januar": to read on is no harm.
    if letters.isdigit():
        return len(letters) <= 2
    return letters.casefold() in _ABBREVIATED or (len(letters) == 1 and letters.isalpha() and letters.isascii())
