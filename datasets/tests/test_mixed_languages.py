"""Texts of several languages in one dataset, each embedded by the model of its language."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from datasets import embedding, languages, retrieval
from datasets.models import Chunk, ChunkVector, Dataset
from datasets.services import chunks
from datasets.tests.knowledge import ask, ingest, make_dataset
from tenants.models import Tenant
from tenants.types import SYSTEM

RETURNS = "You may return any item within thirty days of delivery. We refund the price within a week."
VERSAND = "Die Lieferung innerhalb Deutschlands dauert drei Werktage. Am Wochenende wird nicht zugestellt."
TASHIH = "يستغرق توصيل الطرد ثلاثة أيام عمل داخل المدينة. لا نقوم بالتوصيل في أيام العطل الرسمية."


@pytest.fixture
def mixed(in_acme: Tenant, settings: Any, tmp_path: Path) -> Dataset:
    settings.MEDIA_ROOT = tmp_path / "media"
    dataset = make_dataset()
    for name, text in (("returns", RETURNS), ("versand", VERSAND), ("tashih", TASHIH)):
        ingest(dataset, f"{name}.txt", text)
    dataset.refresh_from_db()
    return dataset


def model_of(name: str) -> str:
    return ChunkVector.objects.get(chunk__document__name=f"{name}.txt").model_id


def test_each_language_has_its_model(mixed: Dataset) -> None:
    english, multilingual = embedding.built_in(languages.ENGLISH).model_id, embedding.built_in("german").model_id

    assert (model_of("returns"), model_of("versand"), model_of("tashih")) == (english, multilingual, multilingual)
    plan = retrieval.plan_search(dataset_ids=[mixed.pk])
    assert {one.embedding.model_id: one.chunk_count for one in plan.models} == {english: 1, multilingual: 2}


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When do I get my money back?", "returns.txt"),
        ("Wie lange braucht das Paket zu mir?", "versand.txt"),
        ("متى يصل الطرد إلي؟", "tashih.txt"),
    ],
    ids=["english", "german", "arabic"],
)
def test_a_question_finds_what_answers_it_in_its_language(mixed: Dataset, question: str, expected: str) -> None:
    found = ask(question, mixed)

    assert found.passages[0].document_name == expected
    assert len({passage.chunk_id for passage in found.passages}) == len(found.passages)
    assert found.degraded is None


def test_a_german_question_without_a_word_of_the_text_finds_it(mixed: Dataset) -> None:
    found = ask("Wann kommt meine Bestellung an?", mixed)

    assert found.passages[0].document_name == "versand.txt"
    assert (found.passages[0].similarity or 0.0) > 0.8


def test_an_edited_chunk_stays_with_the_model_of_its_language(mixed: Dataset) -> None:
    chunk = Chunk.objects.select_related("document__dataset").get(document__name="versand.txt")

    edit = chunks.prepare_edit(chunk=chunk, text="Die Lieferung dauert jetzt fünf Werktage.")
    chunks.apply_edit(by=SYSTEM, edit=edit)

    assert model_of("versand") == embedding.built_in("german").model_id
    assert ask("Wie viele Tage dauert die Lieferung?", mixed).passages[0].text.startswith("Die Lieferung dauert jetzt")


def test_a_chunk_without_a_vector_is_found_by_its_words(mixed: Dataset) -> None:
    """So are the texts of an earlier version until a job has embedded them by the model of their language."""
    ChunkVector.objects.filter(chunk__document__name="versand.txt").delete()

    found = ask("Wie viele Werktage dauert die Lieferung?", mixed)

    assert found.passages[0].document_name == "versand.txt"
    assert found.passages[0].similarity is None
