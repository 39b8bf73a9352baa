"""Puts documents into datasets for tests, as an upload and its job would."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from datasets import retrieval, services
from datasets.ingestion import pipeline
from datasets.models import Dataset, Document
from datasets.types import RetrievalResult
from tenants.types import SYSTEM


def make_dataset(name: str = "Handbook") -> Dataset:
    """A dataset with nothing in it."""
    return services.create_dataset(by=SYSTEM, name=name)


def send(dataset: Dataset, name: str, content: str | bytes, **asked: Any) -> services.TakenIn:
    """A file as it is sent, and what became of it; no job has run."""
    raw = content.encode() if isinstance(content, str) else content
    return services.upload_document(by=SYSTEM, dataset=dataset, name=name, file=SimpleUploadedFile(name, raw), **asked)


def upload(dataset: Dataset, name: str, content: str | bytes) -> Document:
    """A document that waits for its job."""
    return send(dataset, name, content).document


def ingest(dataset: Dataset, name: str, content: str | bytes) -> Document:
    """A document whose job has run."""
    document = upload(dataset, name, content)
    pipeline.ingest(document.pk)
    document.refresh_from_db()
    return document


def ask(question: str, *datasets: Dataset, limit: int = 8) -> RetrievalResult:
    """What the datasets hold on the question, by the one definition."""
    plan = retrieval.plan_search(dataset_ids=[dataset.pk for dataset in datasets])
    vectors = retrieval.embed_query_sync(plan, question)
    found = retrieval.search(plan, question, vectors, limit=limit)
    return retrieval.look_closer_sync(plan, question, vectors, found)
