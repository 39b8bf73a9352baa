"""Documents that an earlier version analysed are analysed anew by a job, and by the clock without being asked for."""

from __future__ import annotations

import contextlib
import itertools
import uuid
from pathlib import Path
from typing import Any

import pytest

from chatcms.jobs.exceptions import YieldError
from chatcms.jobs.models import Job
from datasets import analysis, embedding, indexing
from datasets.enums import JobKind
from datasets.models import ChunkVector, Dataset, Document, Posting
from datasets.services import analysing
from datasets.tests.knowledge import ask, ingest, make_dataset
from tenants.models import Tenant


@pytest.fixture
def dataset(in_acme: Tenant, settings: Any, tmp_path: Path) -> Dataset:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_dataset()


@pytest.fixture
def old(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> Document:
    """A document of several chunks as an earlier version left it: without most of its postings."""
    text = "Gwarancja na baterię trwa cztery lata i nie przedłuża się jej przy naprawie. " * 60
    document = ingest(dataset, "a.txt", text)
    monkeypatch.setattr(indexing, "_ANALYSED_AT_ONCE", 2)
    kept = Posting.objects.order_by("term").values_list("term", flat=True)[:1]
    Posting.objects.exclude(term__in=list(kept)).delete()
    left = sum(Posting.objects.values_list("tf", flat=True))
    Document.objects.update(analysis_version=1, language="simple", term_total=left)
    Dataset.objects.update(term_total=left, languages={"simple": document.chunk_count})
    document.refresh_from_db()
    return document


def test_the_job_writes_words_anew_and_leaves_chunks_and_vectors(old: Document, dataset: Dataset) -> None:
    embedded = set(ChunkVector.objects.values_list("chunk_id", flat=True))

    analysing.analyse_document(old.pk)

    old.refresh_from_db()
    dataset.refresh_from_db()
    total = sum(Posting.objects.values_list("tf", flat=True))
    assert old.chunk_count > 2
    assert (old.language, old.analysis_version, old.term_total) == ("polish", analysis.VERSION, total)
    assert (dataset.languages, dataset.term_total) == ({"polish": old.chunk_count}, total)
    assert set(ChunkVector.objects.values_list("chunk_id", flat=True)) == embedded
    assert ask("bateria gwarancja przedluza", dataset).passages[0].bm25 > 0


def test_doing_it_twice_changes_nothing(old: Document) -> None:
    analysing.analyse_document(old.pk)
    first = set(Posting.objects.values_list("term", "chunk_ref", "tf", "length"))

    analysing.analyse_document(old.pk)

    assert set(Posting.objects.values_list("term", "chunk_ref", "tf", "length")) == first


def test_the_clock_queues_what_is_old_and_nothing_else(old: Document, dataset: Dataset) -> None:
    ingest(dataset, "b.txt", "A new document that is analysed as it should be.")

    assert analysing.queue_stale() == 1
    assert [job.target_id for job in Job.objects.filter(kind=JobKind.ANALYSE_DOCUMENT)] == [old.pk]


def test_chunks_that_another_model_embedded_get_their_vectors_by_the_model_of_their_language(
    old: Document, dataset: Dataset
) -> None:
    english, multilingual = embedding.built_in("english").model_id, embedding.built_in("polish").model_id
    ChunkVector.objects.update(model_id=english)

    analysing.analyse_document(old.pk)

    assert set(ChunkVector.objects.values_list("model_id", flat=True)) == {multilingual}
    assert ChunkVector.objects.count() == old.chunk_count
    assert (ask("bateria gwarancja", dataset).passages[0].similarity or 0.0) > 0.8


def test_a_long_document_is_embedded_in_several_jobs(
    old: Document, dataset: Dataset, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    ChunkVector.objects.update(model_id=embedding.built_in("english").model_id)
    monkeypatch.setattr(embedding, "PASSAGES_AT_ONCE", 1)
    ticks = itertools.count()
    monkeypatch.setattr("datasets.services.vectors.time.monotonic", lambda: float(next(ticks)))
    settings.JOB_TIME_LIMIT_SECONDS = 4

    jobs = 0
    while Document.objects.filter(pk=old.pk, analysis_version=1).exists():
        jobs += 1
        with contextlib.suppress(YieldError):
            analysing.analyse_document(old.pk)

    assert 1 < jobs <= old.chunk_count
    assert set(ChunkVector.objects.values_list("model_id", flat=True)) == {embedding.built_in("polish").model_id}


def test_words_are_brought_up_to_date_although_the_datasets_provider_is_gone(old: Document, dataset: Dataset) -> None:
    """Its vectors by the provider's model stay: that one embeds every language."""
    Dataset.objects.update(embedding_provider_id=uuid.uuid4(), embedding_model="m")
    ChunkVector.objects.update(model_id="another/m")

    analysing.analyse_document(old.pk)

    old.refresh_from_db()
    assert old.analysis_version == analysis.VERSION
    assert set(ChunkVector.objects.values_list("model_id", flat=True)) == {"another/m"}
