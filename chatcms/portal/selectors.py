"""What the portal's pages read, across apps."""

from __future__ import annotations

from bots.models import Bot
from datasets.enums import DocumentState
from datasets.models import Dataset, Document

IN_PROGRESS = frozenset(DocumentState) - {DocumentState.READY, DocumentState.FAILED}
DOCUMENTS_SHOWN = 100


def first_dataset() -> Dataset | None:
    """The tenant's oldest active dataset."""
    return Dataset.objects.filter(is_active=True).order_by("id").first()


def first_bot() -> Bot | None:
    """The tenant's oldest bot that may be talked to."""
    return Bot.objects.usable().order_by("id").first()


def documents_shown(dataset: Dataset | None) -> list[Document]:
    """The newest documents of the dataset, at most `DOCUMENTS_SHOWN`."""
    if dataset is None:
        return []
    return list(Document.objects.filter(dataset=dataset).order_by("-id")[:DOCUMENTS_SHOWN])


def any_in_progress(documents: list[Document]) -> bool:
    """Say whether a document of the list is still being worked on."""
    return any(document.state in IN_PROGRESS for document in documents)
