"""Counts which letters follow each other in the languages whose old encodings are guessed: `readers/letters.json`."""

from __future__ import annotations

import gettext
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from math import log, sqrt
from pathlib import Path
from typing import Any, Final

import django
from django.core.management.base import BaseCommand

from chatcms.core.text.safety import normalized
from datasets import languages
from datasets.ingestion.readers.guessing import BASIC, ENCODINGS, folded

TARGET: Final = Path(__file__).parents[2] / "ingestion" / "readers" / "letters.json"
# Frequent characters of East Asia and words of Thai, of which the translations hold too few.
FREQUENT: Final = Path(__file__).parents[1] / "frequent.json"
_CATALOGUES: Final = {"chinese": "zh_Hans", "traditional chinese": "zh_Hant"}
_OTHER_SCRIPTS: Final = frozenset({
    "russian", "ukrainian", "bulgarian", "serbian", "belarusian", "macedonian", "greek", "hebrew", "arabic", "persian",
    "thai",
})  # fmt: skip
_MARKUP = re.compile(r"%\(\w+\)[a-z]|%[a-z]|<[^>]*>|&\w+;|\{[^}]*\}|https?://\S+")
_WORD = re.compile(r"[^\W\d_]+(?:[\u0300-\u036f\u0900-\u0dff\u0e31-\u0e4e]+[^\W\d_]*)*")
_LEVELS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_LISTED_WORDS, _SMOOTHING, _RAREST = 3, 4, 2e-5
_MOST_CHARACTERS, _LISTED_SHARE, _LISTED_FLAT = 900, 0.25, 25
Weights = defaultdict[str, float]
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"


class Command(BaseCommand):
    """Writes the table anew from Django's own translations, which are there wherever this runs."""

    help = "Count the letters that follow each other, by language, for guessing encodings."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the file."""
        frequent: dict[str, str] = json.loads(FREQUENT.read_text("utf-8"))
        named = dict.fromkeys((*languages.BY_CODE.values(), "traditional chinese"))
        names = [name for name in named if name in ENCODINGS]
        tables = {name: _table(name, frequent.get(name, "")) for name in names}
        TARGET.write_text(json.dumps(tables, ensure_ascii=False, separators=(",", ":")), "utf-8")


def _table(language: str, frequent: str) -> dict[str, str]:
    words = _words(language)
    if language in BASIC:
        return {"": _characters(words, frequent)}
    for word in frequent.split():
        words[word] += 2
    return _pairs(language, words)


def _words(language: str) -> Weights:
    """Return the words of a language; the frequent ones weigh less than they are frequent in one program's texts."""
    counts: Counter[str] = Counter()
    for text in _texts(language):
        counts.update(word.lower() for word in _WORD.findall(_MARKUP.sub(" ", text)))
    weights = defaultdict(float, {word: sqrt(count) for word, count in counts.items()})
    for word in languages.WORDS.get(language, "").split():
        weights[word] += _LISTED_WORDS
    return weights


def _texts(language: str) -> Iterator[str]:
    code = _CATALOGUES.get(language) or languages.code_of(language)
    for file in sorted(
        Path(django.__file__).parent.glob(f"**/locale/{'de' if code == 'en' else code}/LC_MESSAGES/*.mo")
    ):
        with file.open("rb") as opened:
            catalogue: dict[Any, str] = vars(gettext.GNUTranslations(opened))["_catalog"]
        for key, translated in catalogue.items():
            original = key if isinstance(key, str) else key[0]
            if original:
                yield original if code == "en" else translated


def _characters(words: Weights, frequent: str) -> str:
    weights: Weights = defaultdict(float)
    for word, weight in words.items():
        for character in word:
            if not character.isascii():
                weights[character] += weight
    total = sum(weights.values())
    for place, character in enumerate(frequent):
        weights[character] += total / (place + _LISTED_FLAT) * _LISTED_SHARE
    total = sum(weights.values()) * 1.1
    heaviest = sorted(weights.items(), key=lambda item: -item[1])[:_MOST_CHARACTERS]
    return "".join(one + _level(weight / total) for one, weight in heaviest)


def _pairs(language: str, words: Weights) -> dict[str, str]:
    pairs: dict[str, Weights] = defaultdict(lambda: defaultdict(float))
    single: Weights = defaultdict(float)
    for word, weight in words.items():
        if language in _OTHER_SCRIPTS and re.search("[a-z]", word):
            continue
        letters = folded(_toned(word) if language == "vietnamese" else word)
        for first, second in zip(f" {letters}", f"{letters} ", strict=True):
            pairs[first][second] += weight
            single[second] += weight * (second != " ")
    total = sum(single.values())
    share = {letter: weight / total for letter, weight in single.items() if weight > _RAREST * total}
    table = {"": "".join(letter + _level(of) for letter, of in sorted(share.items()))}
    for first, following in sorted(pairs.items()):
        if first == " " or first in share:
            of_all = sum(following.values()) + _SMOOTHING
            table[first] = "".join(
                second + _level((weight + _SMOOTHING * share.get(second, 0)) / of_all)
                for second, weight in sorted(following.items())
                if second == " " or second in share
            )
    return table


def _toned(word: str) -> str:
    """Return the word as windows-1258 has it: what it has no letter for is a letter and its tone."""
    written = ""
    for letter in normalized("NFC", word):
        try:
            letter.encode("cp1258")
            written += letter
        except UnicodeEncodeError:
            parts = normalized("NFD", letter)
            bare = normalized("NFC", "".join(part for part in parts if part not in _TONES))
            written += bare + "".join(part for part in parts if part in _TONES)
    return written


def _level(probability: float) -> str:
    """Return a probability's cost in halves of a nat, as one character."""
    return _LEVELS[min(max(round(-log(probability) * 2), 0), len(_LEVELS) - 1)]
