"""Datasets and documents through the API: shapes, refusals, other tenants' ids, and constant query counts."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from datasets import services
from datasets.models import Dataset, Document
from tenants.context import tenant_scope
from tenants.enums import Role, Scope
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def client(api_key: str) -> APIClient:
    return client_with(api_key)


def client_with(credential: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {credential}")
    return client


def make_dataset(tenant: Tenant, name: str = "Handbook") -> Dataset:
    with tenant_scope(tenant):
        return services.create_dataset(by=SYSTEM, name=name)


def text_file(content: str = "Some text.", name: str = "note.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode(), "text/plain")


def send(client: APIClient, dataset: Dataset, file: SimpleUploadedFile) -> Any:
    return client.post(f"/v1/tenant/datasets/{dataset.id}/documents", {"file": file}, format="multipart")


def test_a_dataset_is_made_read_changed_and_deleted(client: APIClient) -> None:
    made = client.post("/v1/tenant/datasets", {"name": "Handbook", "description": "All of it"})
    assert made.status_code == 201, made.content
    address = f"/v1/tenant/datasets/{made.json()['id']}"

    assert client.get(address).json()["name"] == "Handbook"
    assert client.patch(address, {"name": "Manual"}).json()["name"] == "Manual"
    assert [row["name"] for row in client.get("/v1/tenant/datasets").json()["results"]] == ["Manual"]
    assert client.delete(address).status_code == 204
    gone = client.get(address)
    assert (gone.status_code, gone.json()["code"]) == (404, "no_such_dataset")


def test_an_overlap_longer_than_half_a_chunk_is_refused(client: APIClient) -> None:
    answer = client.post("/v1/tenant/datasets", {"name": "x", "chunk_tokens": 100, "chunk_overlap": 60})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/chunk_overlap"


def test_an_upload_answers_with_the_queued_document(client: APIClient, acme: Tenant) -> None:
    answer = send(client, make_dataset(acme), text_file())

    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert (body["state"], body["name"], body["size_bytes"]) == ("queued", "note.txt", 10)
    assert client.get(f"/v1/tenant/documents/{body['id']}").json()["state"] == "queued"


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        (SimpleUploadedFile("a.txt", b""), 422, "empty_file"),
        (SimpleUploadedFile("a.exe", b"MZ\x90\x00"), 415, "unsupported_file"),
        (SimpleUploadedFile("a.pdf", b"hello"), 415, "unsupported_file"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_a_reason(
    client: APIClient, acme: Tenant, file: SimpleUploadedFile, status: int, code: str
) -> None:
    answer = send(client, make_dataset(acme), file)

    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_form_without_a_file_says_which_field_is_missing(client: APIClient, acme: Tenant) -> None:
    answer = client.post(f"/v1/tenant/datasets/{make_dataset(acme).id}/documents", {}, format="multipart")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/file"


def test_the_same_file_again_is_a_conflict_that_names_the_first(client: APIClient, acme: Tenant) -> None:
    dataset = make_dataset(acme)
    first = send(client, dataset, text_file()).json()

    again = send(client, dataset, text_file(name="other.txt"))

    assert again.status_code == 409
    assert again.json()["document_id"] == first["id"]


def test_another_tenants_ids_do_not_exist_here(client: APIClient, acme: Tenant, globex_api_key: str) -> None:
    dataset = make_dataset(acme)
    document = send(client, dataset, text_file()).json()["id"]
    stranger = client_with(globex_api_key)

    for method, address in (
        ("get", f"/v1/tenant/datasets/{dataset.id}"),
        ("patch", f"/v1/tenant/datasets/{dataset.id}"),
        ("delete", f"/v1/tenant/datasets/{dataset.id}"),
        ("get", f"/v1/tenant/datasets/{dataset.id}/documents"),
        ("get", f"/v1/tenant/documents/{document}"),
        ("delete", f"/v1/tenant/documents/{document}"),
        ("post", f"/v1/tenant/documents/{document}/retry"),
        ("get", f"/v1/tenant/documents/{document}/chunks"),
    ):
        assert getattr(stranger, method)(address, {}, format="json").status_code == 404, (method, address)
    assert send(stranger, dataset, text_file()).status_code == 404
    assert stranger.post(f"/v1/tenant/datasets/{dataset.id}/search", {"query": "x"}).status_code == 404
    with tenant_scope(acme):
        assert Document.objects.count() == 1


def test_who_may_only_read_changes_nothing(acme: Tenant) -> None:
    dataset = make_dataset(acme)
    viewer = factories.make_member(acme, role=Role.VIEWER)
    for credential in (
        factories.make_token_pair(viewer).access,
        factories.make_api_key(acme, scopes=[Scope.READ])[1],
    ):
        reader = client_with(credential)
        assert reader.get("/v1/tenant/datasets").status_code == 200
        assert reader.post("/v1/tenant/datasets", {"name": "x"}).status_code == 403
        assert reader.delete(f"/v1/tenant/datasets/{dataset.id}").status_code == 403
        assert send(reader, dataset, text_file()).status_code == 403


@pytest.mark.parametrize("address", ["/v1/tenant/datasets", "/v1/tenant/datasets/{dataset}/documents"])
def test_a_list_takes_as_many_queries_for_three_rows_as_for_one(client: APIClient, acme: Tenant, address: str) -> None:
    dataset = make_dataset(acme)
    send(client, dataset, text_file("one"))
    path = address.format(dataset=dataset.id)
    client.get(path)

    with CaptureQueriesContext(connection) as for_one:
        assert len(client.get(path).json()["results"]) == 1
    for number in range(2):
        make_dataset(acme, f"Dataset {number}")
        send(client, dataset, text_file(f"another {number}", f"{number}.txt"))
    with CaptureQueriesContext(connection) as for_three:
        assert len(client.get(path).json()["results"]) == 3

    assert len(for_three) == len(for_one)


def test_pages_follow_their_cursor(client: APIClient, acme: Tenant) -> None:
    for number in range(3):
        make_dataset(acme, f"Dataset {number}")

    first = client.get("/v1/tenant/datasets?limit=2").json()
    second = client.get(first["next"]).json()

    assert [row["name"] for row in first["results"] + second["results"]] == ["Dataset 2", "Dataset 1", "Dataset 0"]
    assert second["next"] is None


def test_an_unknown_document_is_a_problem_document(client: APIClient) -> None:
    answer = client.get(f"/v1/tenant/documents/{uuid.uuid4()}")

    assert answer.status_code == 404
    assert answer.json()["type"] == "urn:chatcms:problem:no_such_document"
    assert answer.json()["request_id"] == answer.headers["X-Request-ID"]
