"""Shows how far an ingestion has got, without writing more often than anyone would look."""

from __future__ import annotations

import time

from django.db.models import QuerySet
from django.utils import timezone

from datasets.enums import DocumentState
from datasets.models import Document

SECONDS_BETWEEN_WRITES = 1.0
SECONDS_BETWEEN_LOOKS = 0.5


class DocumentGoneError(Exception):
    """The document was deleted, or got another file, while it was worked on."""


class Reporter:
    """Writes state and progress of one document, each at once committed."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._written_at = self._looked_at = 0.0

    def enter(self, state: DocumentState, *, total: int = 0) -> None:
        """Say that a step begins."""
        self._write(state=state, progress_done=0, progress_total=total)

    def progress(self, done: int, total: int) -> None:
        """Say that `done` of `total` are done; written at most once a second."""
        if time.monotonic() - self._written_at >= SECONDS_BETWEEN_WRITES:
            self._write(progress_done=done, progress_total=total)

    def look(self) -> None:
        """Raise `DocumentGoneError` if the document is gone; looks at most twice a second."""
        if time.monotonic() - max(self._written_at, self._looked_at) >= SECONDS_BETWEEN_LOOKS:
            self._looked_at = time.monotonic()
            if not self._unready().exists():
                raise DocumentGoneError

    def _write(self, **fields: object) -> None:
        self._written_at = time.monotonic()
        if not self._unready().update(updated_at=timezone.now(), **fields):
            raise DocumentGoneError

    def _unready(self) -> QuerySet[Document]:
        mine = Document.objects.filter(pk=self._document.pk, storage_key=self._document.storage_key)
        return mine.exclude(state=DocumentState.READY)
