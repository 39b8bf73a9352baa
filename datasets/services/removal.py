"""Removes what was made from documents: postings, statistics, files. Nothing that was deleted can be found again."""

from __future__ import annotations

import uuid

from django.db import connection, transaction

from chatcms.jobs import services as job_services
from datasets import storage
from datasets.enums import JobKind
from datasets.models import Dataset, Document
from tenants.context import current_tenant_id

_POSTINGS_OF_DATASET = "DELETE FROM chunk_terms WHERE chunk_ref IN (SELECT ref FROM chunks WHERE dataset_id = %s)"


def remove_postings_of_dataset(dataset: Dataset) -> None:
    """Delete the postings of all chunks of the dataset; they have no foreign key to go by."""
    with connection.cursor() as cursor:
        cursor.execute(_POSTINGS_OF_DATASET, [dataset.pk])


def remove_file_of(document: Document) -> None:
    """Remove the stored file after the commit, and by a job too, in case this process dies first."""
    key = document.storage_key
    job_services.cancel_for_target(kind=JobKind.INGEST_DOCUMENT, target_id=document.pk)
    job_services.enqueue(kind=JobKind.REMOVE_FILE, target_id=storage.file_id(key), tenant_id=current_tenant_id())
    transaction.on_commit(lambda: storage.delete(key))


def remove_file(file_id: uuid.UUID) -> None:
    """The job: remove the tenant's file of that id; a second run finds it gone."""
    storage.delete(f"{current_tenant_id()}/{file_id}")
