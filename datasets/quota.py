"""Checks a tenant's plan before something is added."""

from __future__ import annotations

from django.db.models import Count, Sum

from datasets.exceptions import DatasetQuotaError, DocumentQuotaError, StorageQuotaError
from datasets.models import Dataset, Document
from tenants.context import current_tenant_id
from tenants.selectors import plan_in_force


def check_document(size_bytes: int) -> None:
    """Raise when the plan of the tenant in force has no room for one more document of that size.

    The tenant's row is locked until the transaction ends, so that parallel uploads cannot both take the last place.
    """
    plan = plan_in_force(current_tenant_id(), lock=True)
    if plan is None:
        return
    used = Document.objects.aggregate(count=Count("id"), size=Sum("size_bytes", default=0))
    if plan.max_documents is not None and used["count"] >= plan.max_documents:
        raise DocumentQuotaError
    if plan.max_storage_bytes is not None and used["size"] + size_bytes > plan.max_storage_bytes:
        raise StorageQuotaError


def check_growth(more_bytes: int) -> None:
    """Raise `StorageQuotaError` when the plan has no room for that many bytes more; locks as `check_document` does."""
    plan = plan_in_force(current_tenant_id(), lock=True)
    if plan is None or plan.max_storage_bytes is None:
        return
    if Document.objects.aggregate(size=Sum("size_bytes", default=0))["size"] + more_bytes > plan.max_storage_bytes:
        raise StorageQuotaError


def check_dataset() -> None:
    """Raise when the plan of the tenant in force has no room for one more dataset."""
    plan = plan_in_force(current_tenant_id(), lock=True)
    if plan is not None and plan.max_datasets is not None and Dataset.objects.count() >= plan.max_datasets:
        raise DatasetQuotaError
