"""Celery's way to the upkeep of stored files and of the words that documents are found by."""

from __future__ import annotations

from chatcms.jobs.periodic import periodic_task
from datasets.services.analysing import queue_stale_everywhere
from datasets.services.sweeping import sweep_everywhere


@periodic_task("datasets.sweep_orphan_files")
def sweep_orphan_files() -> None:
    """Remove, in every tenant, the files that belong to no document."""
    sweep_everywhere()


@periodic_task("datasets.queue_stale")
def queue_stale() -> None:
    """Queue, in every tenant, documents whose words were analysed by an earlier version of the product."""
    queue_stale_everywhere()
