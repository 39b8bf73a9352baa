"""What the dashboard tells of datasets and documents, as parts of one query."""

from __future__ import annotations

from django.db.models import Exists, QuerySet
from django.db.models.functions import Coalesce

from chatcms.core.db.folded import counted
from datasets.enums import DocumentState
from datasets.models import Chunk, Dataset, Document


def any_dataset_beside(left_out: QuerySet[Dataset]) -> Exists:
    """Whether there is a dataset beside these."""
    return Exists(_beside(left_out))


def any_ready_document_beside(left_out: QuerySet[Dataset]) -> Exists:
    """Whether bots can answer from a document of a dataset beside these."""
    return Exists(Document.objects.filter(dataset__in=_beside(left_out).values("pk"), state=DocumentState.READY))


def documents_in(datasets: QuerySet[Dataset]) -> Coalesce:
    """How many documents these datasets have."""
    return counted(Document.objects.filter(dataset__in=datasets.values("pk")))


def chunks_in(datasets: QuerySet[Dataset]) -> Coalesce:
    """How many chunks these datasets have."""
    return counted(Chunk.objects.filter(dataset__in=datasets.values("pk")))


def _beside(left_out: QuerySet[Dataset]) -> QuerySet[Dataset]:
    return Dataset.objects.exclude(pk__in=left_out.values("pk"))
