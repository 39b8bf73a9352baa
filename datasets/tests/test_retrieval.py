"""Retrieval finds the right passages of the right datasets, and says when it found nothing worth using."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from datasets import embedding, retrieval, vector_index
from datasets.models import Chunk, ChunkVector, Dataset
from datasets.tests.knowledge import ask, ingest, make_dataset
from datasets.types import EmbeddingModel, QueryVectors, SearchedModel, SearchPlan
from providers.exceptions import ProviderUnavailable
from providers.types import ProviderConfig
from tenants.context import tenant_scope
from tenants.models import Tenant

FACTS = {
    "warranty.txt": "The battery of the mower is covered for four years from the day you bought it.",
    "returns.txt": "Send an unused product back within thirty days and we refund the whole price.",
    "blades.txt": "Sharpen the blades every spring, and replace them when they are bent or cracked.",
    "noise.txt": "At full speed the mower is as loud as a conversation, about sixty decibels.",
}


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    return filled(make_dataset())


def filled(dataset: Dataset) -> Dataset:
    for name, text in FACTS.items():
        ingest(dataset, name, text)
    return dataset


@pytest.mark.parametrize(
    ("question", "document"),
    [
        ("What guarantee do I get on the battery?", "warranty.txt"),
        ("Can I get my money back?", "returns.txt"),
        ("decibels", "noise.txt"),
        ("When should I sharpen the blades?", "blades.txt"),
    ],
)
def test_meaning_and_words_find_the_passage(dataset: Dataset, question: str, document: str) -> None:
    found = ask(question, dataset)

    assert found.passages[0].document_name == document
    assert found.degraded is None


def test_a_question_that_the_documents_answer_has_evidence_and_another_has_none(dataset: Dataset) -> None:
    assert ask("How long is the battery covered?", dataset).has_evidence
    assert not ask("Who wrote the opera about the barber of Seville?", dataset).has_evidence


def test_only_the_named_datasets_are_searched(dataset: Dataset) -> None:
    other = make_dataset("Other")
    ingest(other, "secret.txt", "The battery of the other product is covered for nine years.")

    assert "secret.txt" not in {passage.document_name for passage in ask("battery covered", dataset).passages}
    assert {passage.dataset_id for passage in ask("battery covered", dataset, other).passages} == {dataset.pk, other.pk}


def test_a_dataset_that_is_switched_off_is_not_searched(dataset: Dataset) -> None:
    Dataset.objects.update(is_active=False)

    found = ask("battery", dataset)

    assert (found.passages, found.has_evidence) == ((), False)


def test_a_chunk_that_is_switched_off_is_not_found(dataset: Dataset) -> None:
    Chunk.objects.filter(document__name="noise.txt").update(is_active=False)

    assert "noise.txt" not in {passage.document_name for passage in ask("decibels at full speed", dataset).passages}


def test_another_tenant_finds_nothing(dataset: Dataset, globex: Tenant) -> None:
    plan = retrieval.plan_search(dataset_ids=[dataset.pk])
    vectors = retrieval.embed_query_sync(plan, "battery")

    with tenant_scope(globex):
        assert retrieval.plan_search(dataset_ids=[dataset.pk]).is_empty
        assert retrieval.search(plan, "battery", vectors).passages == ()


def test_without_the_model_words_still_find_and_the_reason_is_told(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_model: EmbeddingModel, _question: str) -> None:
        raise ProviderUnavailable

    monkeypatch.setattr(embedding, "embed_question", away)

    found = ask("How long is the battery covered?", dataset)

    assert found.passages[0].document_name == "warranty.txt"
    assert found.passages[0].similarity is None
    assert found.degraded == ProviderUnavailable.default_detail


def test_a_dataset_whose_provider_is_gone_is_searched_by_words(dataset: Dataset) -> None:
    Dataset.objects.update(embedding_provider_id=dataset.pk, embedding_model="gone")

    found = ask("decibels", dataset)

    assert found.passages[0].document_name == "noise.txt"
    assert found.degraded is not None


@pytest.mark.parametrize("question", ["", "   ", "\x00", "the of and", "?!", "' OR 1=1 --", "%s %(x)s", "x" * 9000])
def test_any_question_is_taken(dataset: Dataset, question: str) -> None:
    assert isinstance(ask(question, dataset).passages, tuple)


def test_no_dataset_no_passages(in_acme: Tenant) -> None:
    assert ask("battery").passages == ()
    assert ask("battery", make_dataset()).passages == ()


@pytest.mark.parametrize(
    ("language", "text", "noise", "question"),
    [
        (
            "german",
            "Die Garantie für den Akku gilt vier Jahre und wird bei einem Umtausch nicht verlängert.",
            "Der Rasen ist im Herbst und nicht im Sommer zu düngen, damit er für den Winter stark wird.",
            "Wie lange gilt die Garantie für Akkus?",
        ),
        (
            "chinese",
            "电池的保修期为四年，维修后不予延长。",
            "草坪应当在秋季施肥，而不是在夏季。",
            "电池的保修期是多长？",
        ),
        ("thai", "แบตเตอรี่มีการรับประกันสี่ปี", "ควรใส่ปุ๋ยสนามหญ้าในฤดูใบไม้ร่วง", "แบตเตอรี่รับประกันกี่ปี"),
        (
            "arabic",
            "ضمان البطارية أربع سنوات ولا يمدد بعد الإصلاح.",
            "يسمد العشب في الخريف لا في الصيف.",
            "كم مدة ضمان البطارية؟",
        ),
    ],
)
def test_a_language_the_model_does_not_know_is_found_by_its_words(
    in_acme: Tenant, language: str, text: str, noise: str, question: str
) -> None:
    dataset = make_dataset()
    assert ingest(dataset, "fact.txt", text).language == language
    ingest(dataset, "noise.txt", noise)

    found = ask(question, dataset)

    assert found.passages[0].document_name == "fact.txt"
    assert found.has_evidence


def test_a_search_takes_one_query_to_plan_and_three_statements_to_find(dataset: Dataset) -> None:
    with CaptureQueriesContext(connection) as planning:
        plan = retrieval.plan_search(dataset_ids=[dataset.pk])
    vectors = retrieval.embed_query_sync(plan, "battery")
    with CaptureQueriesContext(connection) as searching:
        retrieval.search(plan, "battery", vectors)

    assert (len(planning), len(searching)) == (1, 3)


async def test_the_question_is_embedded_alike_from_async_code() -> None:
    plan = SearchPlan(models=(SearchedModel(embedding.local_model(), (), 1),))

    found = await retrieval.embed_query(plan, "asked from async code")

    assert found == retrieval.embed_query_sync(plan, "asked from async code")


def test_the_graph_index_finds_what_reading_all_finds(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    question = "How long is the battery covered?"
    exact = ask(question, dataset)
    model = embedding.local_model()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert vector_index.ensure(model.model_id, dims=384, from_rows=1)
    assert not vector_index.ensure(model.model_id, dims=384, from_rows=1)
    monkeypatch.setattr("datasets.candidates.EXACT_BELOW", 0)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    assert [passage.chunk_id for passage in ask(question, dataset).passages] == [
        passage.chunk_id for passage in exact.passages
    ]


def test_no_graph_is_built_for_few_vectors(dataset: Dataset) -> None:
    assert not vector_index.ensure(embedding.local_model().model_id, dims=384)


def test_vectors_of_two_models_stand_side_by_side_and_are_never_compared(dataset: Dataset) -> None:
    other = EmbeddingModel("other/3", "other", ProviderConfig(kind="local"))
    [chunk] = Chunk.objects.filter(document__name="noise.txt")
    ChunkVector.objects.create(chunk=chunk, dataset=dataset, model_id=other.model_id, embedding=[1.0, 0.0, 0.0])
    plan = retrieval.plan_search(dataset_ids=[dataset.pk])
    searched = SearchedModel(other, (dataset.pk,), 4)
    plan_of_other = replace(plan, models=(searched,))

    found = retrieval.search(plan_of_other, "zzz", QueryVectors({other.model_id: (1.0, 0.0, 0.0)}))

    assert [(passage.document_name, passage.similarity) for passage in found.passages] == [("noise.txt", 1.0)]
