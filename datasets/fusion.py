"""Fuses the ranks of meaning and of words into one order, and judges whether what was found is evidence.

Each leg is weighed by the question (`docs/adr/0046-each-leg-weighed-by-the-question.md`): by how far its first
candidate leads its tenth, beside how far it might. A leg for which all are alike has little to say.

Beside the ranks stands a share of the scores: ranks alone forget by how much one candidate leads another.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from datasets.types import Evidence

RANK_OFFSET = 60
SCORE_SHARE = 0.06

# What a leg counts for is a floor and its lead. Words lead more easily: few candidates share the question's rare ones.
FLOOR_OF_WORDS, LEAD_OF_WORDS = 0.3, 0.7
FLOOR_OF_MEANING, LEAD_OF_MEANING = 0.2, 0.8
_TENTH = 10

# What the order of a model counts for a question in a language that it does not understand: enough to add
# candidates that share no word with the question, too little to move those that do. On xquad in Arabic, Chinese
# and Thai full weight brings .92 down to .78, .96 to .93 and .95 to .65; a twentieth leaves all as they are.
BLIND_WEIGHT = 0.05
# And for a question that names a code that some chunks hold: to a model, codes that differ by a digit are alike.
CODE_WEIGHT = 0.2

# Evidence is similarity, a share of how much of the question's rare words the best chunk holds, and of how much of the
# score that its words could have. Of xquad's questions in English .987 have this much, and .089 of those whose article
# is missing (`benchmarks/evidence.py`).
EVIDENCE = 0.62
COVERAGE_SHARE = 0.3
SCORE_OF_WORDS_SHARE = 0.3


# The English model's cosine of texts that have nothing in common, and how far it spreads what the multilingual one has
# between such texts and the same text: for xquad's questions in English both then have their median at .62.
_OF_STRANGERS, _STRETCH = 0.15, 1.35


@dataclass(frozen=True, slots=True)
class Candidate:
    """A chunk that one of the legs found. `leg` tells the models apart whose cosines cannot be compared."""

    chunk_id: uuid.UUID
    leg: int | None
    similarity: float | None
    dense_rank: int | None
    lexical_rank: int | None
    bm25: float
    coverage: float
    # Of the score that the question's words could have together, how much it has.
    words_share: float = 0.0
    # Whether it holds a code that the question names and few chunks hold.
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Fused:
    """A candidate with the score that orders it."""

    candidate: Candidate
    score: float


def fuse(candidates: Sequence[Candidate], *, weights: Sequence[float]) -> list[Fused]:
    """Return the candidates, best first; `weights` says what each model's order counts beside the words'."""
    most = max((candidate.bm25 for candidate in candidates), default=0.0) or 1.0
    spans = _spans(candidates)
    of_words = FLOOR_OF_WORDS + LEAD_OF_WORDS * _lead(candidate.bm25 / most for candidate in candidates)
    of_models = {leg: weights[leg] * weight for leg, weight in _weights_of_models(candidates).items()}
    fused = []
    for candidate in candidates:
        score = of_words * (_reciprocal(candidate.lexical_rank) + SCORE_SHARE * candidate.bm25 / most)
        if candidate.leg is not None and candidate.similarity is not None:
            low, span = spans[candidate.leg]
            closeness = SCORE_SHARE * (candidate.similarity - low) / span
            score += of_models.get(candidate.leg, 0.0) * (_reciprocal(candidate.dense_rank) + closeness)
        fused.append(Fused(candidate, score))
    return sorted(fused, key=lambda one: (-one.score, str(one.candidate.chunk_id)))


def evidence_of(candidates: Sequence[Candidate]) -> Evidence:
    """Judge how much the candidates are worth answering from, where a model understands the question."""
    best = max(candidates, key=lambda candidate: candidate.bm25, default=None)
    if best is None:
        return Evidence(0.0, EVIDENCE)
    similarity = max((candidate.similarity or 0.0 for candidate in candidates), default=0.0)
    of_words = COVERAGE_SHARE * best.coverage + SCORE_OF_WORDS_SHARE * best.words_share
    return Evidence(similarity + of_words, EVIDENCE)


def on_one_scale(candidates: Sequence[Candidate], *, leg: int, multilingual: int, background: float) -> list[Candidate]:
    """Return the candidates with those of the multilingual model as if the model of `leg` had found them.

    An English question may be answered by a text that the other model embedded: its cosine is put on the scale of the
    English one, from `background`, what it makes of texts that do not answer, and all are ranked together.
    """
    found = [
        replace(one, leg=leg, similarity=_OF_STRANGERS + _STRETCH * (one.similarity - background) / (1.0 - background))
        if one.leg == multilingual and one.similarity is not None
        else replace(one, leg=leg if one.leg == multilingual else one.leg)
        for one in candidates
    ]
    ranked = sorted(
        (one for one in found if one.leg == leg and one.dense_rank is not None),
        key=lambda one: (-(one.similarity or 0.0), str(one.chunk_id)),
    )
    ranks = {one.chunk_id: rank for rank, one in enumerate(ranked, 1)}
    return [replace(one, dense_rank=ranks.get(one.chunk_id)) if one.leg == leg else one for one in found]


def _weights_of_models(candidates: Sequence[Candidate]) -> dict[int, float]:
    """Return what each model's order counts for this question."""
    found: dict[int, list[float]] = {}
    for candidate in candidates:
        if candidate.leg is not None and candidate.similarity is not None and candidate.dense_rank is not None:
            found.setdefault(candidate.leg, []).append(candidate.similarity)
    by_code = CODE_WEIGHT if any(candidate.is_named for candidate in candidates) else 1.0
    weights = {}
    for leg, similarities in found.items():
        low, span = min(similarities), max(max(similarities) - min(similarities), 1e-9)
        lead = _lead((similarity - low) / span for similarity in similarities)
        weights[leg] = by_code * (FLOOR_OF_MEANING + LEAD_OF_MEANING * lead)
    return weights


def _lead(scores: Iterable[float]) -> float:
    """Return how far the best of scores from 0 to 1 is ahead of the tenth, or of the last if there are fewer."""
    ordered = sorted(scores, reverse=True)[:_TENTH]
    return ordered[0] - ordered[-1] if ordered else 0.0


def _reciprocal(rank: int | None) -> float:
    return 1.0 / (RANK_OFFSET + rank) if rank is not None else 0.0


def _spans(candidates: Sequence[Candidate]) -> dict[int, tuple[float, float]]:
    """Return, for each model, its lowest similarity and how far its similarities spread."""
    similarities: dict[int, list[float]] = {}
    for candidate in candidates:
        if candidate.leg is not None and candidate.similarity is not None:
            similarities.setdefault(candidate.leg, []).append(candidate.similarity)
    return {leg: (min(values), max(max(values) - min(values), 1e-9)) for leg, values in similarities.items()}
