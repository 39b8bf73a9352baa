"""Prints how long it takes to make a tenant, and whether a replayed schema is what the migrations make.

python benchmarks/tenant_creation.py [number]    # in a throwaway database of the server in DATABASE_URL, or of its own
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatcms.settings")
os.environ.setdefault("LOG_LEVEL", "ERROR")

import chatcms.tests.services  # noqa: F401 - starts PostgreSQL and Valkey unless the environment names some

TARGET_MS = 150


def main() -> int:
    """Make tenants, migrate them all, compare; 1 when the target is missed or the schemas differ."""
    import django

    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        median = _measure(number)
        equal = _compare()
    finally:
        teardown_databases(databases, verbosity=0)
    return 0 if median < TARGET_MS and equal else 1


def _measure(number: int) -> float:
    from tenants.services import migrator, provisioning
    from tenants.types import SYSTEM

    provisioning.create_tenant(by=SYSTEM, name="Warm-up", slug="warm-up")
    took = []
    for index in range(number):
        started = time.perf_counter()
        provisioning.create_tenant(by=SYSTEM, name=f"Tenant {index}", slug=f"tenant-{index}")
        took.append((time.perf_counter() - started) * 1000)
    median = statistics.median(took)
    print(f"make a tenant      median {median:6.0f} ms   slowest {max(took):6.0f} ms   of {number}")
    started = time.perf_counter()
    migrator.migrate_everything()
    print(f"migrate, no news   {(time.perf_counter() - started) * 1000:13.0f} ms   for {number + 1} tenants")
    return median


def _compare() -> bool:
    from tenants.tests import schemas

    schemas.replay("t_replayed")
    schemas.migrate("t_migrated")
    replayed, migrated = schemas.dump("t_replayed"), schemas.dump("t_migrated")
    equal = replayed == migrated
    lines = len(replayed.splitlines())
    print(f"pg_dump            replayed and migrated schema are {'equal' if equal else 'DIFFERENT'}, {lines} lines")
    return equal


if __name__ == "__main__":
    sys.exit(main())
