"""A file that is called as one of the dataset replaces it once it is ready, and not before."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job
from datasets import exceptions, services, storage
from datasets.enums import Arrival, DocumentState, JobKind, OnSameName
from datasets.ingestion import pipeline
from datasets.models import Chunk, Dataset, Document
from datasets.tests.files import pdf
from datasets.tests.knowledge import ask, ingest, make_dataset, send
from tenants.context import public_scope, tenant_scope
from tenants.models import AuditEvent, Membership, Plan, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

OLD = "The garden service costs 49 euros a month."
NEW = "The garden service costs 59 euros a month."
QUESTION = "What does the garden service cost?"


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    return make_dataset()


def found(dataset: Dataset) -> list[str]:
    return [passage.text for passage in ask(QUESTION, dataset).passages]


def kept(root: Path) -> list[str]:
    return [path.name for path in root.rglob("*") if path.is_file()]


def test_the_earlier_version_answers_until_the_new_one_is_ready(
    dataset: Dataset, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    old = ingest(dataset, "prices.txt", OLD)

    with django_capture_on_commit_callbacks(execute=True):
        taken = send(dataset, "prices.txt", NEW)

    assert (taken.arrival, taken.document.pk) == (Arrival.REPLACED, old.pk)
    assert taken.document.state == DocumentState.QUEUED
    assert found(dataset) == [OLD]
    assert kept(settings.MEDIA_ROOT) == [storage.path_of(taken.document.storage_key).name]

    pipeline.ingest(old.pk)

    assert found(dataset) == [NEW]
    old.refresh_from_db()
    assert (old.state, old.version) == (DocumentState.READY, 2)
    assert Document.objects.count() == 1


@pytest.mark.parametrize("name", ["prices.txt", "Prices.TXT", "Preise für März.txt"])
def test_a_name_is_the_same_in_other_letters(dataset: Dataset, name: str) -> None:
    """Systems differ in capitals, and in whether an accent is a letter of its own."""
    first = ingest(dataset, name, OLD)

    assert send(dataset, unicodedata.normalize("NFD", name.lower()), NEW).document.pk == first.pk


def test_the_same_content_again_is_unchanged(
    dataset: Dataset, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    first = ingest(dataset, "prices.txt", OLD)

    with django_capture_on_commit_callbacks(execute=True):
        taken = send(dataset, "prices.txt", OLD)

    assert (taken.arrival, taken.document.pk, taken.document.state) == (
        Arrival.UNCHANGED,
        first.pk,
        DocumentState.READY,
    )
    assert kept(settings.MEDIA_ROOT) == [storage.path_of(first.storage_key).name]
    assert AuditEvent.objects.filter(action="document.replace").count() == 0


def test_both_are_kept_on_request_under_names_that_tell_them_apart(dataset: Dataset) -> None:
    ingest(dataset, "prices.txt", OLD)

    names = [
        send(dataset, "prices.txt", f"{NEW} Version {number}.", on_same_name=OnSameName.KEEP_BOTH).document.name
        for number in range(2)
    ]

    assert names == ["prices (2).txt", "prices (3).txt"]
    assert Document.objects.count() == 3


def test_a_long_name_stays_within_its_limit_when_both_are_kept(dataset: Dataset) -> None:
    name = "x" * 251 + ".txt"
    send(dataset, name, OLD)

    second = send(dataset, name, NEW, on_same_name=OnSameName.KEEP_BOTH).document

    assert len(second.name) == 255
    assert second.name.endswith(" (2).txt")


def test_a_new_version_that_cannot_be_read_leaves_the_earlier_one_answering(dataset: Dataset) -> None:
    old = ingest(dataset, "prices.pdf", pdf([OLD]))
    send(dataset, "prices.pdf", b"%PDF-1.7\nnothing that could be read")

    pipeline.ingest(old.pk)

    old.refresh_from_db()
    assert (old.state, old.version) == (DocumentState.FAILED, 1)
    assert [OLD in text for text in found(dataset)] == [True]


def test_a_run_that_began_with_the_earlier_file_neither_writes_nor_fails_the_new_one(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    document = send(dataset, "prices.txt", OLD).document

    def replaced_before(step: Callable[..., Any]) -> Callable[..., Any]:
        def replace_first(*args: Any, **kwargs: Any) -> Any:
            if Document.objects.get(pk=document.pk).storage_key == document.storage_key:
                with django_capture_on_commit_callbacks(execute=True):
                    send(dataset, "prices.txt", NEW)
            return step(*args, **kwargs)

        return replace_first

    for step in ("split_file", "_write"):
        document = Document.objects.get(pk=document.pk)
        with monkeypatch.context() as patched:
            patched.setattr(pipeline, step, replaced_before(getattr(pipeline, step)))
            pipeline.ingest(document.pk)
        assert Document.objects.get(pk=document.pk).state not in {DocumentState.READY, DocumentState.FAILED}
        assert Chunk.objects.count() == 0
        with django_capture_on_commit_callbacks(execute=True):
            send(dataset, "prices.txt", f"{OLD} Again.")

    pipeline.ingest(document.pk)
    assert found(dataset) == [f"{OLD} Again."]


def test_a_job_that_is_under_way_is_done_again(dataset: Dataset) -> None:
    document = send(dataset, "prices.txt", OLD).document
    with public_scope():
        Job.objects.filter(target_id=document.pk).update(state=JobState.RUNNING)

    send(dataset, "prices.txt", NEW)

    with public_scope():
        assert Job.objects.get(kind=JobKind.INGEST_DOCUMENT, target_id=document.pk).again


def test_the_plan_counts_the_growth_and_the_refused_version_changes_nothing(
    dataset: Dataset, in_acme: Tenant, settings: Any
) -> None:
    in_acme.plan = Plan.objects.create(code="tiny", name="Tiny", max_documents=1, max_storage_bytes=100)
    in_acme.save(update_fields=["plan"])
    first = ingest(dataset, "prices.txt", OLD)

    with pytest.raises(exceptions.StorageQuotaError):
        send(dataset, "prices.txt", NEW * 10)
    assert send(dataset, "prices.txt", f"{NEW} From March.").arrival == Arrival.REPLACED

    first.refresh_from_db()
    assert first.size_bytes == len(f"{NEW} From March.")
    assert len(kept(settings.MEDIA_ROOT)) >= 1


def test_content_that_another_document_has_is_refused_and_the_earlier_file_stays(
    dataset: Dataset, settings: Any
) -> None:
    first = ingest(dataset, "prices.txt", OLD)
    ingest(dataset, "new prices.txt", NEW)

    with pytest.raises(exceptions.SameDocumentError):
        send(dataset, "prices.txt", NEW)

    first.refresh_from_db()
    assert first.state == DocumentState.READY
    assert storage.path_of(first.storage_key).is_file()
    assert len(kept(settings.MEDIA_ROOT)) == 2


def test_a_replacement_is_told_with_what_it_changed(dataset: Dataset) -> None:
    old = ingest(dataset, "prices.txt", OLD)

    send(dataset, "prices.txt", NEW)

    event = AuditEvent.objects.get(action="document.replace")
    assert event.target_id == str(old.pk)
    assert event.detail["fields"] == ["sha256"]


def test_a_text_replaces_only_what_it_names(dataset: Dataset) -> None:
    first = services.add_text(by=SYSTEM, dataset=dataset, text="# Prices\n\n49 euros.")
    by_heading = services.add_text(by=SYSTEM, dataset=dataset, text="# Prices\n\n59 euros.")
    by_name = services.add_text(by=SYSTEM, dataset=dataset, text="69 euros.", name="Prices")

    assert [taken.arrival for taken in (first, by_heading, by_name)] == ["created", "created", "replaced"]
    assert by_name.document.pk == first.document.pk
    assert by_heading.document.name == "Prices (2)"


def test_the_api_says_what_became_of_a_file(acme: Tenant, api_key: str) -> None:
    client = APIClient(headers=factories.bearer(api_key))
    with tenant_scope(acme):
        path = f"/v1/tenant/datasets/{make_dataset().pk}/documents"

    def sent(**body: object) -> tuple[int, str]:
        answer = client.post(path, {"name": "prices.txt", **body}, format="json")
        return answer.status_code, answer.json().get("arrival", answer.json().get("detail"))

    assert sent(text=OLD) == (201, "created")
    assert sent(text=OLD) == (200, "unchanged")
    assert sent(text=NEW) == (200, "replaced")
    assert sent(text=f"{NEW} Extra.", on_same_name="keep_both") == (201, "created")
    assert sent(text=NEW, on_same_name="merge")[0] == 400
    assert sent(url="https://www.example.com/", on_same_name="replace")[0] == 422


def test_uploads_through_the_portal_say_what_became_of_each(acme: Tenant, owner: Membership) -> None:
    with tenant_scope(acme):
        path = f"/t/acme/datasets/{make_dataset().pk}/upload/"
    client = Client(headers={"Accept": "text/html"})
    client.force_login(owner.user)

    def sent(text: str, **fields: str) -> str:
        file = SimpleUploadedFile("prices.txt", text.encode())
        answer = client.post(path, {"file": file, **fields}, headers={"HX-Request": "true", "Accept": "text/html"})
        assert answer.status_code == 200
        return str(answer.content.decode()).strip()

    assert sent(OLD) == ""
    assert sent(OLD).startswith("Unchanged")
    assert sent(NEW).startswith("Replaces")
    assert sent(f"{NEW} Extra.", keep_both="1") == ""
