"""Celery's way to the upkeep of conversations."""

from __future__ import annotations

from chat.analytics.services.day_sums import sum_up
from chat.conversations.services import retention
from chat.conversations.services.lifecycle import end_idle
from chat.money.services import rollup
from chat.turns.services import idempotency
from chat.turns.services.abandonment import fail_abandoned
from chatcms.jobs.periodic import periodic_task
from tenants.each import for_each_tenant
from tenants.models import Tenant


@periodic_task("chat.fail_abandoned")
def fail_abandoned_everywhere() -> None:
    """Mark, in every tenant, the answers whose process was killed."""
    for_each_tenant(lambda tenant: fail_abandoned(tenant=tenant), task="chat.fail_abandoned")


@periodic_task("chat.end_idle")
def end_idle_everywhere() -> None:
    """Mark as ended, in every tenant that may be entered, the conversations that nobody goes on with."""
    for_each_tenant(lambda _: end_idle(), task="chat.end_idle", tenants=Tenant.objects.enterable())


@periodic_task("chat.delete_expired")
def delete_expired_everywhere() -> None:
    """Delete the conversations that their tenants do not want to keep any longer."""
    limited = Tenant.objects.provisioned().filter(settings__retention_days__isnull=False)
    for_each_tenant(lambda tenant: retention.delete_expired(tenant=tenant), task="chat.delete_expired", tenants=limited)


@periodic_task("chat.sum_up")
def sum_up_everywhere() -> None:
    """Bring, in every tenant, the sums up to date from which its figures are read."""
    for_each_tenant(lambda tenant: sum_up(tenant_id=tenant.pk), task="chat.sum_up")


@periodic_task("chat.forget_keys")
def forget_keys_everywhere() -> None:
    """Forget, in every tenant, with which `Idempotency-Key` a question came that was asked long ago."""
    for_each_tenant(lambda _: idempotency.forget_expired(), task="chat.forget_keys")


@periodic_task("chat.roll_up_usage")
def roll_up_usage_everywhere() -> None:
    """Bring the counters that the platform's staff read up to what every tenant's usage says."""
    rollup.roll_up_everywhere()
