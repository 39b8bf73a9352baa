"""Celery's way to the upkeep of conversations."""

from __future__ import annotations

from celery import shared_task

from chat.services import retention
from chat.services.conversations import end_idle
from chat.services.finishing import fail_abandoned
from tenants.context import tenant_scope
from tenants.models import Tenant


@shared_task(name="chat.fail_abandoned")
def fail_abandoned_everywhere() -> None:
    """Mark, in every tenant, the answers whose process was killed."""
    for tenant in Tenant.objects.provisioned().iterator():
        with tenant_scope(tenant):
            fail_abandoned()


@shared_task(name="chat.end_idle")
def end_idle_everywhere() -> None:
    """Mark as ended, in every tenant that may be entered, the conversations that nobody goes on with."""
    for tenant in Tenant.objects.enterable().iterator():
        with tenant_scope(tenant):
            end_idle()


@shared_task(name="chat.delete_expired")
def delete_expired_everywhere() -> None:
    """Delete the conversations that their tenants do not want to keep any longer."""
    for tenant in Tenant.objects.provisioned().filter(settings__retention_days__isnull=False).iterator():
        with tenant_scope(tenant):
            retention.delete_expired(tenant=tenant)
