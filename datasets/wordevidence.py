"""Judges by words alone whether what was found is evidence, where no model understands the question's language.

Words of a question and of the passage that answers it differ in their endings, and in German are put together: what
they share is letters. So the question is compared by its groups of four letters (two of Chinese, Japanese and Korean),
of which those that other passages hold as well say less. Own questions lead: the passage that answers holds far more
of them than the next nine documents do; a question on something else finds a little everywhere.
"""

from __future__ import annotations

import math
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from datasets.analysis import without_asking
from datasets.folding import folded
from datasets.types import Evidence

# Of so many passages the letters are compared; groups of letters are weighed as if there always were so many.
PASSAGES = 40
NEEDED = 0.42
_LEAD_SHARE = 0.85
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


def evidence_of(question: str, language: str, passages: Sequence[Told]) -> Evidence:
    """Judge whether the passages, the best by words first, are worth answering from; at most `PASSAGES` are read."""
    asked = _groups(folded(without_asking(question, language), language), most=_MOST_GROUPS)
    read = passages[:PASSAGES]
    if not asked or not read:
        return Evidence(0.0, NEEDED)
    held = [asked & _groups(folded(passage.text[:_MOST_CHARACTERS], language)) for passage in read]
    counts = Counter(group for groups in held for group in groups)
    weights = {group: math.log(1 + (PASSAGES - counts[group] + 0.5) / (counts[group] + 0.5)) for group in asked}
    total = sum(weights.values())
    by_document: dict[uuid.UUID, float] = {}
    for passage, groups in zip(read, held, strict=True):
        share = sum(weights[group] for group in groups) / total
        by_document[passage.document_id] = max(share, by_document.get(passage.document_id, 0.0))
    best, *others = sorted(by_document.values(), reverse=True)[:_NEXT]
    lead = best - (sum(others) / len(others) if others else 0.0)
    return Evidence(read[0].words_share + _LEAD_SHARE * lead, NEEDED)


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
