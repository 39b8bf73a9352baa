"""Shows how far an ingestion has got, without writing more often than anyone would look."""

from __future__ import annotations

import time

from django.utils import timezone

from datasets.enums import DocumentState
from datasets.models import Document

SECONDS_BETWEEN_WRITES = 1.0


class DocumentGoneError(Exception):
    """The document was deleted, or got another file, while it was worked on."""


class Reporter:
    """Writes state and progress of one document, each at once committed."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._written_at = 0.0

    def enter(self, state: DocumentState, *, total: int = 0) -> None:
        """Say that a step begins."""
        self._write(state=state, progress_done=0, progress_total=total)

    def progress(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done; written at most once a second."""
        if time.monotonic() - self._written_at >= SECONDS_BETWEEN_WRITES:
            self._write(progress_done=done, progress_total=total)

    def _write(self, **fields: object) -> None:
        self._written_at = time.monotonic()
        still_there = (
            Document.objects.filter(pk=self._document.pk, storage_key=self._document.storage_key)
            .exclude(state=DocumentState.READY)
            .update(updated_at=timezone.now(), **fields)
        )
        if not still_there:
            raise DocumentGoneError
