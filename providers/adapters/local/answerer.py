"""Composes an answer without a language model: the sentences of the passages that best fit the question.

Pure: question and passages in, text out. Every sentence is quoted as it stands in the document and is
followed by the number of its passage.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from providers.adapters.local.wanted import wanted_by
from providers.types import PromptPassage

LEAD = "No language model is connected, so this is quoted from the documents:"
NOTHING = (
    "Nothing in the documents answers this. "
    "(No language model is connected, so answers can only be quoted from the documents.)"
)

_MOST_SENTENCES = 4
_SHORTLIST = 10
_GIST = 240  # characters that suffice to tell what a sentence is about
_FAR = 0.2  # a cosine below which a sentence is about something else
_LONGEST_SENTENCE = 420
_SHORTEST_SENTENCE = 10
_SHORTEST_FRAGMENT = 25  # of what no full stop ends: shorter it is a label, a menu, a cell
_WORTH = 0.62  # a further sentence scores at least this share of the best one
_ALIKE = 0.7  # two sentences that share this much of their terms say the same
_LATER_PASSAGE = 0.9  # what a passage is worth beside the one before it
_IN_HEADING = 0.7  # what a term counts that only the headings above a sentence hold: they name what it is about
_ASKED_BEFORE = 0.6  # what a term counts that only an earlier question holds
_HELD = 0.5  # what the kind of thing that is asked for adds, as a share of the best score
_WORTH_OF_PRICE = 0.85  # a further price scores at least this share of the best one: two are one too many
_LONGEST_HEADING = 120

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0e00-\u0e7f]+")
_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+(?=[\"'“‘(\[]?[^\W\d_a-z]|[\"'“‘(\[]?\d)|(?<=[。！？])")
_ABBREVIATION = re.compile(
    r"\b(?:[A-Z]|e\.g|i\.e|etc|vs|cf|ca|Dr|Mr|Mrs|Ms|Prof|Inc|Ltd|Co|No|Nr|Fig|approx|St|z\.B)\.$"
)
_LONGEST_ABBREVIATION = 10
_MOST_TERMS = 200  # of a question
_ROW = r"[A-Z]{1,4}-?\d{1,5}\b"  # how the rows of a list of codes begin
_IS_ROW = re.compile(rf"^{_ROW}", re.MULTILINE)
_BLOCK = re.compile(rf"\n\s*\n|\n(?=\s*(?:(?:[-*•‣]|\d{{1,2}}[.)]|#{{1,6}})\s|\||{_ROW}))")
_HEADING = re.compile(
    rf"^[^\S\n]*#{{1,6}}\s.*$|^(?!{_ROW}|[a-z|])[^\n.!?:;,]{{1,60}}\n(?=\s{{0,80}}[^\W\d_a-z])", re.MULTILINE
)
_OF_RULES = frozenset("-:|= \t")  # what parts a table's head from its rows is made of
_NOISE = re.compile(r"[a-zà-ÿ][A-ZÀ-Þ]|[{}<>\\=|]|\w_\w|\\n")
_MARKUP = re.compile(r"^\s*(?:#{1,6}\s+|[-*•‣]\s+|\d{1,2}[.)]\s+|>\s*|\|\s*)")
_LEANS_BACK = re.compile(r"(?:it|this|that|they|these|those|he|she|however|also|but|otherwise|then)\b", re.IGNORECASE)
_SUFFIX = re.compile(r"(?:ies|ing|edly|ed|es|s|ly|y)$")
_STOP = frozenset(
    _WORD.findall(
        """a about all an and any are as at be been but by can could did do does for from get give had has have how i
        if in into is it its know let like make many may me might more most much must my need no not of on one or our
        please shall should so some such tell than that the their them then there these they this to us use used
        using was we were what when where which who whom whose why will with would you your"""
    )
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with its place: the passage's rank, and its position within the passage."""

    text: str
    number: int
    rank: int
    position: int
    terms: frozenset[str]
    heading: str = ""
    about: frozenset[str] = frozenset()  # the terms of the headings above it, its document's name among them


class Draft:
    """The sentences that may answer; `texts` are those whose nearness in meaning to the question is worth asking.

    `before` holds the questions that this one goes on from: what they name is what it is about.
    """

    def __init__(self, question: str, passages: Sequence[PromptPassage], before: str = "") -> None:
        best = sorted(passages, key=lambda passage: -passage.score)
        self._all = [sentence for rank, passage in enumerate(best) for sentence in _sentences(rank, passage)]
        self._wanted = wanted_by(question)
        terms = _terms(question)[:_MOST_TERMS]
        scores = _scores(terms, _terms(before)[:_MOST_TERMS], self._all)
        self._shares_words = any(not one.terms.isdisjoint(terms) or self._holds(one) for one in self._all)
        top = max(scores, default=0.0)
        scores = [score + top * _HELD * self._holds(one) for score, one in zip(scores, self._all, strict=True)]
        order = sorted(range(len(scores)), key=lambda i: (-scores[i], self._all[i].rank, self._all[i].position))
        self._order = order[:_SHORTLIST]
        self._scores = [scores[i] for i in self._order]
        self.texts = [_with_heading(self._all[i])[:_GIST] for i in self._order]

    def compose(
        self,
        nearness: Sequence[float] | None = None,
        alone: Sequence[float] | None = None,
        *,
        lead: str = LEAD,
        nothing: str = NOTHING,
    ) -> str:
        """Answer in Markdown: a lead, then up to four quoted sentences, each with its `[number]`.

        `nearness` holds a cosine for each of `texts`, to the question with those before; without it the words alone
        decide. `alone` holds those to the question by itself. `nothing` is said where no sentence answers.
        """
        is_far = nearness is not None and max(alone or nearness) < _FAR
        if not self._all or (is_far and not self._shares_words):
            return nothing
        chosen = self._choose(self._values(nearness))
        quotes = [f"{_shortened(sentence.text)} [{sentence.number}]" for sentence in chosen]
        if len(quotes) == 1:
            return f"{lead}\n\n{quotes[0]}"
        return f"{lead}\n\n" + "\n".join(f"- {quote}" for quote in quotes)

    def _holds(self, sentence: _Sentence) -> bool:
        """Whether a sentence holds the kind of thing that is asked for, such as a price."""
        return self._wanted is not None and self._wanted.held.search(sentence.text) is not None

    def _values(self, nearness: Sequence[float] | None) -> list[float]:
        top = max(self._scores)
        words = [score / top if top else 0.0 for score in self._scores]
        if nearness is None:
            return words
        values = [(word + 2 * max(0.0, near)) / 3 for word, near in zip(words, nearness, strict=True)]
        bonus = _HELD * max(values, default=0.0)
        return [value + bonus * self._holds(self._all[i]) for value, i in zip(values, self._order, strict=True)]

    def _choose(self, values: Sequence[float]) -> list[_Sentence]:
        """Take the best sentences, none that says what another says, in the order of their passages."""
        if not any(values):
            # the passages were found by meaning, not by words: their beginnings say best what they are about
            return self._beginnings()
        chosen: list[_Sentence] = []
        ranked = sorted(zip(values, self._order, strict=True), key=lambda pair: -pair[0])
        is_price = self._wanted is not None and self._wanted.name == "price"
        worth = _WORTH_OF_PRICE if is_price and self._holds(self._all[ranked[0][1]]) else _WORTH
        for value, i in ranked:
            if len(chosen) >= _MOST_SENTENCES or value < worth * max(values):
                break
            sentence = self._answer_at(i)
            if sentence is not None and not any(_alike(sentence, other) for other in chosen):
                chosen.append(sentence)
        chosen = _with_what_they_lean_on(chosen, self._all) or self._beginnings()
        return sorted(chosen, key=lambda sentence: (sentence.rank, sentence.position))

    def _answer_at(self, index: int) -> _Sentence | None:
        """The sentence there or, where it is a question as in a list of them, the one that answers it."""
        sentence = self._all[index]
        if sentence.text[-1:] not in "?？":
            return sentence
        after = self._all[index + 1 : index + 2]
        return after[0] if after and after[0].rank == sentence.rank else None

    def _beginnings(self) -> list[_Sentence]:
        """The first sentence that reads like one, of each of the two best passages."""
        prose = [sentence for sentence in self._all if _prose(sentence.text) == 1] or self._all
        firsts = [next((each for each in prose if each.rank == rank), None) for rank in (0, 1)]
        return [sentence for sentence in firsts if sentence is not None] or prose[:1]


def _sentences(rank: int, passage: PromptPassage) -> list[_Sentence]:
    found: list[_Sentence] = []
    named = frozenset(_terms(passage.title))
    for heading, part in _parts(_without_rules(passage.text)):
        about = named | frozenset(_terms(heading))
        shown = heading or passage.title.rpartition(", ")[2]
        for block in _BLOCK.split(part):
            text = " ".join(_MARKUP.sub("", block).split())
            for sentence in _split(text):
                if _is_whole(sentence):
                    terms = frozenset(_terms(sentence))
                    found.append(_Sentence(sentence, passage.number, rank, len(found), terms, shown, about))
    if not found and passage.text.strip():
        text = " ".join(passage.text.split())
        found.append(_Sentence(text, passage.number, rank, 0, frozenset(_terms(text))))
    return found


def _without_rules(text: str) -> str:
    return "\n".join("\n" if "-" in line and _OF_RULES.issuperset(line) else line for line in text.split("\n"))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield what stands below each heading, with it; from the first row of codes on, short lines are the rows' own."""
    row = _IS_ROW.search(text)
    rows_from = row.start() if row else len(text)
    heading, start = "", 0
    for found in _HEADING.finditer(text):
        if found.start() > rows_from and "#" not in found[0]:
            continue
        yield heading, text[start : found.start()]
        heading, start = found[0].strip(" #\t\n")[:_LONGEST_HEADING], found.end()
    yield heading, text[start:]


def _with_heading(sentence: _Sentence) -> str:
    return f"{sentence.heading}: {sentence.text}" if sentence.heading else sentence.text


def _is_whole(sentence: str) -> bool:
    """Say whether it can stand alone as a quote, which labels and menus cannot."""
    least = _SHORTEST_SENTENCE if sentence[-1:] in ".!…" or _IS_ROW.match(sentence) else _SHORTEST_FRAGMENT
    return len(sentence) >= least or sentence.endswith("?") or _CJK.search(sentence) is not None


def _split(text: str) -> list[str]:
    """Cut a paragraph into sentences; an abbreviation's point ends none."""
    sentences: list[list[str]] = []
    for piece in _END.split(text):
        if sentences and _ABBREVIATION.search(last := sentences[-1][-1], max(len(last) - _LONGEST_ABBREVIATION, 0)):
            sentences[-1].append(piece)
        elif piece.strip():
            sentences.append([piece.strip()])
    return [" ".join(pieces) for pieces in sentences]


def _terms(text: str) -> list[str]:
    """The words that carry meaning, cut to their stems; pairs of characters where words have no spaces."""
    terms = [_stem(word) for word in _WORD.findall(text.lower()) if word not in _STOP and not _CJK.search(word)]
    for run in _CJK.findall(text):
        terms += [run[i : i + 2] for i in range(max(1, len(run) - 1))]
    return terms


@lru_cache(maxsize=8192)
def _stem(word: str) -> str:
    stem = _SUFFIX.sub("", word.split("'", maxsplit=1)[0].split("’", maxsplit=1)[0]) if len(word) > 3 else word
    return stem.rstrip("e") if len(stem) > 3 else word


def _scores(question: Sequence[str], before: Sequence[str], sentences: Sequence[_Sentence]) -> list[float]:
    """How well each sentence fits: rare terms of the question count most, long sentences and late passages less."""
    wanted, earlier = set(question), set(before) - set(question)
    every = wanted | earlier
    spread = Counter(term for sentence in sentences for term in (sentence.terms | sentence.about) & every)
    weight = {term: math.log(1 + len(sentences) / count) for term, count in spread.items()}
    pairs = set(pairwise(question))
    scores = []
    for sentence in sentences:
        about = sentence.about - sentence.terms
        score = sum(weight[term] for term in sentence.terms & wanted)
        score += _IN_HEADING * sum(weight[term] for term in about & wanted)
        score += _ASKED_BEFORE * sum(weight[term] for term in (sentence.terms | about) & earlier)
        score *= 1 + 0.15 * sum(a in sentence.terms and b in sentence.terms for a, b in pairs)
        score /= 1 + max(0, len(sentence.terms) - 12) / 40
        scores.append(score * _prose(sentence.text) * _LATER_PASSAGE**sentence.rank)
    return scores


def _prose(text: str) -> float:
    """How much a sentence reads like one: less for a torn beginning, a missing end, and for code or menus."""
    value = 1.0
    if text[:1].islower():
        value *= 0.6
    if text[-1:] not in ".!?…。！？:)\"'”’":
        value *= 0.8
    if len(_NOISE.findall(text)) > 2 + len(text) / 60:
        value *= 0.3
    return value


def _alike(one: _Sentence, other: _Sentence) -> bool:
    smaller = min(len(one.terms), len(other.terms)) or 1
    return one.text == other.text or len(one.terms & other.terms) / smaller > _ALIKE


def _with_what_they_lean_on(chosen: Sequence[_Sentence], sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """Put the sentence before one that begins with "It" or "However", while there is room."""
    result = list(chosen)
    for sentence in chosen:
        if len(result) < _MOST_SENTENCES and sentence.position and _LEANS_BACK.match(sentence.text):
            before = sentences[sentences.index(sentence) - 1]
            if before not in result:
                result.append(before)
    return result


def _shortened(text: str) -> str:
    """Cut a very long sentence at a word."""
    if len(text) <= _LONGEST_SENTENCE:
        return text
    return text[:_LONGEST_SENTENCE].rsplit(" ", 1)[0].rstrip(",;:") + " …"
