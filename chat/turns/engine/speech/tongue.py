"""Tells in which language people write, by letters and frequent words, as far as a short message tells it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from functools import lru_cache

from chat.turns.engine.speech.folding import fold
from chat.turns.engine.speech.phrasebook import languages
from datasets import languages as scripts

_SAMPLE = 2000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# Letters that a language has and its neighbours lack
_LETTERS: dict[str, str] = {
    "pl": "ąęłńśźż", "cs": "řěů", "sk": "ľĺŕ", "hu": "őű", "tr": "ğı", "ro": "țșăţ", "es": "ñ¿¡", "de": "ß",
    "vi": "ăơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "pt": "ãõ", "fr": "œùû", "lt": "ėįųū", "lv": "āēīļķņģ",
    "da": "æø", "nb": "æø", "sv": "åäö", "fi": "äö", "et": "õäü", "de+": "äöü", "ca": "ŀ",
    "uk": "іїєґ", "ru": "ыэё", "bg": "ъ", "sr": "љњћђџј", "fa": "پچژگیک", "ur": "ٹڈڑےں",
}  # fmt: skip
# Scripts of several languages, with those among which words decide: any where none is named
_VOTED: dict[str, tuple[str, ...]] = {
    "latin": (), "cyrillic": ("ru", "uk", "bg", "sr"), "arabic": ("ar", "fa", "ur"),
}  # fmt: skip
_LETTER_WORTH = 0.6
_ACCENT_LOST = 0.7  # what a word counts that is written without its accents


def tongue_of(text: str) -> str | None:
    """Return the language (ISO 639-1) that a text is in, None where it does not tell."""
    sample = text[:_SAMPLE]
    script = scripts.script_of(sample)
    likeliest = _likeliest(sample, _VOTED[script]) if script in _VOTED else None
    if likeliest or script == "latin":
        return likeliest
    return scripts.code_of(scripts.detect(sample))


def _likeliest(text: str, among: Collection[str]) -> str | None:
    """Return the language whose words and letters lead, None where none does."""
    lowered = text.lower()
    votes: defaultdict[str, float] = defaultdict(float)
    for word in _WORD.findall(lowered):
        for language, worth in _vocabulary().get(word, ()):
            votes[language] += worth
    for language, letters in _LETTERS.items():
        votes[language.rstrip("+")] += _LETTER_WORTH * sum(lowered.count(letter) for letter in letters)
    ranked = [
        (language, worth)
        for language, worth in sorted(votes.items(), key=lambda vote: -vote[1])
        if worth and (not among or language in among)
    ]
    if not ranked or (len(ranked) > 1 and ranked[0][1] <= ranked[1][1] * 1.05):
        return None
    return ranked[0][0]


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, tuple[tuple[str, float], ...]]:
    """Return the languages that each frequent word is of; one of many languages counts less for each."""
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for language in languages().values():
        for word in language.common:
            found[word][language.code] = 1.0
            plain = fold(word)
            if plain != word and len(plain) > 2:
                found[plain].setdefault(language.code, _ACCENT_LOST)
    return {word: tuple((code, worth / len(codes)) for code, worth in codes.items()) for word, codes in found.items()}
