"""The pages about datasets: who may do what there, what is kept when something fails, what each list costs."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chatcms.jobs.models import Job
from datasets.enums import DocumentState
from datasets.models import Chunk, Dataset, Document
from datasets.services import turns
from datasets.tests.knowledge import ingest, make_dataset, upload
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import AuditEvent, Membership, Tenant
from tenants.tests import factories

HTMX = {"HX-Request": "true", "Accept": "text/html"}
MARKDOWN = (
    "# Returns\n\nYou may return a helmet within forty days.\n\n# Warranty\n\nThe battery is covered for four years.\n"
)


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


@pytest.fixture
def viewer(acme: Tenant) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(factories.make_member(acme, "viewer@acme.example", role=Role.VIEWER).user)
    return signed_in


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    return make_dataset()


@pytest.fixture
def document(dataset: Dataset) -> Document:
    return ingest(dataset, "rules.md", MARKDOWN)


def file(name: str, content: bytes = b"Some text.") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def inside(acme: Tenant, work: Callable[[], Any]) -> Any:
    """What `work` gives in acme's schema: a request has left the test's own scope behind."""
    with tenant_scope(acme):
        return work()


def test_without_a_dataset_the_list_says_what_one_is_and_leads_to_a_new_one(client: Client, acme: Tenant) -> None:
    page = client.get("/t/acme/datasets/")

    assert b"No datasets yet" in page.content
    assert b'href="/t/acme/datasets/new/"' in page.content


def test_a_dataset_is_made_and_leads_to_its_empty_list(client: Client, acme: Tenant) -> None:
    answer = client.post(
        "/t/acme/datasets/new/", {"name": "Papers", "language": "auto", "chunk_tokens": 120, "chunk_overlap": 20}
    )

    made = inside(acme, Dataset.objects.get)
    assert (made.name, made.chunk_tokens, made.chunk_overlap) == ("Papers", 120, 20)
    assert answer.headers["Location"] == f"/t/acme/datasets/{made.pk}/"
    assert b"No documents yet" in client.get(answer.headers["Location"]).content


def test_what_cannot_be_a_dataset_keeps_all_that_was_typed(client: Client, acme: Tenant) -> None:
    typed = {
        "name": "Papers",
        "description": "All of them",
        "language": "auto",
        "chunk_tokens": 60,
        "chunk_overlap": 50,
    }

    answer = client.post("/t/acme/datasets/new/", typed)

    assert answer.status_code == 422
    assert b"Use at most half of a chunk." in answer.content
    assert b"All of them" in answer.content
    assert inside(acme, Dataset.objects.count) == 0


def test_files_are_taken_in_and_each_refused_one_says_why(client: Client, dataset: Dataset, acme: Tenant) -> None:
    files = [file("a.txt"), file("empty.txt", b""), file("b.md", b"# B\n\nText")]

    answer = client.post(f"/t/acme/datasets/{dataset.pk}/upload/", {"file": files})

    assert answer.status_code == 422
    assert b"<strong>empty.txt</strong>: This file is empty." in answer.content
    assert inside(acme, lambda: sorted(Document.objects.values_list("name", flat=True))) == ["a.txt", "b.md"]


def test_a_script_learns_of_one_file_whether_it_was_taken(client: Client, dataset: Dataset) -> None:
    address = f"/t/acme/datasets/{dataset.pk}/upload/"

    assert client.post(address, {"file": file("a.txt")}, headers=HTMX).status_code == 200
    again = client.post(address, {"file": file("b.txt")}, headers=HTMX)
    assert again.status_code == 422
    assert again.content.decode().startswith("This file is in the dataset already")


def test_the_list_looks_again_while_something_is_being_read_and_then_no_more(client: Client, dataset: Dataset) -> None:
    waiting = upload(dataset, "a.txt", "Some text.")
    address = f"/t/acme/datasets/{dataset.pk}/"

    assert b'hx-trigger="every 2s"' in client.get(address, headers=HTMX).content
    with tenant_scope(Tenant.objects.get(slug="acme")):
        Document.objects.filter(pk=waiting.pk).update(state=DocumentState.READY)
    fragment = client.get(address, headers=HTMX)
    assert b"hx-trigger" not in fragment.content
    assert b"<html" not in fragment.content


def test_a_failed_document_says_why_and_can_be_read_again(client: Client, dataset: Dataset, acme: Tenant) -> None:
    failed = upload(dataset, "scan.txt", "Some text.")
    Document.objects.filter(pk=failed.pk).update(state=DocumentState.FAILED, error_detail="This PDF is a scan.")

    assert b"This PDF is a scan." in client.get(f"/t/acme/datasets/{dataset.pk}/?state=failed").content
    row = client.post(f"/t/acme/documents/{failed.pk}/retry/", headers=HTMX)

    assert b'data-state="queued"' in row.content
    assert inside(acme, lambda: Document.objects.get(pk=failed.pk).state) == DocumentState.QUEUED


def test_an_address_that_may_not_be_fetched_is_refused_and_kept(client: Client, dataset: Dataset) -> None:
    answer = client.post(f"/t/acme/datasets/{dataset.pk}/add-address/", {"url": "http://127.0.0.1/secret"})

    assert answer.status_code == 422
    assert b"http://127.0.0.1/secret" in answer.content


def test_a_text_becomes_a_document(client: Client, dataset: Dataset, acme: Tenant) -> None:
    client.post(f"/t/acme/datasets/{dataset.pk}/add-text/", {"name": "Hours", "text": "We open at nine."})

    assert inside(acme, lambda: Document.objects.get().name) == "Hours"


def test_a_document_shows_its_chunks_in_order_and_finds_in_them(client: Client, document: Document) -> None:
    address = f"/t/acme/documents/{document.pk}/"

    whole = client.get(address).content.decode()
    found = client.get(address, {"search": "battery"}).content.decode()

    assert whole.index("forty days") < whole.index("four years")
    assert "four years" in found
    assert "forty days" not in found


def test_a_chunk_is_edited_switched_off_and_deleted(client: Client, document: Document, acme: Tenant) -> None:
    chunk = Chunk.objects.filter(document=document).order_by("seq")[0]
    address = f"/t/acme/chunks/{chunk.pk}/"

    client.post(address, {"text": "You may return a helmet within sixty days.", "is_active": "on"})
    assert "sixty days" in inside(acme, lambda: Chunk.objects.get(pk=chunk.pk).text)
    row = client.post(f"{address}switch/", headers=HTMX)
    assert b"switched off" in row.content
    client.post(f"{address}delete/")
    assert not inside(acme, lambda: Chunk.objects.filter(pk=chunk.pk).exists())


def test_a_chunk_longer_than_the_model_reads_keeps_what_was_typed(client: Client, document: Document) -> None:
    chunk = Chunk.objects.filter(document=document).order_by("seq")[0]
    long = "helmet " * 600

    answer = client.post(f"/t/acme/chunks/{chunk.pk}/", {"text": long, "is_active": "on"})

    assert answer.status_code == 422
    assert answer.content.decode().count("helmet") >= 600


def test_a_question_shows_what_a_bot_would_get_and_whether_it_would_answer(client: Client, document: Document) -> None:
    address = f"/t/acme/datasets/{document.dataset_id}/try/"

    good = client.get(address, {"q": "How long is the battery covered?"})
    bad = client.get(address, {"q": "What is the capital of France?"})

    assert b"A bot would answer from this" in good.content
    assert b"four years" in good.content
    assert b"A bot would answer from this" not in bad.content


def test_a_preview_too_many_says_when_to_ask_again(client: Client, document: Document, acme: Tenant) -> None:
    page = f"/t/acme/datasets/{document.dataset_id}/split/"
    with turns.taken(acme.pk):
        shown = client.get(page, {"chunk_tokens": "50", "chunk_overlap": "0", "text": "Some words."})
    assert (shown.status_code, shown["Retry-After"]) == (429, "2")
    assert "Try again in a moment." in shown.content.decode()


def test_a_preview_shows_the_pieces_and_changes_nothing(client: Client, document: Document, acme: Tenant) -> None:
    sizes = {"chunk_tokens": "50", "chunk_overlap": "0"}
    text = "One sentence about helmets and returns. " * 20

    page = client.get(f"/t/acme/datasets/{document.dataset_id}/split/", {**sizes, "text": text})
    of_file = client.get(f"/t/acme/datasets/{document.dataset_id}/split/", {**sizes, "document": str(document.pk)})

    assert b"Split all documents like this" in page.content
    assert b"four years" in of_file.content
    assert inside(acme, lambda: Dataset.objects.get().chunk_tokens) == 200


def test_splitting_anew_reads_every_document_again(client: Client, document: Document, acme: Tenant) -> None:
    address = f"/t/acme/datasets/{document.dataset_id}/split/"

    client.post(address, {"chunk_tokens": 80, "chunk_overlap": 10})

    changed = inside(acme, lambda: Document.objects.select_related("dataset").get(pk=document.pk))
    assert (changed.state, changed.dataset.chunk_tokens) == (DocumentState.QUEUED, 80)
    assert Job.objects.filter(target_id=document.pk, state="queued").exists()
    assert AuditEvent.objects.filter(action="dataset.resplit").exists()
    assert inside(acme, lambda: Chunk.objects.filter(document=document).exists())


def test_a_dataset_is_deleted_only_when_its_name_is_typed(client: Client, document: Document, acme: Tenant) -> None:
    address = f"/t/acme/datasets/{document.dataset_id}/delete/"

    refused = client.post(address, {"confirm": "handbok"})
    assert refused.status_code == 422
    assert inside(acme, Dataset.objects.count) == 1
    client.post(address, {"confirm": "Handbook"})
    assert inside(acme, Dataset.objects.count) == 0


def test_a_viewer_reads_everything_and_changes_nothing(viewer: Client, document: Document, acme: Tenant) -> None:
    dataset, chunk = document.dataset_id, Chunk.objects.filter(document=document).order_by("seq")[0].pk
    for readable in ("datasets/", f"datasets/{dataset}/", f"datasets/{dataset}/try/", f"datasets/{dataset}/settings/",
                     f"documents/{document.pk}/", f"documents/{document.pk}/download/"):  # fmt: skip
        page = viewer.get(f"/t/acme/{readable}")
        assert page.status_code == 200, readable
        main = b"".join(page).partition(b"<main")[2].partition(b"</main>")[0]
        assert b"button--primary" not in main or readable.endswith("try/")
    for action in (f"datasets/{dataset}/upload/", f"datasets/{dataset}/settings/", f"datasets/{dataset}/split/",
                   f"datasets/{dataset}/delete/", f"documents/{document.pk}/retry/", f"documents/{document.pk}/delete/",
                   f"documents/{document.pk}/rename/", f"chunks/{chunk}/switch/", f"chunks/{chunk}/delete/",
                   "datasets/new/"):  # fmt: skip
        answer = viewer.post(f"/t/acme/{action}", {"chunk_tokens": 80, "chunk_overlap": 0, "name": "x"})
        assert answer.status_code == 403, action
    assert inside(acme, Document.objects.count) == 1


def test_what_is_another_tenants_is_unknown(client: Client, document: Document, globex: Tenant) -> None:
    with tenant_scope(globex):
        theirs = make_dataset("Theirs")

    assert client.get(f"/t/acme/datasets/{theirs.pk}/").status_code == 404
    assert client.get(f"/t/acme/documents/{uuid.uuid4()}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 300])
def test_the_lists_ask_as_often_for_one_as_for_many(client: Client, dataset: Dataset, rows: int) -> None:
    documents = [
        Document(dataset=dataset, name=f"{n}.txt", content_type="text/plain", size_bytes=1, sha256=str(n))
        for n in range(rows)
    ]
    Document.objects.bulk_create(documents)
    Dataset.objects.bulk_create(Dataset(name=f"Dataset {n}") for n in range(rows - 1))

    for address in ("/t/acme/datasets/", f"/t/acme/datasets/{dataset.pk}/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15, [query["sql"][:120] for query in queries]
