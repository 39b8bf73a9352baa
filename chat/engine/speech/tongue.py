"""Tells in which language people write, by letters and frequent words, as far as a short message tells it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache

from chat.engine.speech.folding import fold
from chat.engine.speech.phrasebook import languages
from datasets import languages as scripts

_SAMPLE = 2000
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
_BY_SCRIPT = {"greek": "el", "hebrew": "he", "armenian": "hy", "tamil": "ta", "devanagari": "hi"}
# Letters that a language has and its neighbours lack
_LETTERS: dict[str, str] = {
    "pl": "ąęłńśźż", "cs": "řěů", "sk": "ľĺŕ", "hu": "őű", "tr": "ğı", "ro": "țșăţ", "es": "ñ¿¡", "de": "ß",
    "vi": "ăơưđạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ", "pt": "ãõ", "fr": "œùû", "lt": "ėįųū", "lv": "āēīļķņģ",
    "da": "æø", "nb": "æø", "sv": "åäö", "fi": "äö", "et": "õäü", "de+": "äöü", "ca": "ŀ",
    "uk": "іїєґ", "ru": "ыэё", "bg": "ъ", "sr": "љњћђџј", "fa": "پچژگیک", "ur": "ٹڈڑےں",
}  # fmt: skip
_OF_CYRILLIC, _OF_ARABIC = ("ru", "uk", "bg", "sr"), ("ar", "fa", "ur")
_LETTER_WORTH = 0.6
_ACCENT_LOST = 0.7  # what a word counts that is written without its accents
# The text-search configurations of datasets
_OF_CONFIGURATION = {
    "arabic": "ar", "armenian": "hy", "basque": "eu", "catalan": "ca", "danish": "da", "dutch": "nl", "english": "en",
    "finnish": "fi", "french": "fr", "german": "de", "greek": "el", "hindi": "hi", "hungarian": "hu",
    "indonesian": "id", "irish": "ga", "italian": "it", "lithuanian": "lt", "nepali": "ne", "norwegian": "nb",
    "portuguese": "pt", "romanian": "ro", "russian": "ru", "serbian": "sr", "spanish": "es", "swedish": "sv",
    "tamil": "ta", "turkish": "tr",
}  # fmt: skip


def tongue_of(text: str) -> str | None:
    """Return the language (ISO 639-1) that a text is in, None where it does not tell."""
    sample = text[:_SAMPLE]
    script = scripts.script_of(sample)
    if script in _BY_SCRIPT:
        return _BY_SCRIPT[script]
    if script == "southeast_asian":
        return "th" if any("\u0e00" <= letter <= "\u0e7f" for letter in sample) else None
    if script == "cjk":
        return _of_cjk(sample)
    if script == "cyrillic":
        return _likeliest(sample, _OF_CYRILLIC) or "ru"
    if script == "arabic":
        return _likeliest(sample, _OF_ARABIC) or "ar"
    return _likeliest(sample, ()) if script == "latin" else None


def of_configuration(configuration: str) -> str | None:
    """Return the language of a text-search configuration, None for "simple"."""
    return _OF_CONFIGURATION.get(configuration)


def _of_cjk(text: str) -> str:
    if any("\uac00" <= letter <= "\ud7a3" for letter in text):
        return "ko"
    return "ja" if any("\u3040" <= letter <= "\u30ff" for letter in text) else "zh"


def _likeliest(text: str, among: Iterable[str]) -> str | None:
    """Return the language whose words and letters lead, None where none does."""
    lowered = text.lower()
    votes: defaultdict[str, float] = defaultdict(float)
    for word in _WORD.findall(lowered):
        for language, worth in _vocabulary().get(word, ()):
            votes[language] += worth
    for language, letters in _LETTERS.items():
        votes[language.rstrip("+")] += _LETTER_WORTH * sum(lowered.count(letter) for letter in letters)
    wanted = tuple(among)
    ranked = [
        (language, worth)
        for language, worth in sorted(votes.items(), key=lambda vote: -vote[1])
        if worth and (not wanted or language in wanted)
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
