"""Guesses in which encoding a text is, by how likely its letters follow each other in the languages that use it.

Each encoding is tried with each language that is written in it: the pair under which the text is least surprising
wins. What is surprising is told by `letters.json`, which `manage.py build_letters` counts out of Django's own
translations: for each language the pairs of letters in its words, for those of East Asia the single characters.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from math import inf
from pathlib import Path
from typing import Final

# Nats. An encoding that is rarer by a factor of e costs one more.
_RARE, _VERY_RARE = 3.0, 7.0
_WESTERN = ("cp1252", 0.0), ("iso8859_15", _RARE), ("mac_roman", _VERY_RARE), ("cp850", _VERY_RARE)
_CENTRAL = ("cp1250", 0.0), ("iso8859_2", 1.0), ("cp852", _VERY_RARE), ("mac_latin2", _VERY_RARE)
_BALTIC = ("cp1257", 0.0), ("iso8859_13", _RARE), ("iso8859_4", _RARE)
_CYRILLIC = ("cp1251", 0.0), ("iso8859_5", _RARE), ("cp866", 1.0), ("mac_cyrillic", _VERY_RARE)
_WIDE = ("utf_16_le", 1.0), ("utf_16_be", _RARE)
ENCODINGS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    **dict.fromkeys(
        (
            "english", "german", "french", "spanish", "portuguese", "italian", "dutch", "swedish", "danish",
            "norwegian", "finnish", "icelandic", "catalan",
        ),
        _WESTERN,
    ),
    **dict.fromkeys(("polish", "czech", "slovak", "hungarian", "croatian", "slovene"), _CENTRAL),
    "romanian": (*_CENTRAL, ("iso8859_16", 1.0)),
    "turkish": (("cp1254", 0.0), ("iso8859_9", 1.0), ("cp857", _VERY_RARE), ("mac_turkish", _VERY_RARE)),
    **dict.fromkeys(("lithuanian", "latvian", "estonian"), _BALTIC),
    "vietnamese": (("cp1258", 0.0),),
    **dict.fromkeys(("russian", "bulgarian"), (*_CYRILLIC, ("koi8_r", 0.5))),
    **dict.fromkeys(("ukrainian", "belarusian"), (*_CYRILLIC, ("koi8_u", 0.5))),
    **dict.fromkeys(("serbian", "macedonian"), _CYRILLIC),
    "greek": (("cp1253", 0.0), ("iso8859_7", 1.0), ("cp737", _RARE), ("mac_greek", _VERY_RARE)),
    "hebrew": (("cp1255", 0.0), ("iso8859_8", 1.0), ("cp862", _RARE)),
    "arabic": (("cp1256", 0.0), ("iso8859_6", 1.0), ("cp864", _VERY_RARE)),
    "persian": (("cp1256", 0.0),),
    "thai": (("cp874", 0.0),),
    "japanese": (("cp932", 0.0), ("euc_jp", 0.5), *_WIDE),
    "chinese": (("gb18030", 0.0), *_WIDE),
    "traditional chinese": (("big5hkscs", 0.0), *_WIDE),
    "korean": (("cp949", 0.0), ("johab", _VERY_RARE), *_WIDE),
}  # fmt: skip
# The rows of each country's first standard that its texts are made of.
BASIC: Final = {
    "japanese": ("euc_jp", 0xA4, 0xCF),
    "chinese": ("gb2312", 0xB0, 0xD7),
    "traditional chinese": ("big5", 0xA4, 0xC6),
    "korean": ("euc_kr", 0xB0, 0xC8),
}
# How many nats more a language costs whose texts are rarer.
_COMMON = frozenset({"english", "german", "french", "spanish", "portuguese", "italian"})
_UNCOMMON_COST = 2.0
_HINTED = 6.0
_SURE = 4.0
_SAMPLE: Final = 12_000
_MOST_KNOWN: Final = 5_000

# What stands between spaces, digits and signs of ASCII: the same bytes in all encodings of one byte a letter.
_RUN = re.compile(r"[^\x00-@\[-`{-\x7f]+")
_END_TAG = re.compile(rb"</[A-Za-z]")
_BETWEEN_TAGS = re.compile(rb"[^<>\r\n]+")
_LINE = re.compile(rb"[^\r\n]+")
_LOOKED_AT: Final = 64 * 1024
_BOUNDARY = " "
_UNKNOWN_LETTER, _FOREIGN_LETTER, _ASCII_ELSEWHERE = 11.0, 8.0, 4.5
# Names and words of the neighbours bring these into every western language.
_WESTERN_LETTERS = frozenset("àáâãäåæçèéêëìíîïñòóôõöøœùúûüýÿß")
_CASE_COST = _JOINT_COST = 5.0
# A text of plain words with a few others among them is in one alphabet rather than in two.
_OTHER_ALPHABET, _MOST_OTHER_ALPHABET = 1.0, 20.0
_SYMBOLS = frozenset("“”„‚‘’«»‹›–—…•€§°·№©®™£¡¿´`\xa0、。，！？：；「」『』（）《》・～％　→●■◆○◎※【】")
_RARE_SYMBOLS = frozenset("×÷±²³½¼¾µºª¹¨¯¸¢¥")
# No word begins with these; where one seems to, a letter of another encoding was meant.
_NEVER_FIRST = frozenset("²³½¼¾¹ªº¨¯¸")
_SYMBOL, _RARE_SYMBOL, _ODD_SYMBOL, _CONTROL = 3.5, 6.0, 9.0, 14.0
_ASCII_WEIGHT = 0.25
_PLAIN_WORDS = 60


@dataclass(frozen=True, slots=True)
class Guess:
    """The encoding under which a text is likeliest, and whether it leads clearly over those that read differently."""

    encoding: str
    language: str
    is_sure: bool


def guess(raw: bytes, *, language: str = "") -> Guess | None:
    """Return what the bytes, which are no UTF-8, most look like; None if they look like no text.

    `language` is what the text is expected to be in, by its English name, "" if nobody knows.
    """
    sample = _telling(raw)
    found: list[tuple[float, str, str, str]] = []
    texts: dict[str, _Text | None] = {}
    plain_words = _PlainWords()
    least = inf
    for name, encodings in ENCODINGS.items():
        for encoding, rarity in encodings:
            if encoding not in texts:
                texts[encoding] = _read(sample, encoding)
            text = texts[encoding]
            if text is not None:
                extra = rarity + (0.0 if name in _COMMON else _UNCOMMON_COST) - (_HINTED if name == language else 0.0)
                cost = extra + text.cost(name, plain_words, most=least + 2 * _SURE - extra)
                least = min(least, cost)
                found.append((cost, encoding, name, text.text))
    if not found:
        return None
    found.sort()
    best = found[0]
    other = next((cost for cost, _, _, text in found if _alike(text) != _alike(best[3])), best[0] + 2 * _SURE)
    return Guess(best[1], best[2], other - best[0] >= _SURE)


class _PlainWords:
    """Words in plain letters: they speak for a language among those that are written in these, and against no other."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[tuple[str, int], ...]], float] = {}

    def cost(self, language: str, words: tuple[tuple[str, int], ...]) -> float:
        """Return how surprising the words are in a language, or in the likeliest of Latin letters."""
        models = _models()
        if not models[language].is_latin:
            return min(self.cost(name, words) for name, model in models.items() if model.is_latin)
        if (language, words) not in self._known:
            model = models[language]
            self._known[language, words] = sum(count * model.cost(word) for word, count in words)
        return self._known[language, words]


class _Text:
    """A text as one encoding reads it, taken apart into what languages judge and what none does."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._runs: Counter[str] = Counter()
        plain: Counter[str] = Counter()
        for run in _RUN.findall(text):
            (plain if run.isascii() else self._runs)[run] += 1
        self._plain_words = plain.total()
        self._plain = tuple(plain.most_common(_PLAIN_WORDS))
        self._symbols = sum(count * _cost_of_symbol(character) for character, count in Counter(text).items())

    def cost(self, language: str, plain_words: _PlainWords, *, most: float) -> float:
        """Return how surprising the text is in a language, in nats; what is over `most` is not added up to the end."""
        model = _models()[language]
        cost = self._symbols
        cost += 0.0 if model.is_latin else min(_OTHER_ALPHABET * self._plain_words, _MOST_OTHER_ALPHABET)
        for run, count in self._runs.items():
            if cost > most:
                return cost
            cost += count * model.cost(run)
        return cost if cost > most else cost + _ASCII_WEIGHT * plain_words.cost(language, self._plain)


def _cost_of_symbol(character: str) -> float:
    if character.isascii():
        return _CONTROL if character < " " and character not in "\t\n\r\x0c" else 0.0
    if character == "\ufffd" or "\x80" <= character < "\xa0" or unicodedata.category(character) in {"Co", "Cn"}:
        return _CONTROL
    if character in _SYMBOLS:
        return _SYMBOL
    if character in _RARE_SYMBOLS:
        return _RARE_SYMBOL
    return 0.0 if _is_letter(character) else _ODD_SYMBOL


class _Model:
    """What letters follow which in one language."""

    def __init__(self, language: str, table: dict[str, str]) -> None:
        self._language = language
        self._is_ideographic = language in BASIC
        self.is_latin = not self._is_ideographic and "e" in table
        self._is_western = ENCODINGS[language] is _WESTERN
        self._follows = {first: dict(_levels(packed)) for first, packed in table.items()}
        self._single = self._follows.get("", {})
        self._costs: dict[str, float] = {}

    def cost(self, word: str) -> float:
        """Return how surprising a word is, in nats."""
        known = self._costs.get(word)
        if known is None:
            if len(self._costs) >= _MOST_KNOWN:
                self._costs.clear()
            known = self._of_characters(word) if self._is_ideographic else self._of_letters(word)
            self._costs[word] = known
        return known

    def _of_characters(self, word: str) -> float:
        return sum(
            _ASCII_ELSEWHERE if one.isascii() else self._single.get(one) or _rarity_of(one, self._language)
            for one in word
        )

    def _of_letters(self, run: str) -> float:
        cost = sum(_CASE_COST for first, second in pairwise(run) if first.islower() and second.isupper())
        letters = "".join(map(_letter_or_boundary, folded(run)))
        for first, second in pairwise(f"{_BOUNDARY}{letters}{_BOUNDARY}"):
            if first != second or first != _BOUNDARY:
                level = self._follows.get(first, {}).get(second)
                cost += self._unseen(second) if level is None else level
        joints = letters.strip(_BOUNDARY).count(_BOUNDARY) + (len(run) > 1 and run[0] in _NEVER_FIRST)
        if not self.is_latin:
            joints += sum(first.isascii() != second.isascii() for first, second in pairwise(letters))
        return cost + _JOINT_COST * joints

    def _unseen(self, letter: str) -> float:
        single = self._single.get(letter)
        if single is not None:
            return min(single + 2.5, _UNKNOWN_LETTER)
        if letter.isascii() and not self.is_latin:
            return _ASCII_ELSEWHERE
        return _FOREIGN_LETTER if self._is_western and letter in _WESTERN_LETTERS else _UNKNOWN_LETTER


def _rarity_of(character: str, language: str) -> float:
    """Return the cost of a character that is none of the frequent ones in a language of East Asia."""
    encoding, first, last = BASIC[language]
    try:
        lead = character.encode(encoding)[0]
    except UnicodeEncodeError:
        return 14.0
    return 10.5 if first <= lead <= last else 13.0


def _letter_or_boundary(character: str) -> str:
    return character if _is_letter(character) and character not in _RARE_SYMBOLS else _BOUNDARY


def _is_letter(character: str) -> bool:
    return character.isalpha() or unicodedata.category(character)[0] == "M"


def _alike(text: str) -> str:
    """Return the text without differences that readers do not see as such."""
    return text.translate(_FOLDED)


def folded(word: str) -> str:
    """Return the word in small letters as the tables have it: one form of letters that encodings write differently."""
    return word.lower().translate(_FOLDED)


_FOLDED = str.maketrans({"ș": "ş", "ț": "ţ", "ی": "ي", "ک": "ك", "ʼ": "'", "’": "'", "\u0307": None, "ς": "σ"})


def _levels(packed: str) -> Iterator[tuple[str, float]]:
    for index in range(0, len(packed), 2):
        yield packed[index], int(packed[index + 1], 36) / 2


@lru_cache(maxsize=1)
def _models() -> dict[str, _Model]:
    tables = json.loads(Path(__file__).with_name("letters.json").read_text("utf-8"))
    return {language: _Model(language, table) for language, table in tables.items()}


def _telling(raw: bytes) -> bytes:
    """Return what of a file tells its encoding, up to the size of a sample: of much, the parts beyond ASCII.

    Of a page that is what stands between tags, since its tags and scripts are in no language.
    """
    is_page = _END_TAG.search(raw, 0, _LOOKED_AT) is not None
    if not is_page and len(raw) <= _SAMPLE:
        return raw
    taken: list[bytes] = []
    size = 0
    for match in (_BETWEEN_TAGS if is_page else _LINE).finditer(raw):
        if not match[0].isascii():
            taken.append(match[0][:_SAMPLE])
            size += len(taken[-1])
            if size >= _SAMPLE:
                break
    return b"\n".join(taken)[:_SAMPLE]


def _read(raw: bytes, encoding: str) -> _Text | None:
    text = raw.decode(encoding, "replace")
    broken = text.count("\ufffd")
    return None if broken > 2 and broken * 50 > len(text) else _Text(text)
