"""Long documents are embedded in slices: others have their turn in between, and nothing is done or written twice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from chatcms.jobs import runner
from chatcms.jobs.exceptions import YieldError
from datasets import embedding, services, storage
from datasets.enums import DocumentState
from datasets.ingestion import pipeline
from datasets.models import Chunk, Document
from datasets.tests.knowledge import make_dataset, upload
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

_PART = "# Part {0}\n\nThe gears of machine {0} are greased after each day of work."
LONG = "\n\n".join(map(_PART.format, range(80)))


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.JOB_SLICE_SECONDS = 0


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passages that a model was asked about."""
    asked: list[str] = []
    embed = embedding.embed_passages

    def noted(model: Any, texts: Sequence[str]) -> Any:
        asked.extend(texts)
        return embed(model, texts)

    monkeypatch.setattr(embedding, "embed_passages", noted)
    return asked


@pytest.fixture
def long(acme: Tenant) -> Document:
    with tenant_scope(acme):
        return upload(make_dataset(), "long.md", LONG)


@pytest.fixture
def other(db: None) -> Tenant:
    return factories.make_tenant("other")


def state_of(tenant: Tenant, document: Document) -> str:
    with tenant_scope(tenant):
        return Document.objects.get(pk=document.pk).state


def test_another_tenants_upload_is_ready_while_a_long_document_is_worked_on(
    acme: Tenant, other: Tenant, long: Document, embedded: list[str]
) -> None:
    with tenant_scope(other):
        short = upload(make_dataset(), "short.txt", "The battery is covered for four years.")

    assert runner.run_next(queue="default")
    assert state_of(acme, long) == DocumentState.EMBEDDING
    assert runner.run_next(queue="default")
    assert state_of(other, short) == DocumentState.READY
    assert state_of(acme, long) == DocumentState.EMBEDDING
    runner.run_due()

    with tenant_scope(acme):
        long.refresh_from_db()
        assert (long.state, long.version) == (DocumentState.READY, 1)
        chunks = list(Chunk.objects.filter(document=long))
        assert len(chunks) == long.chunk_count == len({chunk.text for chunk in chunks}) >= 80
    assert len(embedded) == len(set(embedded)) == len(chunks) + 1
    assert not storage.kept_beside(long.storage_key).exists()


def test_a_tenant_that_is_alone_goes_on_at_once_and_keeps_what_is_done(
    acme: Tenant, long: Document, embedded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that is killed after a slice costs no slice that was kept."""
    monkeypatch.setattr(pipeline, "_write", lambda *_: pytest.fail("killed before it wrote"))
    with tenant_scope(acme), pytest.raises(pytest.fail.Exception):
        pipeline.ingest(long.pk)
    before = len(embedded)
    monkeypatch.undo()

    with tenant_scope(acme):
        pipeline.ingest(long.pk)

    assert before >= 80
    assert state_of(acme, long) == DocumentState.READY


def test_another_text_makes_what_was_kept_worthless(acme: Tenant, other: Tenant, long: Document) -> None:
    with tenant_scope(other):
        upload(make_dataset(), "short.txt", "Four years.")
    with tenant_scope(acme):
        with pytest.raises(YieldError):
            pipeline.ingest(long.pk)
        storage.path_of(long.storage_key).write_text("Nothing but this.")
        pipeline.ingest(long.pk)
        assert [chunk.text for chunk in Chunk.objects.all()] == ["Nothing but this."]


def test_what_is_kept_goes_with_the_document(
    acme: Tenant, other: Tenant, long: Document, django_capture_on_commit_callbacks: Any
) -> None:
    with tenant_scope(other):
        upload(make_dataset(), "short.txt", "Four years.")
    with tenant_scope(acme):
        with pytest.raises(YieldError):
            pipeline.ingest(long.pk)
        assert storage.kept_beside(long.storage_key).exists()
        with django_capture_on_commit_callbacks(execute=True):
            services.delete_document(by=SYSTEM, document=long)
        assert list(storage.path_of(long.storage_key).parent.iterdir()) == []
