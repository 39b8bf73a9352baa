"""Celery's way to the upkeep of stored files."""

from __future__ import annotations

from chatcms.jobs.periodic import periodic_task
from datasets.services.sweeping import sweep_everywhere


@periodic_task("datasets.sweep_orphan_files")
def sweep_orphan_files() -> None:
    """Remove, in every tenant, the files that belong to no document."""
    sweep_everywhere()
