"""Makes, changes and deletes datasets."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from chatcms.core.exceptions import PermissionDeniedError
from chatcms.core.text.safety import storable
from datasets import quota
from datasets.models import Dataset, Document
from datasets.services import removal
from tenants import audit
from tenants.types import Actor

MAX_DESCRIPTION = 2_000
CHANGEABLE = frozenset({"name", "description", "language", "is_active"})


def create_dataset(*, by: Actor, name: str, description: str = "", **settings: Any) -> Dataset:
    """Save and return a dataset.

    Raises `DatasetQuotaError` when the plan has no room for it, and `PermissionDeniedError` for a key that is
    limited to certain datasets: it could not use the new one.
    """
    if by.dataset_ids is not None:
        raise PermissionDeniedError("This key is limited to certain datasets and cannot make another.")
    with transaction.atomic():
        quota.check_dataset()
        dataset = Dataset.objects.create(
            name=storable(name), description=storable(description), created_by=by.id, **settings
        )
        audit.record("dataset.create", by=by, target=dataset)
    return dataset


def update_dataset(*, by: Actor, dataset: Dataset, **changes: Any) -> Dataset:
    """Change the fields given, of those that can change after documents were split and embedded."""
    unknown = set(changes) - CHANGEABLE
    if unknown:
        raise ValueError(f"not changeable: {sorted(unknown)}")
    before = {field: getattr(dataset, field) for field in changes}
    for field, value in changes.items():
        setattr(dataset, field, storable(value) if isinstance(value, str) else value)
    with transaction.atomic():
        dataset.save(update_fields=[*changes, "updated_at"])
        detail = audit.changes(before, {field: getattr(dataset, field) for field in changes})
        audit.record("dataset.update", by=by, target=dataset, fields=sorted(changes), changes=detail)
    return dataset


def delete_dataset(*, by: Actor, dataset: Dataset) -> None:
    """Delete the dataset with its documents, their chunks, vectors, postings and files.

    The documents are locked before the dataset itself: an ingestion that is about to write waits there, and then
    finds its document gone.
    """
    with transaction.atomic():
        rows = Document.objects.select_for_update().filter(dataset=dataset).order_by("pk")
        documents = list(rows.only("id", "storage_key"))
        removal.remove_index_of_dataset(dataset)
        removal.remove_files_of(documents)
        audit.record("dataset.delete", by=by, target=dataset, documents=len(documents))
        dataset.delete()
