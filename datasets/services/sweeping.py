"""Removes stored files that no document knows, left by a process that ended between file and row."""

from __future__ import annotations

import time
from datetime import timedelta
from itertools import islice

from datasets import storage
from datasets.models import Document
from tenants.context import current_tenant_id
from tenants.each import Round, for_each_tenant
from tenants.models import Tenant

# A file is written before its row: what is younger may belong to an upload that is under way.
OLDEST = timedelta(days=1)
_AT_ONCE = 1000


def sweep_orphan_files(*, older_than: timedelta = OLDEST) -> int:
    """Remove the files of the tenant in force that belong to no document; return how many."""
    removed = 0
    moment = time.time() - older_than.total_seconds()
    found = storage.written_before(current_tenant_id(), moment)
    while keys := list(islice(found, _AT_ONCE)):
        known = set(Document.objects.filter(storage_key__in=keys).values_list("storage_key", flat=True))
        for key in set(keys) - known:
            storage.delete(key)
            removed += 1
    return removed


def sweep_everywhere(*, older_than: timedelta = OLDEST) -> tuple[int, Round]:
    """Sweep every tenant that has a schema; return how many files were removed, and which tenants failed."""
    removed = 0

    def sweep(_: Tenant) -> None:
        nonlocal removed
        removed += sweep_orphan_files(older_than=older_than)

    swept = for_each_tenant(sweep, task="datasets.sweep_orphan_files")
    return removed, swept
