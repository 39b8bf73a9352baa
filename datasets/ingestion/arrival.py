"""Brings a document from the web up to date: fetches it, and puts the new file in the place of the old one."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from chatcms.core.exceptions import QuotaExceededError
from datasets import events, quota, storage
from datasets.blocks import ReadError
from datasets.enums import DocumentSource, DocumentState
from datasets.ingestion import fetching
from datasets.ingestion.progress import DocumentGoneError, Reporter
from datasets.models import Document
from tenants.context import current_tenant_id

NAME_LENGTH = 255
_BEFORE_READING = frozenset({DocumentState.QUEUED, DocumentState.FETCHING})


def fetch_if_due(document: Document, report: Reporter) -> bool:
    """Fetch the document if it is one from the web that has not been fetched since it was queued.

    Sets the fields of `document` to what is stored then. False when the content is what it was: then the
    document is *ready* again as it is, edits of its chunks included. Raises `ReadError`, `FetchFailedError`
    or `DocumentGoneError`.
    """
    if document.source != DocumentSource.URL or document.state not in _BEFORE_READING:
        return True
    report.enter(DocumentState.FETCHING)
    fetched = fetching.fetch(document.source_url, key=storage.new_key(current_tenant_id()))
    try:
        changed = _put_in_place(document, fetched)
    except BaseException:
        storage.delete(fetched.stored.key)
        raise
    if not changed:
        storage.delete(fetched.stored.key)
    return changed


def _put_in_place(document: Document, fetched: fetching.Fetched) -> bool:
    stored = fetched.stored
    try:
        with transaction.atomic():
            locked = Document.objects.select_for_update().filter(pk=document.pk, state__in=_BEFORE_READING).first()
            if locked is None:
                raise DocumentGoneError
            if locked.version and locked.sha256 == stored.sha256:
                _as_it_was(locked)
                return False
            _refuse_twin(locked, stored.sha256)
            quota.check_growth(stored.size_bytes - locked.size_bytes)
            _replace_file(locked, fetched)
    except IntegrityError:
        raise ReadError("same_document", "The content is the same as that of another document here.") from None
    except QuotaExceededError as error:
        raise ReadError(error.code, error.detail) from None
    document.refresh_from_db()
    return True


def _refuse_twin(document: Document, sha256: str) -> None:
    twin = Document.objects.filter(dataset=document.dataset_id, sha256=sha256).exclude(pk=document.pk).first()
    if twin is not None:
        raise ReadError(
            "same_document", f"The content is the same as that of “{twin.name}”, which is in this dataset already."
        )


def _replace_file(document: Document, fetched: fetching.Fetched) -> None:
    old_key = document.storage_key
    if document.name == document.source_url[:NAME_LENGTH]:
        document.name = fetched.title[:NAME_LENGTH] or document.name
    document.storage_key, document.sha256 = fetched.stored.key, fetched.stored.sha256
    document.size_bytes, document.content_type = fetched.stored.size_bytes, fetched.content_type
    document.state = DocumentState.READING
    document.save()
    if old_key:
        transaction.on_commit(lambda: storage.delete(old_key), robust=True)


def _as_it_was(document: Document) -> None:
    document.state, document.ready_at = DocumentState.READY, timezone.now()
    document.progress_done = document.progress_total = document.chunk_count
    document.error_code = document.error_detail = ""
    document.save()
    events.tell_ready(document)
