"""Removes what was made from documents: postings, statistics, files. Nothing that was deleted can be found again."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import connection, transaction

from chatcms.jobs import services as job_services
from chatcms.jobs.exceptions import JobTargetDoneError
from datasets import storage
from datasets.enums import JobKind
from datasets.models import Dataset, Document
from tenants.context import current_tenant_id

_INDEX_OF_DATASET = (
    "DELETE FROM chunk_terms WHERE chunk_ref IN (SELECT ref FROM chunks WHERE dataset_id = %s)",
    "DELETE FROM chunk_vectors WHERE dataset_id = %s",
    "DELETE FROM chunks WHERE dataset_id = %s",
)


def remove_index_of_dataset(dataset: Dataset) -> None:
    """Delete the dataset's chunks with their vectors and postings, by the database alone: there may be many."""
    with connection.cursor() as cursor:
        for statement in _INDEX_OF_DATASET:
            cursor.execute(statement, [dataset.pk])


def remove_files_of(documents: Sequence[Document]) -> None:
    """Remove the files of documents that are being deleted, and call off that they are read."""
    job_services.cancel_for_targets(kind=JobKind.INGEST_DOCUMENT, target_ids=[document.pk for document in documents])
    remove_files([document.storage_key for document in documents if document.storage_key])


def remove_files(keys: Sequence[str]) -> None:
    """Remove the stored files after the commit, and by jobs too, in case this process dies first."""
    file_ids = [storage.file_id(key) for key in keys]
    job_services.enqueue_many(kind=JobKind.REMOVE_FILE, target_ids=file_ids, tenant_id=current_tenant_id())

    def remove_now() -> None:
        for key in keys:
            storage.delete(key)
        job_services.cancel_for_targets(kind=JobKind.REMOVE_FILE, target_ids=file_ids)

    transaction.on_commit(remove_now, robust=True)


def remove_file(file_id: uuid.UUID) -> None:
    """The job: remove the tenant's file of that id; a second run finds it gone."""
    storage.delete(_key(file_id))


def give_up_file(file_id: uuid.UUID, reason: str) -> None:
    """Record nothing: the document is gone already, and the sweep finds the file later."""


def revive_file(file_id: uuid.UUID) -> None:
    """Raise `JobTargetDoneError` when the file is gone already; nothing else has to be put back."""
    if not storage.path_of(_key(file_id)).exists():
        raise JobTargetDoneError("The file is gone already. There is nothing to try again.")


def _key(file_id: uuid.UUID) -> str:
    return f"{current_tenant_id()}/{file_id}"
