"""The order of what was found, and whether it is evidence, from made-up candidates."""

from __future__ import annotations

import uuid
from dataclasses import replace

from datasets.fusion import BLIND_WEIGHT, Candidate, evidence_of, fuse, on_one_scale


def candidate(
    name: int, *, dense: int | None = None, words: int | None = None, similarity: float = 0.0, bm25: float = 0.0,
    coverage: float = 0.0, share: float = 0.0,
) -> Candidate:  # fmt: skip
    return Candidate(uuid.UUID(int=name), 0, similarity, dense, words, bm25, coverage, share)


def order(*candidates: Candidate, weight: float = 1.0) -> list[int]:
    return [one.candidate.chunk_id.int for one in fuse(candidates, weights=[weight])]


def test_what_both_legs_found_comes_before_what_one_found() -> None:
    assert (
        order(
            candidate(1, dense=1, similarity=0.8),
            candidate(2, words=1, bm25=9.0),
            candidate(3, dense=2, words=2, similarity=0.7, bm25=8.0),
        )[0]
        == 3
    )


def test_a_leg_that_is_blind_in_the_language_moves_nothing_the_words_found() -> None:
    found = [candidate(number, words=number, bm25=10.0 - number) for number in range(1, 6)]
    strangers = [candidate(100 + number, dense=number, similarity=0.9 - number / 10) for number in range(1, 6)]

    assert order(*found, *strangers, weight=BLIND_WEIGHT)[:5] == [1, 2, 3, 4, 5]
    assert order(*found, *strangers, weight=1.0)[:5] != [1, 2, 3, 4, 5]


def test_a_clear_lead_in_score_counts_for_more_than_a_rank() -> None:
    assert order(
        candidate(1, dense=1, words=2, similarity=0.60, bm25=3.0),
        candidate(2, dense=2, words=1, similarity=0.59, bm25=30.0),
        candidate(3, dense=3, similarity=0.10),
    ) == [2, 1, 3]


def test_equal_candidates_are_ordered_the_same_each_time() -> None:
    twins = [candidate(2, dense=1, similarity=0.5), candidate(1, dense=1, similarity=0.5)]

    assert order(*twins) == order(*reversed(twins)) == [1, 2]


def test_nothing_found_is_no_order_and_no_evidence() -> None:
    assert fuse([], weights=[]) == []
    assert not evidence_of([]).is_enough


def test_similar_meaning_or_shared_words_are_evidence() -> None:
    assert evidence_of([candidate(1, dense=1, similarity=0.65)]).is_enough
    assert evidence_of([candidate(1, similarity=0.35, bm25=5.0, coverage=0.7, share=0.4)]).is_enough
    assert not evidence_of([candidate(1, similarity=0.35, bm25=5.0, coverage=0.2, share=0.1)]).is_enough


def test_a_leg_for_which_all_are_alike_has_little_to_say() -> None:
    """Ten share the question's words alike; one of them is far nearer than the rest in meaning, and the other way."""
    alike = [candidate(n, dense=n, words=n, similarity=0.7 - n / 1000, bm25=5.0 - n / 100) for n in range(1, 21)]
    by_words = [*alike[:19], candidate(20, dense=20, words=1, similarity=0.6, bm25=20.0)]
    by_meaning = [*alike[:19], candidate(20, dense=1, words=20, similarity=0.95, bm25=4.0)]

    assert order(*by_words)[0] == 20
    assert order(*by_meaning)[0] == 20


def test_a_question_that_names_a_code_is_ordered_by_its_words() -> None:
    """A model takes codes that differ by a digit for the same, so that a page on another code may seem nearest."""
    other = candidate(1, dense=1, words=2, similarity=0.9, bm25=5.9)
    rest = [candidate(n, dense=n, words=n + 1, similarity=0.9 - n / 20, bm25=5.0 - n / 10) for n in range(3, 14)]
    right = candidate(2, dense=13, words=1, similarity=0.3, bm25=16.2)

    assert order(other, right, *rest)[0] == 1
    assert order(other, replace(right, is_named=True), *rest)[0] == 2


def test_two_models_that_understand_a_question_are_ranked_together() -> None:
    """The nearest by the multilingual model is no more than what the English one makes of the same nearness."""
    english = [candidate(1, dense=1, similarity=0.7), candidate(2, dense=2, similarity=0.2)]
    strangers = [
        replace(candidate(3, dense=1, similarity=0.81), leg=1),
        replace(candidate(4, words=1), similarity=None),
    ]

    joined = on_one_scale([*english, *strangers], leg=0, multilingual=1, background=0.8)

    assert {one.chunk_id.int: one.dense_rank for one in joined} == {1: 1, 2: 3, 3: 2, 4: None}
    assert all(one.leg == 0 for one in joined)
    assert 0.2 < next(one.similarity or 0.0 for one in joined if one.chunk_id.int == 3) < 0.3
    assert order(*joined)[0] == 1
