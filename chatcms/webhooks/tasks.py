"""Celery's way to the upkeep of webhooks."""

from __future__ import annotations

from chatcms.jobs.periodic import periodic_task
from chatcms.webhooks.services.sending import forget_old
from tenants.each import for_each_tenant


@periodic_task("webhooks.forget_old")
def forget_old_everywhere() -> None:
    """Delete, in every tenant, the events that are a month old."""
    for_each_tenant(lambda _: forget_old(), task="webhooks.forget_old")
