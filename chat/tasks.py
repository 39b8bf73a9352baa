"""Celery's way to the upkeep of conversations."""

from __future__ import annotations

from celery import shared_task

from chat.services.finishing import fail_abandoned
from tenants.context import tenant_scope
from tenants.models import Tenant


@shared_task(name="chat.fail_abandoned")
def fail_abandoned_everywhere() -> None:
    """Mark, in every tenant, the answers whose process was killed."""
    for tenant in Tenant.objects.provisioned().iterator():
        with tenant_scope(tenant):
            fail_abandoned()
