"""Chunks are edited, switched off and on, added and taken away: every search and statistic knows at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from datasets import exceptions, services
from datasets.enums import DocumentState
from datasets.models import Chunk, ChunkVector, Dataset, Document, Posting
from datasets.tests.knowledge import ask, ingest, make_dataset, upload
from tenants.models import AuditEvent, Tenant
from tenants.types import SYSTEM

FACTS = {
    "warranty.txt": "The battery of the mower is covered for four years from the day you bought it.",
    "returns.txt": "Send an unused product back within thirty days and we refund the whole price.",
}


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    dataset = make_dataset()
    for name, text in FACTS.items():
        ingest(dataset, name, text)
    return dataset


def chunk_of(name: str) -> Chunk:
    return Chunk.objects.select_related("document__dataset").get(document__name=name)


def edit(chunk: Chunk, **changes: Any) -> Chunk:
    return services.apply_edit(by=SYSTEM, edit=services.prepare_edit(chunk=chunk, **changes))


def found(question: str, dataset: Dataset) -> set[str]:
    return {passage.document_name for passage in ask(question, dataset).passages}


def assert_statistics_are_true(dataset: Dataset) -> None:
    dataset.refresh_from_db()
    active = Chunk.objects.filter(dataset=dataset, is_active=True)
    terms = sum(Posting.objects.values_list("tf", flat=True))
    assert dataset.chunk_count == active.count() == ChunkVector.objects.count()
    assert dataset.term_total == terms
    assert set(Posting.objects.values_list("chunk_ref", flat=True)) == set(active.values_list("ref", flat=True))
    assert dataset.languages == ({"english": active.count()} if active.exists() else {})
    for document in Document.objects.all():
        assert document.chunk_count == active.filter(document=document).count()


def test_a_new_text_is_found_by_its_words_and_its_meaning(dataset: Dataset) -> None:
    chunk = edit(chunk_of("warranty.txt"), text="The gearbox is guaranteed for a decade.")

    assert (chunk.text, chunk.token_count) == ("The gearbox is guaranteed for a decade.", 8)
    assert chunk.edited_at is not None
    assert ask("gearbox", dataset).passages[0].chunk_id == chunk.pk
    assert ask("For how many years may I claim a broken transmission?", dataset).passages[0].chunk_id == chunk.pk
    assert all(passage.bm25 == 0 for passage in ask("the mower's battery", dataset).passages)
    assert_statistics_are_true(dataset)
    detail = AuditEvent.objects.get(action="chunk.update").detail
    assert detail["fields"] == ["text"]
    # Of knowledge a line tells the length alone: it outlives the document.
    assert detail["changes"]["text"][1] == "39 characters"


def test_one_that_is_switched_off_is_found_by_nothing_and_back_on_as_before(dataset: Dataset) -> None:
    before = ask("battery covered", dataset)
    chunk = edit(chunk_of("warranty.txt"), is_active=False)

    assert found("battery covered", dataset) <= {"returns.txt"}
    assert_statistics_are_true(dataset)

    edit(chunk_of("warranty.txt"), is_active=True)

    after = ask("battery covered", dataset)
    assert after.passages[0].chunk_id == chunk.pk
    assert after.passages[0].bm25 == pytest.approx(before.passages[0].bm25)
    assert_statistics_are_true(dataset)


def test_the_last_one_switched_off_leaves_nothing_to_search(dataset: Dataset) -> None:
    for name in FACTS:
        edit(chunk_of(name), is_active=False)

    assert ask("battery", dataset).passages == ()
    assert_statistics_are_true(dataset)


def test_one_that_is_off_is_edited_without_being_found(dataset: Dataset) -> None:
    edit(chunk_of("warranty.txt"), is_active=False)
    edit(chunk_of("warranty.txt"), text="The gearbox is guaranteed for a decade.")
    assert "warranty.txt" not in found("gearbox", dataset)

    edit(chunk_of("warranty.txt"), is_active=True)

    assert "warranty.txt" in found("gearbox", dataset)
    assert_statistics_are_true(dataset)


def test_one_is_added_at_the_end_and_taken_away(dataset: Dataset) -> None:
    document = Document.objects.get(name="warranty.txt")

    added = services.add_chunk(
        by=SYSTEM, document=document, text="Spare parts are kept for ten years.", section="Parts"
    )

    assert (added.seq, added.section) == (1, "Parts")
    assert ask("spare parts", dataset).passages[0].chunk_id == added.pk
    assert_statistics_are_true(dataset)

    services.delete_chunk(by=SYSTEM, chunk=added)

    assert added.pk not in {passage.chunk_id for passage in ask("spare parts", dataset).passages}
    assert_statistics_are_true(dataset)


def test_deleting_and_reading_again_keep_the_statistics_true(dataset: Dataset) -> None:
    edit(chunk_of("warranty.txt"), is_active=False)
    edit(chunk_of("returns.txt"), text="Nothing is taken back.")

    services.delete_document(by=SYSTEM, document=Document.objects.get(name="warranty.txt"))
    assert_statistics_are_true(dataset)
    services.delete_document(by=SYSTEM, document=Document.objects.get(name="returns.txt"))
    assert_statistics_are_true(dataset)


def test_nothing_changed_is_no_change(dataset: Dataset) -> None:
    chunk = chunk_of("warranty.txt")

    edited = edit(chunk, text=chunk.text, is_active=True)

    assert edited.edited_at is None
    assert not AuditEvent.objects.filter(action="chunk.update").exists()


def test_of_two_edits_at_once_the_second_is_told(dataset: Dataset) -> None:
    mine = services.prepare_edit(chunk=chunk_of("warranty.txt"), text="My gears.")
    edit(chunk_of("warranty.txt"), text="Their gears.")

    with pytest.raises(exceptions.ChunkChangedError):
        services.apply_edit(by=SYSTEM, edit=mine)

    assert chunk_of("warranty.txt").text == "Their gears."
    assert_statistics_are_true(dataset)


def test_a_chunk_of_a_document_that_was_read_again_is_gone(dataset: Dataset) -> None:
    mine = services.prepare_edit(chunk=chunk_of("warranty.txt"), text="My gears.")
    Chunk.objects.filter(pk=mine.chunk.pk).update(version=99)

    with pytest.raises(exceptions.NoSuchChunkError):
        services.apply_edit(by=SYSTEM, edit=mine)


@pytest.mark.parametrize("state", [DocumentState.QUEUED, DocumentState.FETCHING, DocumentState.EMBEDDING])
def test_while_its_document_is_being_read_nothing_is_edited(dataset: Dataset, state: DocumentState) -> None:
    ready = services.prepare_edit(chunk=chunk_of("warranty.txt"), text="My gears.")
    Document.objects.update(state=state)

    with pytest.raises(exceptions.DocumentBusyError):
        services.apply_edit(by=SYSTEM, edit=ready)
    with pytest.raises(exceptions.DocumentBusyError):
        services.prepare_edit(chunk=chunk_of("warranty.txt"), text="My gears.")
    with pytest.raises(exceptions.DocumentBusyError):
        services.delete_chunk(by=SYSTEM, chunk=chunk_of("warranty.txt"))


def test_nothing_is_added_to_a_document_that_never_was_read(dataset: Dataset) -> None:
    with pytest.raises(exceptions.DocumentBusyError):
        services.add_chunk(by=SYSTEM, document=upload(dataset, "new.txt", "New."), text="More.")


def test_a_text_that_the_model_would_cut_short_is_refused(dataset: Dataset) -> None:
    with pytest.raises(exceptions.ChunkTooLongError, match="500 tokens"):
        services.prepare_edit(chunk=chunk_of("warranty.txt"), text="word " * 500)
