"""What others read about datasets and documents."""

from __future__ import annotations

import uuid

from django.db.models import Count, Q, QuerySet

from datasets.enums import DocumentState
from datasets.exceptions import NoSuchDatasetError, NoSuchDocumentError
from datasets.models import Chunk, Dataset, Document
from providers.usages import Usage


def datasets_with_counts() -> QuerySet[Dataset]:
    """Datasets with `document_count`, `ready_count` and `failed_count`, in one query."""
    return Dataset.objects.annotate(
        document_count=Count("documents"),
        ready_count=Count("documents", filter=Q(documents__state=DocumentState.READY)),
        failed_count=Count("documents", filter=Q(documents__state=DocumentState.FAILED)),
    )


def dataset_by_id(dataset_id: uuid.UUID) -> Dataset:
    """Return the dataset with its counts; raise `NoSuchDatasetError`."""
    dataset = datasets_with_counts().filter(pk=dataset_id).first()
    if dataset is None:
        raise NoSuchDatasetError
    return dataset


def datasets_embedded_by(provider_id: uuid.UUID) -> list[Usage]:
    """Return the datasets whose vectors come from a provider: without it they could not be searched."""
    found = Dataset.objects.filter(embedding_provider_id=provider_id).order_by("name", "id")
    return [Usage("dataset", dataset.id, dataset.name) for dataset in found.only("id", "name")]


def documents_of(dataset: Dataset) -> QuerySet[Document]:
    """The documents of the dataset."""
    return Document.objects.filter(dataset=dataset)


def document_by_id(document_id: uuid.UUID) -> Document:
    """Return the document; raise `NoSuchDocumentError`."""
    document = Document.objects.filter(pk=document_id).first()
    if document is None:
        raise NoSuchDocumentError
    return document


def chunks_of(document: Document) -> QuerySet[Chunk]:
    """The chunks of the document's present version, in reading order."""
    return Chunk.objects.filter(document=document, version=document.version)
