"""Tells whether two English questions whose vectors are near mean the same, by the words that matter."""

from __future__ import annotations

import re

from bots.curated.spelling import normalized
from datasets.languages import ENGLISH, detect_question

# A cosine. By `benchmarks/curated.py` no threshold is precise by itself; with `is_meant_alike` this one is: no wrong
# answer, with four rewordings in five found. Of 34 near misses written after all rules but the last, one was answered.
THRESHOLD = 0.85
LONGEST_MEANT = 300
"""Longer questions tell a story, of which a vector keeps the gist only: they are compared by spelling alone."""

# Words that may come and go without the question becoming another one. None of those that turn it round are here:
# not, no, before, after, on, off, from, without; nor the words that say what is asked for: who, when, where, why.
_WEIGHTLESS = """
    a an the this that these those it its i im id ill ive me my mine we us our you youre your yours they them their
    do does am is are be being can could may might will would shall have has having
    and of in at for to what which whats there here please tell know like want possible hi hello thanks thank just
"""
_FUNCTION_WORDS = frozenset(_WEIGHTLESS.split())
_AUXILIARY = "do does did am is are was were be can could may might will would shall have has had"
_AUXILIARIES = frozenset(_AUXILIARY.split())
_PERMISSION = frozenset({"can", "could", "may", "might"})
_WHAT = frozenset({"what", "which", "whats"})
_ASKING = _WHAT | {"how", "when", "where", "who", "whom", "whose", "why"}
_BEING = frozenset({"am", "is", "are", "be", "being"})
_HAVING = frozenset({"have", "has", "having"})
_PLACING = frozenset({"in", "at", "for", "of", "to"})
# Words that tell which of two is which: "from A to B" is not "from B to A".
_DIRECTIONS = frozenset({"from", "to", "into", "than", "before", "after", "between", "by", "over", "under", "instead"})
# "When did you open?" is not "When do you open?", nor "Must I pay?" the same as "May I pay?".
_PAST = frozenset({"did", "was", "were", "had", "been"})
_PERFECT = re.compile(r"\b(?:have|has|ive|youve|weve) (?:\w{1,30} ){0,8}?\w{1,30}ed\b")
_OBLIGATION = re.compile(r"\b(?:must|should|ought|(?:have|has|had|need|needs) to)\b")
_POLITE = re.compile(
    r"(?:please )?(?:(?:can|could|would|will) you (?:please )?|please )?(?:tell|explain to|explain|show) (?:me|us) "
    r"|(?:i|we) (?:want|would like|need) to know |(?:id|wed) like to know "
)
_SUBJECTS = {
    **dict.fromkeys(("i", "im", "id", "ill", "ive", "we"), 1),
    **dict.fromkeys(("you", "youre"), 2),
    **dict.fromkeys(("me", "us"), 3),
    **dict.fromkeys(("they", "them"), 4),
}
_OWNERS = {"my": 1, "mine": 1, "our": 1, "your": 2, "yours": 2, "their": 4}
_FEWEST = 2
"""So many words that matter a question needs at least: one alone is too little to go by."""


def is_meant_alike(asked: str, curated: str) -> bool:
    """Say whether two questions whose vectors are near have the words that matter in common, all of them.

    What is asked for, who does it to whom, and whether it is past or must be count as well. Of English, the one
    language that the built-in model understands, words without weight and endings do not.
    """
    ours, theirs = _Gist(asked), _Gist(curated)
    if sorted(ours.words) != sorted(theirs.words) or len(ours.words) < _FEWEST:
        return False
    if ours.turn != theirs.turn or any(one and other and one != other for one, other in ours.paired(theirs)):
        return False
    if not (ours.placing <= theirs.placing or theirs.placing <= ours.placing):
        return False
    return ours.words == theirs.words or ours.may_be_reordered or theirs.may_be_reordered


def may_be_meant(question: str) -> bool:
    """Say whether a question is one that the built-in model understands, so that its vector means something."""
    return len(question) <= LONGEST_MEANT and detect_question(question) in {ENGLISH, None}


class _Gist:
    """What of a question must be the same in another one: its words with weight, and how it is turned."""

    def __init__(self, question: str) -> None:
        plain = _POLITE.sub("", normalized(question), count=1)
        words = plain.split()
        known = frozenset(words)
        self.words = [_stem(word) for word in words if word not in _FUNCTION_WORDS | _PAST]
        self.turn = (bool(known & _PAST) or bool(_PERFECT.search(plain)), bool(_OBLIGATION.search(plain)))
        self.placing = known & _PLACING
        self.subject = _subject(words)
        self.owner = next((_OWNERS[word] for word in words if word in _OWNERS), None)
        self.mood = _mood(words, known)
        self.kind = _kind(words, known)
        self.verb = _verb(known, self.turn[0])
        # "track order how" is in telegram style; a whole sentence has its order for a reason.
        self.may_be_reordered = not known & (_AUXILIARIES | _DIRECTIONS)

    def paired(self, other: _Gist) -> tuple[tuple[object, object], ...]:
        """What must not differ where both say it."""
        return tuple(zip(self._said(), other._said(), strict=True))

    def _said(self) -> tuple[object, ...]:
        return self.subject, self.owner, self.kind, self.mood, self.verb


def _subject(words: list[str]) -> tuple[int, int] | None:
    """Who is named first, and after how many words with weight: "you support" is not "support you"."""
    place = next((place for place, word in enumerate(words) if word in _SUBJECTS), None)
    if place is None:
        return None
    return _SUBJECTS[words[place]], sum(word not in _FUNCTION_WORDS | _PAST for word in words[:place])


def _mood(words: list[str], known: frozenset[str]) -> str | None:
    """ "Can it be shipped?" asks for leave, "Is it shipped?" for a fact."""
    if "possible" in known or (words and words[0] in _PERMISSION):
        return "may"
    return "is" if words and words[0] in _BEING else None


def _kind(words: list[str], known: frozenset[str]) -> str | None:
    """ "What is the fee?" wants a thing, "Is there a fee?" a yes or no; others name what they want by a word."""
    if known & _WHAT:
        return "thing"
    return "yes or no" if words and words[0] in _AUXILIARIES and not known & _ASKING else None


def _verb(known: frozenset[str], is_past: bool) -> str | None:
    """ "Who is it?" is not "Who has it?"; but "Is there one?" is "Do you have one?"."""
    if "there" in known or is_past:
        return None
    return "have" if known & _HAVING else "other" if known & _AUXILIARIES else None


def _stem(word: str) -> str:
    if len(word) < 5 or not word.isascii():
        return word[:-1] if len(word) == 4 and word.endswith("s") and word[-2] not in "sui" else word
    for ending, instead in (("ies", "y"), ("ing", ""), ("ed", ""), ("s", "")):
        if word.endswith(ending) and not word.endswith(("ss", "us", "is")):
            word = word.removesuffix(ending) + instead
            break
    return word.removesuffix("e")
