"""Runs one claimed job inside its tenant and settles what became of it."""

from __future__ import annotations

import logging

from django.db import transaction

from chatcms.core.exceptions import AppError
from chatcms.core.logs import redact
from chatcms.core.outages import passing_error
from chatcms.jobs import registry, services, slots
from chatcms.jobs.enums import Queue
from chatcms.jobs.exceptions import YieldError
from chatcms.jobs.models import Job
from tenants.context import tenant_scope
from tenants.enums import TenantStatus
from tenants.models import Tenant

logger = logging.getLogger(__name__)


def run_next(*, queue: str) -> bool:
    """Claim and run the next due job of `queue`; False when there was none, or no slot is free for it."""
    with slots.taken(queue) as slot:
        job = services.claim_next(queue=queue, for_newcomers=slot.for_newcomers) if slot else None
        if slot is None or job is None:
            return False
        with slots.noted(slot, lease_token=job.lease_token, time_limit=registry.time_limit_of(job.kind)):
            _settle(job)
    services.hint_next(queue)
    return True


def run_due() -> None:
    """Run all that is due in every queue, one job after the other, where no worker does."""
    while any(run_next(queue=queue) for queue in Queue.values):
        continue


def _settle(job: Job) -> None:
    tenant = Tenant.objects.filter(pk=job.tenant_id).first()
    if tenant is None or tenant.status == TenantStatus.DELETING:
        services.cancel(job, reason="The tenant is gone.")
    elif not tenant.is_enterable:
        services.postpone(job)
    else:
        _run(job, tenant)


def _run(job: Job, tenant: Tenant) -> None:
    if job.attempts > job.max_attempts:
        # The last attempt ended with its process: this one only records it.
        _give_up(job, tenant, job.last_error or "It stopped the worker each time it was tried.")
        return
    try:
        with tenant_scope(tenant):
            registry.handler_of(job.kind).run(job.target_id)
    except YieldError:
        services.go_on_later(job)
    except Exception as error:  # edge: whatever a job raises is settled here, once
        reason = _reason(error)
        logger.warning("Job %s (%s) failed: %s", job.pk, job.kind, reason, exc_info=True)
        if job.attempts >= job.max_attempts:
            _give_up(job, tenant, reason)
        else:
            services.retry_later(job, reason=reason)
    else:
        services.complete(job)


def _give_up(job: Job, tenant: Tenant, reason: str) -> None:
    with transaction.atomic():
        if services.bury(job, reason=reason) and (handler := registry.find(job.kind)) is not None:
            with tenant_scope(tenant):
                handler.give_up(job.target_id, reason)


def _reason(error: Exception) -> str:
    known = error if isinstance(error, AppError) else passing_error(error)
    if known is not None:
        return known.detail
    return redact(f"{type(error).__name__}: {error}")[:500]
