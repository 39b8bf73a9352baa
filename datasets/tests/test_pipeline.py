"""A file becomes ready or failed, once, whatever happens in between."""

from __future__ import annotations

import selectors
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from datasets import embedding, services, storage
from datasets.enums import DocumentState
from datasets.ingestion import pipeline, reading
from datasets.models import Chunk, ChunkVector, Dataset, Document, Posting
from datasets.tests import files
from datasets.tests.knowledge import ask, ingest, make_dataset, upload
from datasets.types import EmbeddingModel, Vector
from providers.exceptions import ProviderUnavailable
from tenants.models import Tenant
from tenants.types import SYSTEM

LONG = "# Guide\n\n" + "\n\n".join(
    f"## Part {number}\n\n" + f"Part {number} speaks of batteries, gears and screws. " * 40 for number in range(3)
)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    return make_dataset()


def counted(dataset: Dataset) -> tuple[int, int, dict[str, int]]:
    dataset.refresh_from_db()
    return dataset.chunk_count, dataset.term_total, dataset.languages


def true_counts(dataset: Dataset) -> tuple[int, int]:
    """Chunks and terms as the tables have them."""
    chunks = Chunk.objects.filter(dataset=dataset)
    refs = chunks.values_list("ref", flat=True)
    return chunks.count(), sum(Posting.objects.filter(chunk_ref__in=refs).values_list("tf", flat=True))


def test_a_document_becomes_ready_with_chunks_that_know_their_place(dataset: Dataset) -> None:
    document = ingest(dataset, "guide.md", LONG)

    assert (document.state, document.version, document.language) == (DocumentState.READY, 1, "english")
    chunks = list(Chunk.objects.filter(document=document))
    assert [chunk.seq for chunk in chunks] == list(range(len(chunks)))
    assert len(chunks) == document.chunk_count == document.progress_done == document.progress_total > 3
    assert {chunk.section for chunk in chunks} == {f"Guide › Part {number}" for number in range(3)}
    assert max(chunk.token_count for chunk in chunks) <= dataset.chunk_tokens
    assert ChunkVector.objects.filter(dataset=dataset).count() == len(chunks)


def test_pages_are_kept(dataset: Dataset) -> None:
    document = ingest(dataset, "a.pdf", files.pdf(["The cover of it.", "Batteries are covered for four years."]))

    assert document.page_count == 2
    assert ask("How long are batteries covered?", dataset).passages[0].page == 2


def test_the_statistics_are_what_the_tables_hold(dataset: Dataset) -> None:
    ingest(dataset, "guide.md", LONG)
    german = ingest(dataset, "de.txt", "Die Garantie für den Akku gilt vier Jahre und wird nicht verlängert.")

    chunks, terms, languages = counted(dataset)
    assert (chunks, terms) == true_counts(dataset)
    assert languages == {"english": chunks - 1, "german": 1}

    services.delete_document(by=SYSTEM, document=german)

    assert counted(dataset) == (chunks - 1, true_counts(dataset)[1], {"english": chunks - 1})


def test_a_second_run_changes_nothing(dataset: Dataset) -> None:
    document = ingest(dataset, "guide.md", LONG)
    before = set(Chunk.objects.values_list("id", flat=True))

    pipeline.ingest(document.pk)

    assert set(Chunk.objects.values_list("id", flat=True)) == before


def test_of_two_runs_at_once_only_the_first_to_end_counts(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    document = upload(dataset, "guide.md", LONG)
    real = embedding.embed_passages
    nested: list[bool] = []

    def run_another_meanwhile(model: EmbeddingModel, texts: list[str]) -> list[Vector]:
        if not nested:
            nested.append(True)
            pipeline.ingest(document.pk)
        return real(model, texts)

    monkeypatch.setattr(embedding, "embed_passages", run_another_meanwhile)
    pipeline.ingest(document.pk)

    document.refresh_from_db()
    assert (document.state, document.version) == (DocumentState.READY, 1)
    assert counted(dataset)[:2] == true_counts(dataset)
    assert Chunk.objects.count() == document.chunk_count


def test_a_document_deleted_meanwhile_leaves_nothing(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    document = upload(dataset, "guide.md", LONG)
    real = embedding.embed_passages

    def delete_meanwhile(model: EmbeddingModel, texts: list[str]) -> list[Vector]:
        services.delete_document(by=SYSTEM, document=document)
        return real(model, texts)

    monkeypatch.setattr(embedding, "embed_passages", delete_meanwhile)
    pipeline.ingest(document.pk)

    for model in (Document, Chunk, ChunkVector, Posting):
        assert model._default_manager.count() == 0
    assert counted(dataset) == (0, 0, {})


def test_a_document_deleted_while_it_is_read_ends_the_reading(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = upload(dataset, "guide.md", LONG)
    monkeypatch.setattr(reading, "_command", lambda _request: ["-c", "import time; time.sleep(100_000)"])
    select = selectors.DefaultSelector.select

    def delete_meanwhile(selector: Any, timeout: float) -> Any:
        services.delete_document(by=SYSTEM, document=document)
        return select(selector, 0)

    monkeypatch.setattr(selectors.DefaultSelector, "select", delete_meanwhile)
    pipeline.ingest(document.pk)

    assert not Document.objects.exists()


def test_read_again_its_old_chunks_answer_until_the_new_ones_are_there(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = ingest(dataset, "a.txt", "Batteries are covered for four years.")
    storage.path_of(document.storage_key).write_text("Batteries are covered for five years.")
    Document.objects.update(state=DocumentState.QUEUED)

    def away(_model: EmbeddingModel, _texts: list[str]) -> list[Vector]:
        raise ProviderUnavailable

    with monkeypatch.context() as patch, pytest.raises(ProviderUnavailable):
        patch.setattr(embedding, "embed_passages", away)
        pipeline.ingest(document.pk)
    assert "four years" in ask("battery", dataset).passages[0].text

    pipeline.ingest(document.pk)

    assert ["five years" in passage.text for passage in ask("battery", dataset).passages] == [True]
    document.refresh_from_db()
    assert document.version == 2
    assert counted(dataset)[:2] == true_counts(dataset)


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("scan.pdf", files.pdf(["image"]), "scan"),
        ("locked.pdf", files.encrypted_pdf(), "encrypted"),
        ("cut.docx", files.docx(files.paragraph("x"))[:200], "damaged"),
        ("blank.md", b" \n\n. \n", None),
    ],
)
def test_a_file_at_fault_fails_with_a_sentence(dataset: Dataset, name: str, content: bytes, code: str | None) -> None:
    document = ingest(dataset, name, content)

    if code is None:
        assert document.state == DocumentState.READY
    else:
        assert (document.state, document.error_code) == (DocumentState.FAILED, code)
        assert document.error_detail.endswith(".")
        assert Chunk.objects.count() == 0


def test_a_file_that_would_take_for_ever_is_refused(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "MAX_CHUNKS", 2)

    document = ingest(dataset, "guide.md", LONG)

    assert (document.state, document.error_code) == (DocumentState.FAILED, "too_long")


def test_a_stored_file_that_is_gone_is_named_as_the_cause(dataset: Dataset) -> None:
    document = upload(dataset, "a.txt", "Some text.")
    storage.delete(document.storage_key)

    pipeline.ingest(document.pk)

    document.refresh_from_db()
    assert (document.state, document.error_code) == (DocumentState.FAILED, "file_missing")


def test_a_model_that_is_away_is_no_fault_of_the_file(dataset: Dataset, settings: Any) -> None:
    document = upload(dataset, "a.txt", "Some text.")
    settings.LOCAL_MODEL_DIR = settings.MEDIA_ROOT

    with pytest.raises(Exception, match="not installed") as caught:
        pipeline.ingest(document.pk)
    document.refresh_from_db()
    assert document.state != DocumentState.FAILED

    pipeline.give_up(document.pk, str(caught.value))

    document.refresh_from_db()
    assert (document.state, document.error_code) == (DocumentState.FAILED, "gave_up")
    assert "not installed" in document.error_detail


def test_a_ready_document_is_not_failed_by_a_late_giving_up(dataset: Dataset) -> None:
    document = ingest(dataset, "a.txt", "Some text.")

    pipeline.give_up(document.pk, "too late")

    document.refresh_from_db()
    assert document.state == DocumentState.READY


def test_nothing_of_a_deleted_document_can_be_found(dataset: Dataset) -> None:
    kept = ingest(dataset, "kept.txt", "Batteries are covered for four years.")
    gone = ingest(dataset, "gone.txt", "The canary word is xylophonist, and batteries are mentioned too.")
    assert ask("xylophonist", dataset).passages[0].document_id == gone.pk

    services.delete_document(by=SYSTEM, document=gone)

    assert {passage.document_id for passage in ask("xylophonist batteries", dataset).passages} == {kept.pk}
    assert rows_that_mention(gone) == 0
    assert counted(dataset)[:2] == true_counts(dataset)


def test_nothing_of_a_deleted_dataset_is_left(dataset: Dataset) -> None:
    ingest(dataset, "guide.md", LONG)

    services.delete_dataset(by=SYSTEM, dataset=dataset)

    for model in (Dataset, Document, Chunk, ChunkVector, Posting):
        assert model._default_manager.count() == 0


def test_text_that_no_table_takes_is_made_storable(dataset: Dataset) -> None:
    document = ingest(dataset, "a.html", "<html><body><p>nul &#0; and surrogate &#xD800; inside</p></body></html>")

    assert document.state == DocumentState.READY


def rows_that_mention(document: Document) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM chunks WHERE document_id = %(id)s)"
            " + (SELECT count(*) FROM chunk_vectors WHERE chunk_id NOT IN (SELECT id FROM chunks))"
            " + (SELECT count(*) FROM chunk_terms WHERE chunk_ref NOT IN (SELECT ref FROM chunks))",
            {"id": document.pk},
        )
        return int(cursor.fetchone()[0])
