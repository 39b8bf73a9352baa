"""The one definition of retrieval, used by bots, the API, the portal and the benchmark.

Four steps, so that no database connection waits for a model: `plan_search` reads what is needed about the
datasets, `embed_query` turns the question into vectors, `search` finds the passages, `look_closer` asks of those that
fall a little short whether one of their sentences answers.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db.models import QuerySet

from chatcms.core.db.compiled import CompiledQuery
from chatcms.core.exceptions import AppError
from chatcms.core.text.safety import storable
from datasets import candidates, closeness, embedding, fusion, languages, wordevidence
from datasets.analysis import heading_and_text
from datasets.models import Dataset
from datasets.types import (
    USUAL_PASSAGES,
    EmbeddingModel,
    Evidence,
    Passage,
    QueryVectors,
    RetrievalResult,
    SearchedModel,
    SearchPlan,
    Vector,
)

LONGEST_QUESTION = 4000
# So many of the best, and of the nearest in meaning, have their letters compared beside the best by words.
_COMPARED = 10


def _searchable(ids: list[uuid.UUID]) -> QuerySet[Dataset]:
    chosen = Dataset.objects.active().filter(chunk_count__gt=0).order_by("pk")
    return chosen.extra(where=["id = ANY(%s::uuid[])"], params=[ids])


_SEARCHABLE = CompiledQuery(_searchable, ids=[uuid.UUID(int=1)])


def plan_search(*, dataset_ids: Sequence[uuid.UUID]) -> SearchPlan:
    """Read what a search of these datasets needs; those that are switched off or empty are left out.

    One query, and one or two for each dataset that names a provider. A provider that cannot be used raises
    nothing: the plan's `problem` tells, and its datasets are searched by words.
    """
    datasets = _SEARCHABLE.all(ids=list(dataset_ids))
    language_counts: Counter[str] = Counter()
    for dataset in datasets:
        language_counts.update(dataset.languages)
    models, problem = _models_of(datasets)
    return SearchPlan(
        dataset_ids=tuple(dataset.pk for dataset in datasets),
        models=models,
        languages=dict(language_counts),
        chunk_count=sum(dataset.chunk_count for dataset in datasets),
        term_total=sum(dataset.term_total for dataset in datasets),
        problem=problem,
    )


async def embed_query(plan: SearchPlan, question: str) -> QueryVectors:
    """Embed the question by each model of the plan, without the database; never raises a provider's error."""
    vectors: dict[str, Vector] = {}
    problem = plan.problem
    for searched in plan.models:
        model = searched.embedding
        try:
            vectors[model.model_id] = await embedding.embed_question_async(model, _asked(question))
        except AppError as error:
            problem = error.detail
    return QueryVectors(vectors, problem)


def embed_query_sync(plan: SearchPlan, question: str) -> QueryVectors:
    """Do as `embed_query`, from a thread without an event loop."""
    vectors: dict[str, Vector] = {}
    problem = plan.problem
    for searched in plan.models:
        model = searched.embedding
        try:
            vectors[model.model_id] = embedding.embed_question(model, _asked(question))
        except AppError as error:
            problem = error.detail
    return QueryVectors(vectors, problem)


def search(plan: SearchPlan, question: str, vectors: QueryVectors, *, limit: int = USUAL_PASSAGES) -> RetrievalResult:
    """Return the best passages of the planned datasets for the question, at most `limit`, best first.

    Three statements, the first a setting. Without a vector the words alone decide, and `degraded` says why.
    """
    question = _asked(question)
    legs = [(one, vectors.by_model[one.embedding.model_id]) for one in plan.models
            if one.embedding.model_id in vectors.by_model]  # fmt: skip
    if not plan.dataset_ids or not question:
        return RetrievalResult(degraded=vectors.problem)
    language = languages.language_of_question(question, plan.languages)
    found = _on_one_scale(candidates.find(plan, question, legs, language=language), legs, language)
    weights = [1.0 if one.embedding.understands(language) else fusion.BLIND_WEIGHT for one, _ in legs]
    fused = fusion.fuse(found, weights=weights)
    best = [one.candidate for one in fused[:limit]]
    if _judging_leg(legs, language) is None:
        # Letters are compared in the text of more passages than are given.
        by_letters = _to_compare(fused)
        places = candidates.places(list({one.chunk_id: None for one in (*best, *by_letters)}))
        evidence = _evidence(question, language, by_letters, places, _multilingual_leg(legs), found)
    else:
        places = candidates.places([one.chunk_id for one in best])
        evidence = fusion.evidence_of(found)
    similarities = [one.similarity for one in found if one.similarity is not None]
    return RetrievalResult(
        passages=_passages(fused[:limit], places),
        has_evidence=evidence.is_enough,
        evidence=evidence,
        top_similarity=max(similarities, default=None),
        degraded=vectors.problem,
    )


async def look_closer(
    plan: SearchPlan, question: str, vectors: QueryVectors, found: RetrievalResult
) -> RetrievalResult:
    """Return `found`, with evidence if one of its sentences answers the question; without the database.

    Only the built-in model is asked, up to 96 short texts: others would cost a call. Never raises a provider's error.
    """
    model, asked = _at_hand(plan, question, vectors, found)
    if model is None:
        return found
    sentences = closeness.sentences_of(found.passages)
    try:
        embedded = await embedding.embed_passages_async(model, [sentence.text for sentence in sentences])
    except AppError:
        return found
    return closeness.judged(found, asked, sentences, embedded)


def look_closer_sync(plan: SearchPlan, question: str, vectors: QueryVectors, found: RetrievalResult) -> RetrievalResult:
    """Do as `look_closer`, from a thread without an event loop."""
    model, asked = _at_hand(plan, question, vectors, found)
    if model is None:
        return found
    sentences = closeness.sentences_of(found.passages)
    try:
        embedded = embedding.embed_passages(model, [sentence.text for sentence in sentences])
    except AppError:
        return found
    return closeness.judged(found, asked, sentences, embedded)


def _at_hand(
    plan: SearchPlan, question: str, vectors: QueryVectors, found: RetrievalResult
) -> tuple[EmbeddingModel | None, Vector]:
    """Return the model to ask about sentences, None when none need or can be asked, and the question by it."""
    if closeness.worth_a_look(found):
        language = languages.language_of_question(_asked(question), plan.languages)
        for one in plan.models:
            vector = vectors.by_model.get(one.embedding.model_id)
            # The multilingual model's cosines are too close together for a fixed threshold.
            fits = one.embedding.is_built_in and not one.embedding.is_multilingual
            if vector is not None and fits and one.embedding.understands(language):
                return one.embedding, vector
    return None, ()


def _asked(question: str) -> str:
    return storable(question).strip()[:LONGEST_QUESTION]


def _models_of(datasets: Sequence[Dataset]) -> tuple[tuple[SearchedModel, ...], str | None]:
    by_model: dict[str, list[tuple[EmbeddingModel, Dataset, int]]] = {}
    problem = None
    for dataset in datasets:
        try:
            for model, chunks in embedding.models_of(dataset):
                by_model.setdefault(model.model_id, []).append((model, dataset, chunks))
        except AppError as error:
            problem = error.detail
    searched = [
        SearchedModel(group[0][0], tuple(dataset.pk for _, dataset, _ in group), sum(chunks for _, _, chunks in group))
        for group in by_model.values()
    ]
    return tuple(searched), problem


def _judging_leg(legs: Sequence[tuple[SearchedModel, Vector]], language: str) -> int | None:
    """Return the leg whose cosines say whether a question is answered, None if letters must help to judge."""
    for number, (one, _) in enumerate(legs):
        if one.embedding.understands(language) and not one.embedding.is_multilingual:
            return number
    return None


def _multilingual_leg(legs: Sequence[tuple[SearchedModel, Vector]]) -> int | None:
    return next((number for number, (one, _) in enumerate(legs) if one.embedding.is_multilingual), None)


def _on_one_scale(
    found: Sequence[fusion.Candidate], legs: Sequence[tuple[SearchedModel, Vector]], language: str
) -> Sequence[fusion.Candidate]:
    """Return the candidates ranked together where two models understand the question and one is the multilingual."""
    leg, multilingual = _judging_leg(legs, language), _multilingual_leg(legs)
    if leg is None or multilingual is None:
        return found
    background = wordevidence.background_of(_similarities(found, multilingual))
    return fusion.on_one_scale(found, leg=leg, multilingual=multilingual, background=background)


def _similarities(found: Sequence[fusion.Candidate], leg: int) -> list[float]:
    return [one.similarity for one in found if one.leg == leg and one.similarity is not None]


def _to_compare(fused: Sequence[fusion.Fused]) -> list[fusion.Candidate]:
    """Return those that have most of the question's words, then the best ones, which letters or meaning may tell of."""
    by_words = sorted(fused, key=lambda one: -one.candidate.bm25)[: wordevidence.PASSAGES]
    by_meaning = [one for one in fused if (one.candidate.dense_rank or _COMPARED + 1) <= _COMPARED]
    chosen = {one.candidate.chunk_id: one.candidate for one in (*by_words, *fused[:_COMPARED], *by_meaning)}
    return list(chosen.values())


def _evidence(
    question: str,
    language: str,
    compared: Sequence[fusion.Candidate],
    places: Mapping[uuid.UUID, candidates.Place],
    multilingual: int | None,
    found: Sequence[fusion.Candidate],
) -> Evidence:
    """Judge by letters, and by meaning where the multilingual model has vectors."""
    told = [
        wordevidence.Told(
            place.document_id,
            heading_and_text(place.section, place.text),
            one.words_share,
            one.similarity if one.leg == multilingual else None,
        )
        for one in compared
        if (place := places.get(one.chunk_id)) is not None
    ]
    if multilingual is None:
        return wordevidence.evidence_of(question, language, told)
    return wordevidence.evidence_with_meaning(question, language, told, _similarities(found, multilingual))


def _passages(fused: Sequence[fusion.Fused], places: Mapping[uuid.UUID, candidates.Place]) -> tuple[Passage, ...]:
    return tuple(_passage(one, places[one.candidate.chunk_id]) for one in fused if one.candidate.chunk_id in places)


def _passage(one: fusion.Fused, place: candidates.Place) -> Passage:
    return Passage(
        **place._asdict(),
        score=one.score,
        similarity=one.candidate.similarity,
        dense_rank=one.candidate.dense_rank,
        lexical_rank=one.candidate.lexical_rank,
        bm25=one.candidate.bm25,
        coverage=one.candidate.coverage,
    )
