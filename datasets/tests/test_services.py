"""Taking documents in and deleting them: nothing half-written, nothing left behind."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction

from chatcms.jobs import services as job_services
from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job
from datasets import exceptions, services, storage
from datasets.enums import DocumentState, JobKind, OnSameName
from datasets.ingestion import pipeline
from datasets.models import Dataset, Document
from tenants.context import public_scope, tenant_scope
from tenants.models import AuditEvent, Plan, Tenant
from tenants.services import lifecycle
from tenants.tests import factories
from tenants.types import SYSTEM, Actor


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def dataset(in_acme: Tenant, by_owner: Actor) -> Dataset:
    return services.create_dataset(by=by_owner, name="Handbook")


def upload(dataset: Dataset, by: Actor, *, name: str = "note.txt", content: bytes = b"Some text.") -> Document:
    file = SimpleUploadedFile(name, content)
    both = OnSameName.KEEP_BOTH
    return services.upload_document(by=by, dataset=dataset, name=name, file=file, on_same_name=both).document


def files(root: object) -> list[Path]:
    return [path for path in Path(str(root)).rglob("*") if path.is_file()]


def test_an_upload_leaves_file_document_job_and_audit_line(
    dataset: Dataset, by_owner: Actor, in_acme: Tenant, settings: Any
) -> None:
    document = upload(dataset, by_owner)

    assert document.state == DocumentState.QUEUED
    assert storage.path_of(document.storage_key).read_bytes() == b"Some text."
    assert storage.path_of(document.storage_key).parent.name == str(in_acme.id)
    assert Job.objects.get(target_id=document.id).kind == JobKind.INGEST_DOCUMENT
    assert AuditEvent.objects.filter(action="document.upload", target_id=str(document.id)).count() == 1


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("empty.txt", b"", exceptions.EmptyFileError),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + b"0" * 50, exceptions.UnreadableFileError),
        ("report.pdf", b"not a pdf at all", exceptions.UnreadableFileError),
        ("table.xlsx", b"PK-not-really", exceptions.UnreadableFileError),
    ],
)
def test_a_refused_file_leaves_nothing(
    dataset: Dataset, by_owner: Actor, settings: Any, name: str, content: bytes, error: type[Exception]
) -> None:
    with pytest.raises(error):
        upload(dataset, by_owner, name=name, content=content)

    assert Document.objects.count() == 0
    assert files(settings.MEDIA_ROOT) == []


def test_a_file_over_the_limit_is_refused_while_it_is_read(dataset: Dataset, by_owner: Actor, settings: Any) -> None:
    settings.MAX_UPLOAD_BYTES = 100

    with pytest.raises(exceptions.FileTooLargeError):
        upload(dataset, by_owner, content=b"x" * 101)

    assert files(settings.MEDIA_ROOT) == []


def test_a_text_of_too_many_chunks_is_refused_at_the_door(
    dataset: Dataset, by_owner: Actor, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline, "MAX_CHUNKS", 500)
    text = "Delivery takes three days. " * 40_000
    with pytest.raises(exceptions.FileTooLargeError, match="500 chunks") as refused:
        upload(dataset, by_owner, content=text.encode())
    assert refused.value.extra == {"field": "file", "limit_chunks": 500}
    with pytest.raises(exceptions.FileTooLargeError) as refused:
        services.add_text(by=by_owner, dataset=dataset, text=text)
    assert refused.value.extra["field"] == "text"
    assert (Document.objects.count(), files(settings.MEDIA_ROOT)) == (0, [])
    upload(dataset, by_owner, content=text[: len(text) // 2].encode())


def test_the_same_content_is_named_and_not_taken_twice(dataset: Dataset, by_owner: Actor, settings: Any) -> None:
    first = upload(dataset, by_owner, name="a.txt")

    with pytest.raises(exceptions.SameDocumentError) as caught:
        upload(dataset, by_owner, name="b.txt")

    assert caught.value.extra["document_id"] == str(first.id)
    assert len(files(settings.MEDIA_ROOT)) == 1


def test_a_plan_without_room_refuses_and_keeps_nothing(
    dataset: Dataset, by_owner: Actor, in_acme: Tenant, settings: Any
) -> None:
    in_acme.plan = Plan.objects.create(code="tiny", name="Tiny", max_documents=1, max_storage_bytes=15)
    in_acme.save(update_fields=["plan"])
    upload(dataset, by_owner, content=b"one")

    with pytest.raises(exceptions.DocumentQuotaError):
        upload(dataset, by_owner, content=b"two")

    Plan.objects.update(max_documents=5)
    with pytest.raises(exceptions.StorageQuotaError):
        upload(dataset, by_owner, content=b"more than fifteen bytes")
    assert len(files(settings.MEDIA_ROOT)) == 1


def test_when_the_database_refuses_the_file_is_removed(
    dataset: Dataset, by_owner: Actor, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(**_: object) -> None:
        raise RuntimeError("the database went away")

    monkeypatch.setattr("datasets.services.taking_in.job_services.enqueue", broken)

    with pytest.raises(RuntimeError):
        upload(dataset, by_owner)

    assert Document.objects.count() == 0
    assert files(settings.MEDIA_ROOT) == []


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        ("C:\\Users\\ada\\report.md", "report.md"),
        ("bad\x00name\x07.txt", "badname.txt"),
        ("x" * 300 + ".txt", "x" * 251 + ".txt"),
        ("/", "document"),
    ],
)
def test_a_name_loses_its_path_and_what_cannot_be_shown(sent: str, kept: str) -> None:
    assert services.documents.clean_name(sent) == kept


def test_only_a_failed_document_is_tried_again(dataset: Dataset, by_owner: Actor) -> None:
    document = upload(dataset, by_owner)
    with pytest.raises(exceptions.NotFailedError):
        services.retry_document(by=by_owner, document=document)

    Job.objects.update(state=JobState.DEAD)
    Document.objects.update(state=DocumentState.FAILED, error_code="broken", error_detail="It broke.")
    retried = services.retry_document(by=by_owner, document=document)

    assert (retried.state, retried.error_code, retried.error_detail) == (DocumentState.QUEUED, "", "")
    assert Job.objects.filter(target_id=document.id, state=JobState.QUEUED).count() == 1


def test_a_document_tried_again_before_its_failed_job_has_ended_is_worked_on_once_more(
    dataset: Dataset, by_owner: Actor
) -> None:
    document = upload(dataset, by_owner)
    running = job_services.claim_next(queue="default")
    assert running is not None
    Document.objects.update(state=DocumentState.FAILED)

    services.retry_document(by=by_owner, document=document)
    job_services.complete(running)

    assert Job.objects.filter(target_id=document.id, state=JobState.QUEUED).count() == 1


def test_deleting_a_document_removes_file_and_open_job(
    dataset: Dataset, by_owner: Actor, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    document = upload(dataset, by_owner)

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_document(by=by_owner, document=document)

    assert Document.objects.count() == 0
    assert files(settings.MEDIA_ROOT) == []
    assert not Job.objects.filter(kind=JobKind.INGEST_DOCUMENT, state=JobState.QUEUED).exists()


def test_a_deletion_that_is_rolled_back_keeps_the_file(dataset: Dataset, by_owner: Actor) -> None:
    document = upload(dataset, by_owner)

    with pytest.raises(RuntimeError), transaction.atomic():
        services.delete_document(by=by_owner, document=document)
        raise RuntimeError("something else failed")

    assert Document.objects.filter(pk=document.pk).exists()
    assert storage.path_of(document.storage_key).exists()


def test_dropping_a_tenant_removes_its_files_and_no_others(
    dataset: Dataset, by_owner: Actor, globex: Tenant, settings: Any
) -> None:
    leaving = factories.make_tenant("leaving")
    with tenant_scope(leaving):
        upload(services.create_dataset(by=SYSTEM, name="Handbook"), SYSTEM, content=b"theirs")
        connection.check_constraints()  # in one transaction with the drop, their checks would still be pending
    kept = upload(dataset, by_owner)
    with public_scope():
        lifecycle.request_deletion(by=SYSTEM, tenant=leaving, grace=timedelta(0))

        assert lifecycle.drop_due() == ["leaving"]

    assert files(settings.MEDIA_ROOT) == [storage.path_of(kept.storage_key)]


def test_a_key_that_is_not_two_ids_names_no_file() -> None:
    for key in ("../../etc/passwd", "a/b", ""):
        with pytest.raises(ValueError, match="badly formed"):
            storage.path_of(key)


class BrokenUpload(io.BytesIO):
    """An upload whose sender goes away."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"first part"
        raise ConnectionResetError


def test_an_upload_that_breaks_off_leaves_nothing(dataset: Dataset, by_owner: Actor, settings: Any) -> None:
    with pytest.raises(ConnectionResetError):
        services.upload_document(by=by_owner, dataset=dataset, name="a.txt", file=BrokenUpload())

    assert files(settings.MEDIA_ROOT) == []
