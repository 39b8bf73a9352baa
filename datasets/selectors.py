"""What others read about datasets and documents; `by` sees only the datasets that it is not kept from."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db.models import Count, F, Q, QuerySet

from datasets.enums import DocumentState
from datasets.exceptions import NoSuchChunkError, NoSuchDatasetError, NoSuchDocumentError, NoSuchPairError
from datasets.models import Chunk, Dataset, Document, QAPair
from providers.usages import Usage
from tenants.types import Actor

IN_PROGRESS = frozenset(DocumentState) - {DocumentState.READY, DocumentState.FAILED}
_CHOICE = 200


def datasets_with_counts(*, by: Actor, search: str = "", is_active: bool | None = None) -> QuerySet[Dataset]:
    """Datasets with `document_count`, `ready_count` and `failed_count`, in one query."""
    found = Dataset.objects.all() if by.dataset_ids is None else Dataset.objects.filter(pk__in=by.dataset_ids)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(description__icontains=search))
    if is_active is not None:
        found = found.filter(is_active=is_active)
    return found.annotate(
        document_count=Count("documents"),
        ready_count=Count("documents", filter=Q(documents__state=DocumentState.READY)),
        failed_count=Count("documents", filter=Q(documents__state=DocumentState.FAILED)),
    )


def dataset_by_id(dataset_id: uuid.UUID, *, by: Actor) -> Dataset:
    """Return the dataset with its counts; raise `NoSuchDatasetError`."""
    dataset = datasets_with_counts(by=by).filter(pk=dataset_id).first()
    if dataset is None:
        raise NoSuchDatasetError
    return dataset


def existing_datasets(ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of the ids are of datasets of the tenant in force."""
    return set(Dataset.objects.filter(pk__in=ids).values_list("pk", flat=True))


def datasets_embedded_by(provider_id: uuid.UUID) -> list[Usage]:
    """Return the datasets whose vectors come from a provider: without it they could not be searched."""
    found = Dataset.objects.filter(embedding_provider_id=provider_id).order_by("name", "id")
    return [Usage("dataset", dataset.id, dataset.name) for dataset in found.only("id", "name")]


def datasets_called(name: str, *, description: str) -> QuerySet[Dataset]:
    """Return the datasets of that name and description, the oldest first."""
    return Dataset.objects.filter(name=name, description=description).order_by("id")


def oldest_dataset(*, beside: QuerySet[Dataset]) -> Dataset | None:
    """Return the oldest dataset that may be searched and is none of `beside`."""
    return Dataset.objects.active().exclude(pk__in=beside.values("pk")).order_by("id").first()


def documents_under_way(most: int) -> list[Document]:
    """Return the newest documents that are being read, or could not be; at most so many."""
    shown = Document.objects.filter(state__in=[*IN_PROGRESS, DocumentState.FAILED])
    return list(shown.order_by("-id")[:most])


def documents_of(dataset: Dataset, *, search: str = "", state: str = "", source: str = "") -> QuerySet[Document]:
    """The documents of the dataset; `search` is looked for in name and address."""
    found = Document.objects.filter(dataset=dataset)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(source_url__icontains=search))
    if state:
        found = found.filter(state=state)
    return found.filter(source=source) if source else found


def documents_with_files(dataset: Dataset) -> list[Document]:
    """The latest documents of the dataset that have a file, for a choice."""
    return list(Document.objects.filter(dataset=dataset).exclude(storage_key="").only("id", "name")[:_CHOICE])


def any_in_progress(dataset: Dataset) -> bool:
    """Say whether a document of the dataset is still being worked on."""
    return Document.objects.filter(dataset=dataset, state__in=IN_PROGRESS).exists()


def document_by_id(document_id: uuid.UUID, *, by: Actor) -> Document:
    """Return the document; raise `NoSuchDocumentError`."""
    document = Document.objects.filter(pk=document_id).first()
    if document is None or not by.may_use_dataset(document.dataset_id):
        raise NoSuchDocumentError
    return document


def document_of(part: Chunk | QAPair) -> QuerySet[Document]:
    """The document that a chunk or a pair belongs to, which is locked before it."""
    return Document.objects.filter(pk=part.document_id)


def chunks_of(document: Document, *, search: str = "", is_active: bool | None = None) -> QuerySet[Chunk]:
    """The chunks of the document's present version, in reading order."""
    found = Chunk.objects.filter(document=document, version=document.version)
    if search:
        found = found.filter(Q(text__icontains=search) | Q(section__icontains=search))
    return found if is_active is None else found.filter(is_active=is_active)


def pairs_of(dataset: Dataset, *, search: str = "", is_indexed: bool | None = None) -> QuerySet[QAPair]:
    """Return a dataset's questions with their answers and document; `search` is looked for in both."""
    found = QAPair.objects.filter(document__dataset=dataset).select_related("document")
    if search:
        found = found.filter(Q(question__icontains=search) | Q(answer__icontains=search))
    return found if is_indexed is None else found.filter(is_indexed=is_indexed)


def pair_by_id(pair_id: uuid.UUID, *, by: Actor) -> QAPair:
    """Return a question with its answer, document and dataset; raise `NoSuchPairError`."""
    pair = QAPair.objects.filter(pk=pair_id).select_related("document__dataset").first()
    if pair is None or not by.may_use_dataset(pair.document.dataset_id):
        raise NoSuchPairError
    return pair


def chunk_by_id(chunk_id: uuid.UUID, *, by: Actor) -> Chunk:
    """Return the chunk with its document and dataset; raise `NoSuchChunkError`."""
    present = Chunk.objects.filter(version=F("document__version")).select_related("document__dataset")
    chunk = present.filter(pk=chunk_id).first()
    if chunk is None or not by.may_use_dataset(chunk.dataset_id):
        raise NoSuchChunkError
    return chunk
