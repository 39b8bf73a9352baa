"""The sweep removes what belongs to no document, and nothing else."""

from __future__ import annotations

import io
import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from datasets import storage
from datasets.models import Document
from datasets.tests.knowledge import make_dataset, upload
from tenants.context import tenant_scope
from tenants.models import Tenant

TWO_DAYS = 2 * 86_400


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def left_over(tenant: Tenant, *, age: float, name: str = "") -> Path:
    path = storage.path_of(storage.new_key(tenant.id)).with_name(name or str(uuid.uuid4()))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    os.utime(path, (time.time() - age,) * 2)
    return path


def test_only_old_files_without_a_document_go(acme: Tenant, globex: Tenant) -> None:
    kept = []
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            document = upload(make_dataset(), "note.txt", "A note.")
            kept.append(storage.path_of(document.storage_key))
            os.utime(kept[-1], (time.time() - TWO_DAYS,) * 2)
    kept.append(left_over(acme, age=3600))
    kept.append(left_over(acme, age=TWO_DAYS, name="not-ours.txt"))
    orphans = [left_over(acme, age=TWO_DAYS), left_over(globex, age=TWO_DAYS)]

    told = io.StringIO()
    call_command("sweep_orphan_files", stdout=told)

    assert told.getvalue() == "Removed 2 file(s) that belonged to no document.\n"
    assert not any(path.exists() for path in orphans)
    assert all(path.exists() for path in kept)


def test_a_file_of_another_tenants_document_is_not_spared(acme: Tenant, globex: Tenant) -> None:
    with tenant_scope(acme):
        document = upload(make_dataset(), "note.txt", "A note.")
        twin = left_over(globex, age=TWO_DAYS, name=Path(document.storage_key).name)

    call_command("sweep_orphan_files", stdout=io.StringIO())

    assert not twin.exists()
    with tenant_scope(acme):
        assert storage.path_of(Document.objects.get().storage_key).exists()
