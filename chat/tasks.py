"""Celery's way to the upkeep of conversations."""

from __future__ import annotations

from celery import shared_task

from chat.services import once, retention, rolling
from chat.services.abandoned import fail_abandoned
from chat.services.conversations import end_idle
from chat.services.summing_up import sum_up
from tenants.context import tenant_scope
from tenants.models import Tenant


@shared_task(name="chat.fail_abandoned")
def fail_abandoned_everywhere() -> None:
    """Mark, in every tenant, the answers whose process was killed."""
    for tenant in Tenant.objects.provisioned().iterator():
        with tenant_scope(tenant):
            fail_abandoned(tenant=tenant)


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


@shared_task(name="chat.sum_up")
def sum_up_everywhere() -> None:
    """Bring, in every tenant, the sums up to date from which its figures are read."""
    for tenant in Tenant.objects.provisioned().iterator():
        with tenant_scope(tenant):
            sum_up(tenant_id=tenant.pk)


@shared_task(name="chat.forget_keys")
def forget_keys_everywhere() -> None:
    """Forget, in every tenant, with which `Idempotency-Key` a question came that was asked long ago."""
    for tenant in Tenant.objects.provisioned().iterator():
        with tenant_scope(tenant):
            once.forget_expired()


@shared_task(name="chat.roll_up_usage")
def roll_up_usage_everywhere() -> None:
    """Bring the counters that the platform's staff read up to what every tenant's usage says."""
    rolling.roll_up_everywhere()
