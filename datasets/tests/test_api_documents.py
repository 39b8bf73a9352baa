"""Documents by address and as text, downloads, filters and chunks through the API; keys limited to datasets."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from datasets import services
from datasets.enums import DocumentState
from datasets.ingestion import pipeline
from datasets.models import Chunk, Dataset, Document
from datasets.tests.knowledge import ingest
from tenants.context import tenant_scope
from tenants.enums import Scope
from tenants.models import ApiKey, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

BATTERY = "The battery of the mower is covered for four years from the day you bought it."


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


@pytest.fixture
def dataset(acme: Tenant) -> Dataset:
    with tenant_scope(acme):
        return services.create_dataset(by=SYSTEM, name="Handbook")


@pytest.fixture
def document(dataset: Dataset, acme: Tenant) -> Document:
    with tenant_scope(acme):
        return ingest(dataset, "warranty.txt", BATTERY)


@pytest.fixture
def chunk(document: Document, acme: Tenant) -> Chunk:
    with tenant_scope(acme):
        return Chunk.objects.get(document=document)


def add(client: APIClient, dataset: Dataset, **body: object) -> Any:
    return client.post(f"/v1/tenant/datasets/{dataset.id}/documents", body, format="json")


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["name"] for row in answer.json()["results"]]


def downloaded(answer: Any) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in answer])

    return async_to_sync(read)()


def test_text_becomes_a_document_that_can_be_asked_and_downloaded(
    client: APIClient, dataset: Dataset, acme: Tenant
) -> None:
    made = add(client, dataset, name="Opening hours", text="# Hours\n\nWe open at nine on Saturdays.")

    assert made.status_code == 201, made.content
    body = made.json()
    assert (body["source"], body["content_type"], body["state"]) == ("text", "text/markdown", "queued")
    with tenant_scope(acme):
        pipeline.ingest(uuid.UUID(body["id"]))
    found = client.post(f"/v1/tenant/datasets/{dataset.id}/search", {"query": "opening on Saturday"}, format="json")
    assert found.json()["passages"][0]["document_name"] == "Opening hours"
    answer = client.get(f"/v1/tenant/documents/{body['id']}/download")
    assert downloaded(answer) == b"# Hours\n\nWe open at nine on Saturdays."
    assert answer["Content-Disposition"] == 'attachment; filename="Opening hours.md"'


@pytest.mark.parametrize(
    ("text", "name", "shown", "kind"),
    [
        ("# The guide\n\nText.", "", "The guide", "text/markdown"),
        ("Plain.", "notes.txt", "notes.txt", "text/plain"),
        ("MZ is no program here.", "", "MZ is no program here.", "text/markdown"),
        ("***\nx", "", "Text", "text/markdown"),
    ],
)
def test_a_text_is_named_by_its_beginning_and_is_what_it_is_called(
    client: APIClient, dataset: Dataset, text: str, name: str, shown: str, kind: str
) -> None:
    body = add(client, dataset, text=text, **({"name": name} if name else {})).json()

    assert (body["name"], body["content_type"]) == (shown, kind)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid_input"),
        ({"url": "https://example.com/", "text": "x"}, 422, "invalid_input"),
        ({"text": ""}, 400, "invalid_request"),
        ({"text": " \n "}, 422, "empty_file"),
        ({"text": "a\x00b"}, 400, "invalid_request"),
        ({"url": "http://10.0.0.1/"}, 422, "egress_refused"),
        ({"url": "https://169.254.169.254/latest/meta-data/"}, 422, "egress_refused"),
        ({"url": "https://example.com/" + "x" * 2000}, 400, "invalid_request"),
        ([1], 400, "invalid_request"),
    ],
)
def test_a_document_that_cannot_be_taken_is_refused_at_once(
    client: APIClient, dataset: Dataset, body: Any, status: int, code: str
) -> None:
    answer = client.post(f"/v1/tenant/datasets/{dataset.id}/documents", body, format="json")

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_address_is_queued_and_taken_once(client: APIClient, dataset: Dataset) -> None:
    made = add(client, dataset, url="https://www.example.com/handbook")

    body = made.json()
    assert (made.status_code, body["state"], body["source"]) == (201, "queued", "url")
    assert (body["source_url"], body["size_bytes"]) == ("https://www.example.com/handbook", 0)
    again = add(client, dataset, url="https://www.example.com/handbook")
    assert (again.status_code, again.json()["code"]) == (409, "same_address")
    assert again.json()["document_id"] == body["id"]
    nothing = client.get(f"/v1/tenant/documents/{body['id']}/download")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "no_stored_file")
    assert client.delete(f"/v1/tenant/documents/{body['id']}").status_code == 204


def test_a_key_makes_a_document_once(client: APIClient, dataset: Dataset, acme: Tenant) -> None:
    address = f"/v1/tenant/datasets/{dataset.id}/documents"
    sent = [
        client.post(
            address,
            {"file": SimpleUploadedFile("a.txt", b"Some text.", "text/plain")},
            format="multipart",
            headers={"Idempotency-Key": "once"},
        )
        for _ in range(2)
    ]

    assert [answer.status_code for answer in sent] == [201, 201]
    assert sent[0].json()["id"] == sent[1].json()["id"]
    with tenant_scope(acme):
        assert Document.objects.count() == 1


def test_a_download_is_never_shown_by_a_browser_and_known_by_its_hash(
    client: APIClient, dataset: Dataset, acme: Tenant
) -> None:
    page = b"<!doctype html><script>alert(1)</script><p>Text</p>"
    with tenant_scope(acme):
        document = ingest(dataset, "page.html", page)
        services.rename_document(by=SYSTEM, document=document, name='Größe "1"/x\r\nSet-Cookie: a=b')
    path = f"/v1/tenant/documents/{document.id}/download"

    answer = client.get(path, headers={"Accept": "text/html"})

    assert downloaded(answer) == page
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''Gr%C3%B6%C3%9Fe%20%221%22-x%20Set-")
    assert answer["Content-Disposition"].endswith(".html")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Content-Length"] == str(len(page))
    assert answer["ETag"] == f'"{document.sha256}"'
    known = client.get(path, headers={"If-None-Match": answer["ETag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_a_document_is_renamed_if_it_is_what_was_seen(client: APIClient, document: Document) -> None:
    path = f"/v1/tenant/documents/{document.id}"
    seen = client.get(path)["ETag"]

    renamed = client.patch(path, {"name": "Warranty"}, format="json", headers={"If-Match": seen})
    late = client.patch(path, {"name": "Garantie"}, format="json", headers={"If-Match": seen})

    assert (renamed.status_code, renamed.json()["name"]) == (200, "Warranty")
    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    assert client.get(path, headers={"If-None-Match": renamed["ETag"]}).status_code == 304
    assert client.patch(path, {"name": "\u200b"}, format="json").status_code in {400, 422}


def test_lists_are_narrowed_down_and_ordered(client: APIClient, dataset: Dataset, acme: Tenant) -> None:
    with tenant_scope(acme):
        ingest(dataset, "b.txt", "Second text.")
        ingest(dataset, "a.txt", "First text.")
        services.add_url(by=SYSTEM, dataset=dataset, url="https://www.example.com/handbook", name="c")
        services.create_dataset(by=SYSTEM, name="Other")
        services.update_dataset(by=SYSTEM, dataset=dataset, is_active=False)
    path = f"/v1/tenant/datasets/{dataset.id}/documents"

    assert names(client.get(f"{path}?ordering=name")) == ["a.txt", "b.txt", "c"]
    assert names(client.get(f"{path}?state=ready&ordering=-name")) == ["b.txt", "a.txt"]
    assert names(client.get(f"{path}?source=url")) == ["c"]
    assert names(client.get(f"{path}?search=EXAMPLE.com")) == ["c"]
    assert names(client.get("/v1/tenant/datasets?is_active=false")) == ["Handbook"]
    assert names(client.get("/v1/tenant/datasets?search=oth")) == ["Other"]
    first = client.get(f"{path}?ordering=name&limit=2").json()
    assert names(client.get(first["next"])) == ["c"]
    for wrong in ("state=lost", "source=x", "ordering=sha256", "search=%00"):
        assert client.get(f"{path}?{wrong}").status_code == 400, wrong
    assert client.get("/v1/tenant/datasets?is_active=perhaps").status_code == 400


def test_a_chunk_is_read_edited_switched_off_and_deleted(client: APIClient, dataset: Dataset, chunk: Chunk) -> None:
    path = f"/v1/tenant/chunks/{chunk.id}"
    seen = client.get(path)
    assert (seen.json()["text"], seen.json()["dataset_id"]) == (BATTERY, str(dataset.id))

    edited = client.patch(
        path, {"text": "It is covered for five years."}, format="json", headers={"If-Match": seen["ETag"]}
    )
    late = client.patch(path, {"text": "Six years."}, format="json", headers={"If-Match": seen["ETag"]})

    assert edited.status_code == 200, edited.content
    assert (edited.json()["text"], late.status_code) == ("It is covered for five years.", 412)
    chunks = f"/v1/tenant/documents/{chunk.document_id}/chunks"
    assert client.get(f"{chunks}?search=FIVE").json()["results"][0]["id"] == str(chunk.id)
    assert client.patch(path, {"is_active": False}, format="json").json()["is_active"] is False
    assert client.get(f"{chunks}?is_active=true").json()["results"] == []
    assert client.delete(path, headers={"If-Match": edited["ETag"]}).status_code == 412
    assert client.delete(path).status_code == 204
    gone = client.get(path)
    assert (gone.status_code, gone.json()["code"]) == (404, "no_such_chunk")


def test_a_chunk_is_added(client: APIClient, document: Document) -> None:
    path = f"/v1/tenant/documents/{document.id}/chunks"

    made = client.post(path, {"text": "Spare parts are kept for ten years.", "section": "Parts"}, format="json")

    assert (made.status_code, made.json()["seq"]) == (201, 1)
    assert [row["seq"] for row in client.get(path).json()["results"]] == [0, 1]
    long = client.post(path, {"text": "word " * 500}, format="json")
    assert (long.status_code, long.json()["code"]) == (422, "chunk_too_long")
    for wrong in ({"text": ""}, {"text": "x", "page": 0}, {"text": "x\x00"}, {"text": "x" * 20_001}):
        assert client.post(path, wrong, format="json").status_code == 400


def test_a_trial_shows_both_legs_the_decision_and_the_time(client: APIClient, document: Document) -> None:
    path = f"/v1/tenant/datasets/{document.dataset_id}/search"

    found = client.post(path, {"query": "How long is the battery covered?"}, format="json").json()

    passage = found["passages"][0]
    assert (passage["dense_rank"], passage["lexical_rank"]) == (1, 1)
    assert passage["bm25"] > 0
    assert 0 < passage["coverage"] <= 1
    assert found["evidence"]["strength"] >= found["evidence"]["needed"] > 0
    assert found["has_evidence"] is True
    assert set(found["timings"]) == {"plan_ms", "embed_ms", "search_ms"}
    nothing = client.post(path, {"query": "Who wrote the opera about the barber of Seville?"}, format="json").json()
    assert nothing["has_evidence"] is False
    assert nothing["evidence"]["strength"] < nothing["evidence"]["needed"]


def test_a_key_limited_to_datasets_sees_no_others(
    client: APIClient, dataset: Dataset, chunk: Chunk, acme: Tenant
) -> None:
    with tenant_scope(acme):
        other = services.create_dataset(by=SYSTEM, name="Other")
        ingest(other, "other.txt", "Another text.")
    key, credential = factories.make_api_key(acme, scopes=[Scope.READ, Scope.WRITE])
    ApiKey.objects.filter(pk=key.pk).update(dataset_ids=[other.id])
    limited = APIClient(headers=factories.bearer(credential))

    assert names(limited.get("/v1/tenant/datasets")) == ["Other"]
    assert names(limited.get(f"/v1/tenant/datasets/{other.id}/documents")) == ["other.txt"]
    assert limited.post(f"/v1/tenant/datasets/{other.id}/search", {"query": "x"}, format="json").status_code == 200
    assert add(limited, other, text="Some text.").status_code == 201
    made = limited.post("/v1/tenant/datasets", {"name": "New"}, format="json")
    assert (made.status_code, made.json()["code"]) == (403, "permission_denied")
    for method, path, body in (
        ("get", f"datasets/{dataset.id}", {}),
        ("patch", f"datasets/{dataset.id}", {"name": "x"}),
        ("delete", f"datasets/{dataset.id}", {}),
        ("get", f"datasets/{dataset.id}/documents", {}),
        ("post", f"datasets/{dataset.id}/documents", {"text": "x"}),
        ("post", f"datasets/{dataset.id}/search", {"query": "x"}),
        ("get", f"documents/{chunk.document_id}", {}),
        ("patch", f"documents/{chunk.document_id}", {"name": "x"}),
        ("delete", f"documents/{chunk.document_id}", {}),
        ("post", f"documents/{chunk.document_id}/retry", {}),
        ("get", f"documents/{chunk.document_id}/download", {}),
        ("get", f"documents/{chunk.document_id}/chunks", {}),
        ("post", f"documents/{chunk.document_id}/chunks", {"text": "x"}),
        ("get", f"chunks/{chunk.id}", {}),
        ("patch", f"chunks/{chunk.id}", {"text": "x"}),
        ("delete", f"chunks/{chunk.id}", {}),
    ):
        unknown = path.replace(path.split("/")[1], str(uuid.uuid4()))
        refused, absent = (
            getattr(limited, method)(f"/v1/tenant/{one}", body, format="json") for one in (path, unknown)
        )
        assert refused.status_code == absent.status_code == 404, (method, path, refused.content)
        assert refused.json()["code"] == absent.json()["code"]
    assert client.get(f"/v1/tenant/chunks/{chunk.id}").json()["text"] == BATTERY


def test_a_document_from_the_web_is_fetched_anew_when_it_is_ready(
    client: APIClient, document: Document, acme: Tenant
) -> None:
    path = f"/v1/tenant/documents/{document.id}/retry"
    assert client.post(path).json()["code"] == "not_failed"

    with tenant_scope(acme):
        Document.objects.update(source="url", source_url="https://www.example.com/")
    answer = client.post(path)

    assert (answer.status_code, answer.json()["state"]) == (200, DocumentState.QUEUED)
