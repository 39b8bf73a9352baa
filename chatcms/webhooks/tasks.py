"""Celery's way to the upkeep of webhooks."""

from __future__ import annotations

from celery import shared_task

from chatcms.webhooks.services.sending import forget_old
from tenants.context import tenant_scope
from tenants.models import Tenant


@shared_task(name="webhooks.forget_old")
def forget_old_everywhere() -> None:
    """Delete, in every tenant, the events that are a month old."""
    for tenant in Tenant.objects.provisioned().iterator():
        with tenant_scope(tenant):
            forget_old()
