"""Checks a tenant's plan before something is added, and tells its webhooks when that takes the last place."""

from __future__ import annotations

from chatcms.webhooks.services import tell_if_reached
from datasets.exceptions import DatasetQuotaError, DocumentQuotaError, StorageQuotaError
from tenants import quotas
from tenants.context import current_tenant_id
from tenants.selectors import plan_in_force

# Files hardly ever fill a plan's storage to the last byte.
_FULL = 0.95


def check_document(size_bytes: int) -> None:
    """Raise when the plan of the tenant in force has no room for one more document of that size.

    The tenant's row is locked until the transaction ends, so that parallel uploads cannot both take the last place.
    """
    plan = plan_in_force(current_tenant_id(), lock=True)
    if plan is None:
        return
    used = quotas.used(current_tenant_id(), "documents", "storage_bytes")
    if plan.max_documents is not None and used["documents"] >= plan.max_documents:
        raise DocumentQuotaError
    _check_size(used["storage_bytes"] + size_bytes, plan.max_storage_bytes)
    if plan.max_documents is not None:
        tell_if_reached(quota="documents", used=used["documents"] + 1, limit=plan.max_documents)


def check_growth(more_bytes: int) -> None:
    """Raise `StorageQuotaError` when the plan has no room for that many bytes more; locks as `check_document` does."""
    plan = plan_in_force(current_tenant_id(), lock=True)
    if plan is None or plan.max_storage_bytes is None:
        return
    used = quotas.used(current_tenant_id(), "storage_bytes")
    _check_size(used["storage_bytes"] + more_bytes, plan.max_storage_bytes)


def check_dataset() -> None:
    """Raise when the plan of the tenant in force has no room for one more dataset."""
    plan = plan_in_force(current_tenant_id(), lock=True)
    if plan is None or plan.max_datasets is None:
        return
    count = quotas.used(current_tenant_id(), "datasets")["datasets"]
    if count >= plan.max_datasets:
        raise DatasetQuotaError
    tell_if_reached(quota="datasets", used=count + 1, limit=plan.max_datasets)


def _check_size(size: int, limit: int | None) -> None:
    if limit is None:
        return
    if size > limit:
        raise StorageQuotaError
    tell_if_reached(quota="storage_bytes", used=size, limit=limit, reached_at=int(limit * _FULL))
