"""Runs one claimed job inside its tenant and settles what became of it."""

from __future__ import annotations

import logging
import time
from contextlib import AbstractContextManager
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, transaction

from chatcms.core.db.outages import BEHIND_SECONDS, SchemaBehindError, is_database_away, passing_error
from chatcms.core.db.tenantdb import watch
from chatcms.core.exceptions import AppError
from chatcms.core.logs import redact
from chatcms.jobs import registry, services, slots
from chatcms.jobs.enums import Queue
from chatcms.jobs.exceptions import YieldError
from chatcms.jobs.models import Job
from tenants.context import public_scope, release_connection, tenant_scope
from tenants.enums import TenantStatus
from tenants.models import Tenant

logger = logging.getLogger(__name__)

# Not at once: the database has much to do when it comes back.
PAUSE_AFTER_AN_OUTAGE = timedelta(seconds=2)
PAUSE_WHILE_BEHIND = timedelta(seconds=BEHIND_SECONDS)
LOOK_SECONDS = 0.5


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
    if job.tenant_id is None:
        _run(job, None)
        return
    tenant = Tenant.objects.filter(pk=job.tenant_id).first()
    if tenant is None or tenant.status == TenantStatus.DELETING:
        services.cancel(job, reason="The tenant is gone.")
    elif not tenant.is_enterable:
        services.postpone(job)
    else:
        _run(job, tenant)


def _run(job: Job, tenant: Tenant | None) -> None:
    if job.attempts > job.max_attempts:
        # The last attempt ended with its process: this one only records it.
        _give_up(job, tenant, job.last_error or "It stopped the worker each time it was tried.")
        return
    try:
        with _place(tenant):
            registry.handler_of(job.kind).run(job.target_id)
        services.complete(job)
    except YieldError:
        services.go_on_later(job)
    except Exception as error:  # edge: whatever a job raises is settled here, once
        if is_database_away(error):
            _put_back(job)
            return
        known = error if isinstance(error, AppError) else passing_error(error)
        if isinstance(known, SchemaBehindError):
            services.postpone(job, PAUSE_WHILE_BEHIND, reason=known.detail)
            return
        reason = known.detail if known is not None else _unforeseen(error)
        logger.warning("Job %s (%s) failed: %s", job.pk, job.kind, reason, exc_info=True)
        _settle_failure(job, tenant, reason)


def _settle_failure(job: Job, tenant: Tenant | None, reason: str) -> None:
    if job.attempts >= job.max_attempts:
        _give_up(job, tenant, reason)
    else:
        services.retry_later(job, reason=reason)


def _put_back(job: Job) -> None:
    """Have a job done again that the database went away from, without counting the attempt.

    When the database stays away for longer than the lease, whoever claims the job next does not count it either.
    """
    logger.warning("Job %s (%s) met an outage of the database and is done again.", job.pk, job.kind)
    limit = time.monotonic() + settings.JOB_LEASE_SECONDS
    while time.monotonic() < limit:
        if not watch.is_away():
            try:
                services.postpone(job, PAUSE_AFTER_AN_OUTAGE)
            except DatabaseError as error:
                if not is_database_away(error):
                    raise
                release_connection()
            else:
                return
        time.sleep(LOOK_SECONDS)


def _place(tenant: Tenant | None) -> AbstractContextManager[None]:
    return tenant_scope(tenant) if tenant else public_scope()


def _give_up(job: Job, tenant: Tenant | None, reason: str) -> None:
    with transaction.atomic():
        if services.bury(job, reason=reason) and (handler := registry.find(job.kind)) is not None:
            with _place(tenant):
                handler.give_up(job.target_id, reason)


def _unforeseen(error: Exception) -> str:
    return redact(f"{type(error).__name__}: {error}")[:500]
