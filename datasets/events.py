"""Tells the tenant's webhooks what became of documents, in the transaction of whoever settled it."""

from __future__ import annotations

from typing import Any

from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit
from datasets.models import Document


def tell_ready(document: Document) -> None:
    """A document can be answered from; one from the web that had not changed keeps its `version`."""
    emit(
        type=EventType.DOCUMENT_READY,
        payload={
            **_described(document),
            "chunk_count": document.chunk_count,
            "page_count": document.page_count,
            "language": document.language,
            "ready_at": document.ready_at.isoformat() if document.ready_at else None,
        },
    )


def tell_failed(document: Document) -> None:
    """A document could not be read; with a `version` above 0 its earlier content goes on answering."""
    emit(
        type=EventType.DOCUMENT_FAILED,
        payload={
            **_described(document),
            "error": {"code": document.error_code, "detail": document.error_detail},
        },
    )


def _described(document: Document) -> dict[str, Any]:
    return {
        "document_id": str(document.pk),
        "dataset_id": str(document.dataset_id),
        "name": document.name,
        "source": document.source,
        "source_url": document.source_url,
        "version": document.version,
    }
