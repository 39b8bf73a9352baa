"""Says when two questions are the same: spelled alike, or nearly alike in meaning with the same words that matter.

A wrong answer given with the authority of a person is worse than none, so this errs on the side of asking the model.
Vectors alone cannot tell "before meals" from "after meals" (cosine .95): they only choose and confirm; the words
decide. What is left over are the ways of putting the same words: "opening hours", "What are your opening hours?".
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

from datasets.languages import ENGLISH, detect_question

# A cosine. By `benchmarks/curated.py` no threshold is precise by itself: even .98 gives two wrong answers in seven, and
# finds nothing. With `is_meant_alike` none was wrong at any; this one finds 9 of 10 rewordings, and leaves a margin.
THRESHOLD = 0.85
LONGEST_MEANT = 300
"""Longer questions tell a story, of which a vector keeps the gist only: they are compared by spelling alone."""

_LONGEST_KEPT = 1000
_INDEXABLE_BYTES = 2000
_MEANING = frozenset("+#%&@")
_ARABIC_MARKS = re.compile("[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_NOTHING = re.compile("['’ʼ`´\u00ad\u200b-\u200f\u2060\ufeff]")
_BREVE = "\u0306"
_DIAERESIS = "\u0308"

# Words that may come and go without the question becoming another one. None of those that turn it round are here:
# not, no, before, after, on, off, from, without; nor the words that say what is asked for: who, when, where, why.
_WEIGHTLESS = """
    a an the this that these those it its i im id ill ive me my mine we us our you youre your yours they them their
    do does am is are be being can could may might will would shall have has having
    and of in at for to what which whats there here please tell know like want possible hi hello thanks thank just
"""
_FUNCTION_WORDS = frozenset(_WEIGHTLESS.split())
# Words that tell which of two is which: "from A to B" is not "from B to A".
_DIRECTIONS = frozenset({"from", "to", "into", "than", "before", "after", "between", "by", "over", "under", "instead"})
# "When did you open?" is not "When do you open?", nor "Must I pay?" the same as "May I pay?".
_PAST = frozenset({"did", "was", "were", "had", "been"})
_OBLIGATION = re.compile(r"\b(?:must|should|ought|(?:have|has|had|need|needs) to)\b")
_POLITE = re.compile(
    r"(?:please )?(?:(?:can|could|would|will) you (?:please )?|please )?(?:tell|explain to|explain|show) (?:me|us) "
    r"|(?:i|we) (?:want|would like|need) to know |(?:id|wed) like to know "
)
_PERSONS = {
    **dict.fromkeys(("i", "im", "id", "ill", "ive", "my", "mine", "we", "our"), 1),
    **dict.fromkeys(("you", "youre", "your", "yours"), 2),
    **dict.fromkeys(("me", "us"), 3),
}
_FEWEST = 2
"""So many words that matter a question needs at least: one alone is too little to go by."""


def normalized(text: str) -> str:
    """Return the text without case, accents, punctuation and double blanks: questions with the same are the same.

    Accents are those of Latin, Greek and Cyrillic letters (and the vowel marks of Arabic and Hebrew); the marks that
    make another letter (й, が, ि) stay. Signs that mean something (+ # % & @, mathematics, currencies) stay too. Empty
    when there is no letter, digit or such sign. What is too long for an index comes as a digest.
    """
    text = _NOTHING.sub("", text)
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    text = _ARABIC_MARKS.sub("", _without_accents(text))
    kept = "".join(character if _is_kept(character) else " " for character in unicodedata.normalize("NFC", text))
    result = " ".join(kept.split())
    if len(result) > _LONGEST_KEPT or len(result.encode(errors="replace")) > _INDEXABLE_BYTES:
        return blake2b(result.encode(errors="replace"), digest_size=32).hexdigest()
    return result


def is_meant_alike(asked: str, curated: str) -> bool:
    """Say whether two questions whose vectors are near have the words that matter in common, all of them.

    Who does it to whom, whether it is past, and whether it must be count as well. Of English, the one language that
    the built-in model understands, words without weight and endings do not; of any other only order is forgiven.
    """
    ours, theirs = _Gist(asked), _Gist(curated)
    if sorted(ours.words) != sorted(theirs.words) or len(ours.words) < _FEWEST:
        return False
    if (ours.is_past, ours.must) != (theirs.is_past, theirs.must):
        return False
    if ours.person and theirs.person and ours.person != theirs.person:
        return False
    # "track order how" is a question in telegram style; "Can my manager see it?" has its order for a reason.
    may_differ = not (ours.has_direction or theirs.has_direction or (ours.person and theirs.person))
    return ours.words == theirs.words or may_differ


def may_be_meant(question: str) -> bool:
    """Say whether a question is one that the built-in model understands, so that its vector means something."""
    return len(question) <= LONGEST_MEANT and detect_question(question) in {ENGLISH, None}


class _Gist:
    """What of a question must be the same in another one: its words with weight, and how it is turned."""

    def __init__(self, question: str) -> None:
        plain = _POLITE.sub("", normalized(question), count=1)
        words = plain.split()
        self.words = [_stem(word) for word in words if not {word} & (_FUNCTION_WORDS | _PAST)]
        self.is_past = not _PAST.isdisjoint(words)
        self.must = _OBLIGATION.search(plain) is not None
        self.has_direction = not _DIRECTIONS.isdisjoint(words)
        self.person = next((_PERSONS[word] for word in words if word in _PERSONS), None)


def _stem(word: str) -> str:
    if len(word) < 5 or not word.isascii():
        return word[:-1] if len(word) == 4 and word.endswith("s") and word[-2] not in "sui" else word
    for ending, instead in (("ies", "y"), ("ing", ""), ("ed", ""), ("s", "")):
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            word = word.removesuffix(ending) + instead
            break
    return word.removesuffix("e")


def _is_kept(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM" or (
        character in _MEANING or unicodedata.category(character) in {"Sc", "Sm"}
    )


def _without_accents(decomposed: str) -> str:
    kept: list[str] = []
    base = ""
    for character in decomposed:
        if "\u0300" <= character <= "\u036f":
            if "\u0400" <= base <= "\u04ff" and not _is_mere_accent(base, character):
                kept.append(character)
            continue
        base = character
        kept.append(character)
    return "".join(kept)


def _is_mere_accent(base: str, mark: str) -> bool:
    """Stress marks, and the dots that ё is mostly written without; й, ї and ў are letters of their own."""
    return mark != _BREVE and (mark != _DIAERESIS or base == "е")
