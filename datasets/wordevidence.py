"""Judges by letters whether what was found is evidence, outside English: with the multilingual model, or without one.

Words of a question and of the passage that answers it differ in their endings, and in German are put together: what
they share is letters. So the question is compared by its groups of four letters (two of Chinese, Japanese and Korean),
of which those that other passages hold as well say less. Own questions lead: the passage that answers holds far more
of them than the next nine documents do; a question on something else finds a little everywhere.

To the multilingual model everything is alike: its cosines lie between .8 and .9, and where in between goes by language.
So a passage counts by how far it is above what the model makes of the rest, as a share of what is left to 1.
"""

from __future__ import annotations

import math
import re
import uuid
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datasets.analysis import without_asking
from datasets.folding import folded
from datasets.types import Evidence

# Of so many passages the letters are compared; groups of letters are weighed as if there always were so many.
PASSAGES = 40
NEEDED = 0.42
_LEAD_SHARE = 0.85
# With the multilingual model: what the lead of a passage by letters and meaning together needs, with a share of the
# lead by words and of the nearest meaning. Fitted on eleven languages of xquad, a third of the questions, for .95 of
# those whose article is there and .05 of those whose article is missing (`benchmarks/evidence.py`).
NEEDED_WITH_MEANING = 0.78
_WORDS_LEAD_SHARE = 0.5
_MEANING_SHARE, _MEANING_IN_LEAD = 1.6, 0.6
# What the model makes of texts that have nothing in common, and as how many of the rest that counts.
_USUAL_BACKGROUND, _AS_MANY = 0.82, 2
_FEW = 14
_NEXT = 10
_GROUP, _SHORT_GROUP = 4, 2
_MOST_CHARACTERS = 4000
_MOST_GROUPS = 400

_WORD = re.compile(r"[^\W_](?:[^\W_]|[\u0300-\u036f\u0900-\u0dff\u0e31\u0e34-\u0e4e])*")
_UNSPACED_FROM, _UNSPACED_TO = "\u0e00", "\u109f"
_IDEOGRAPHS_FROM = "\u2e80"


@dataclass(frozen=True, slots=True)
class Told:
    """A passage that was found, and the share that its words have of the score they could have."""

    document_id: uuid.UUID
    text: str
    words_share: float
    similarity: float | None = None


def evidence_of(question: str, language: str, passages: Sequence[Told]) -> Evidence:
    """Judge by words alone whether the passages, the best by words first, are worth answering from.

    At most `PASSAGES` are read.
    """
    read = passages[:PASSAGES]
    shares = _shares(question, language, read)
    if not shares:
        return Evidence(0.0, NEEDED)
    lead = _lead(read, shares)
    return Evidence(read[0].words_share + _LEAD_SHARE * lead, NEEDED)


def evidence_with_meaning(
    question: str, language: str, passages: Sequence[Told], similarities: Sequence[float]
) -> Evidence:
    """Judge as `evidence_of` does, with the cosines of the multilingual model: of the passages and of all candidates.

    `passages` are the best by words, at most `PASSAGES`, and after them the best by meaning.
    """
    shares = _shares(question, language, passages)
    if not shares or not similarities:
        return Evidence(0.0, NEEDED_WITH_MEANING)
    background = background_of(similarities)
    nearness = [
        0.0 if one.similarity is None else (one.similarity - background) / (1.0 - background) for one in passages
    ]
    together = [share + _MEANING_IN_LEAD * near for share, near in zip(shares, nearness, strict=True)]
    lead = _lead(passages, together)
    lead_of_words = _lead(passages[:PASSAGES], [one.words_share for one in passages[:PASSAGES]])
    return Evidence(lead + _WORDS_LEAD_SHARE * lead_of_words + _MEANING_SHARE * max(nearness), NEEDED_WITH_MEANING)


def _shares(question: str, language: str, passages: Sequence[Told]) -> list[float]:
    """Return of the question's groups of letters the share that each passage has; none if there is nothing to read."""
    asked = _groups(folded(without_asking(question, language), language), most=_MOST_GROUPS)
    if not asked or not passages:
        return []
    held = [asked & _groups(folded(passage.text[:_MOST_CHARACTERS], language)) for passage in passages]
    counts = Counter(group for groups in held[:PASSAGES] for group in groups)
    weights = {group: math.log(1 + (PASSAGES - counts[group] + 0.5) / (counts[group] + 0.5)) for group in asked}
    total = sum(weights.values())
    return [sum(weights[group] for group in groups) / total for groups in held]


def _lead(passages: Sequence[Told], scores: Sequence[float]) -> float:
    """Return by how much the best document's score leads the mean of the next nine."""
    by_document: dict[uuid.UUID, float] = {}
    for passage, score in zip(passages, scores, strict=True):
        by_document[passage.document_id] = max(score, by_document.get(passage.document_id, score))
    best, *others = sorted(by_document.values(), reverse=True)[:_NEXT]
    return best - (sum(others) / len(others) if others else 0.0)


def background_of(similarities: Iterable[float]) -> float:
    """Return what the multilingual model makes of texts that do not answer: the mean of all but the nearest."""
    similarities = sorted(similarities, reverse=True)
    rest = similarities[_NEXT - 1 :] if len(similarities) > _FEW else similarities[len(similarities) // 2 :]
    return (sum(rest) + _AS_MANY * _USUAL_BACKGROUND) / (len(rest) + _AS_MANY)


def _groups(text: str, *, most: int | None = None) -> set[str]:
    """Return the groups of letters of a text's words; where words have spaces between them, with their ends."""
    found: set[str] = set()
    for word in _WORD.findall(text.lower()):
        size = _SHORT_GROUP if word[0] >= _IDEOGRAPHS_FROM else _GROUP
        spaced = word if size == _SHORT_GROUP or _UNSPACED_FROM <= word[0] <= _UNSPACED_TO else f" {word} "
        found.update(spaced[start : start + size] for start in range(max(len(spaced) - size + 1, 1)))
        if most is not None and len(found) >= most:
            break
    return found
