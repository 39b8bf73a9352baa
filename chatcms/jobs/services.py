"""Puts work into the queue and moves it through its states; every move is one atomic statement."""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chatcms.core.db.tenantdb import watch
from chatcms.jobs import hints, registry
from chatcms.jobs.enums import JobState, Queue
from chatcms.jobs.exceptions import JobNotClosedError, JobOpenError, JobTenantUnavailableError, UnknownJobKindError
from chatcms.jobs.models import Job
from tenants import audit
from tenants.context import public_scope, tenant_scope
from tenants.enums import TenantStatus
from tenants.models import Tenant
from tenants.types import Actor

logger = logging.getLogger(__name__)

PAUSE_WHILE_SUSPENDED = timedelta(minutes=5)
HINTS_PER_TICK = 200
HEADS_PER_TENANT = 32
USUAL_ATTEMPTS = 3

# The tenant with the fewest running jobs goes first, so that one tenant's thousand uploads never keep
# another's single one waiting; within a tenant the oldest goes first, one that has yielded too. A slot for newcomers
# takes none of a tenant that has one running. The platform's jobs, its mails, count as those of one tenant more. Of
# each tenant the first few are looked at, so that many workers find one each; the state is asked for again where the
# row is locked, because another worker may have had it in between.
_NOW = "statement_timestamp()"
_DUE = f"""(jobs.state = 'queued' AND jobs.run_after <= {_NOW}
    OR jobs.state = 'running' AND jobs.lease_until < {_NOW})"""
# A lease that could not be renewed because the database was away tells nothing against the job, whose attempt does
# not count.
_MET_AN_OUTAGE = f"""coalesce(jobs.state = 'running'
    AND jobs.lease_until >= {_NOW} - make_interval(secs => %(outage_began)s)
    AND jobs.lease_until <= {_NOW} - make_interval(secs => %(outage_ended)s) + make_interval(secs => %(lease)s),
    false)"""
_CLAIM = f"""
WITH running AS (
    SELECT tenant_id, count(*) AS n FROM jobs
    WHERE state = 'running' AND lease_until >= {_NOW} AND queue = %(queue)s GROUP BY tenant_id
), waiting AS (
    SELECT DISTINCT tenant_id FROM jobs WHERE {_DUE} AND queue = %(queue)s
), heads AS (
    SELECT head.id, head.run_after, head.place + coalesce(running.n, 0) AS turn
    FROM waiting LEFT JOIN running ON running.tenant_id = waiting.tenant_id
        OR running.tenant_id IS NULL AND waiting.tenant_id IS NULL
    CROSS JOIN LATERAL (
        SELECT id, run_after, row_number() OVER (ORDER BY id) AS place FROM jobs
        WHERE {_DUE} AND queue = %(queue)s
            AND (tenant_id = waiting.tenant_id OR tenant_id IS NULL AND waiting.tenant_id IS NULL)
        ORDER BY id LIMIT %(heads)s
    ) AS head
    WHERE NOT %(newcomers)s OR running.n IS NULL
), choice AS (
    SELECT jobs.id, jobs.state = 'running' AS is_taken_over FROM jobs JOIN heads USING (id) WHERE {_DUE}
    ORDER BY heads.turn, heads.run_after, jobs.id LIMIT 1 FOR UPDATE OF jobs SKIP LOCKED
)
UPDATE jobs SET state = 'running', attempts = attempts + 1 - {_MET_AN_OUTAGE}::int, lease_token = %(token)s,
    lease_until = {_NOW} + make_interval(secs => %(lease)s), updated_at = {_NOW}
WHERE id = (SELECT id FROM choice)
RETURNING id, (SELECT is_taken_over FROM choice)
"""  # noqa: S608 - put together from constants


def enqueue(*, kind: str, target_id: uuid.UUID, tenant_id: uuid.UUID | None, again: bool = False) -> Job:
    """Write the job in the caller's transaction and, once that is committed, hint that there is work.

    An open job for the same target is returned as it is: asking twice does the work once. With `again`, one that is
    being done at this moment is done once more after, since it may not know what the caller has written.
    """
    with transaction.atomic():
        if again and (running := _asked_again(kind, target_id, tenant_id)):
            return running
        owner: Any = tenant_id  # None is looked up as such
        job, created = Job.objects.get_or_create(
            tenant_id=owner,
            kind=kind,
            target_id=target_id,
            state__in=[JobState.QUEUED, JobState.RUNNING],
            defaults={"queue": _queue_of(kind), "run_after": timezone.now(), "max_attempts": _attempts_of(kind)},
        )
        if created:
            transaction.on_commit(lambda: hint(job), robust=True)
    return job


def enqueue_many(*, kind: str, target_ids: Collection[uuid.UUID], tenant_id: uuid.UUID) -> None:
    """Do as `enqueue` for many targets at once; the workers are told to look for them by the clock, not by hints."""
    now, queue = timezone.now(), _queue_of(kind)
    jobs = [Job(tenant_id=tenant_id, kind=kind, target_id=one, queue=queue, run_after=now) for one in target_ids]
    Job.objects.bulk_create(jobs, batch_size=1000, ignore_conflicts=True)


def hint(job: Job) -> None:
    """Tell the workers that there is work; when the broker is away, beat tells them later."""
    if hints.publish(job.queue):
        Job.objects.filter(pk=job.pk).update(hinted_at=timezone.now())


def hint_next(queue: str) -> None:
    """Tell the workers that a slot of the queue is free, if there is work for it."""
    if Job.objects.filter(_due(timezone.now()), queue=queue).exists():
        hints.publish(queue)


def claim_next(*, queue: str, for_newcomers: bool = False) -> Job | None:
    """Take the next due job under a lease of `JOB_LEASE_SECONDS`, counting the attempt first; None if none is due.

    With `for_newcomers` only that of a tenant which has no job of the queue running. The attempt is not counted when
    the one before was cut short by an outage of the database.
    """
    outage = watch.last_outage()
    with connection.cursor() as cursor:
        cursor.execute(
            _CLAIM,
            {
                "queue": queue,
                "heads": HEADS_PER_TENANT,
                "newcomers": for_newcomers,
                "token": uuid.uuid4(),
                "lease": settings.JOB_LEASE_SECONDS,
                "outage_began": outage.began if outage else None,
                "outage_ended": outage.ended if outage else None,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    job = Job.objects.get(pk=row[0])
    if row[1]:
        logger.warning("Job %s (%s) is taken over: whoever did it gave no sign of life any more.", job.pk, job.kind)
    return job


def renew(lease_tokens: Collection[uuid.UUID]) -> None:
    """Extend the leases of jobs that are still being done."""
    _under(lease_tokens).update(lease_until=timezone.now() + _lease())


def lose(*, lease_token: uuid.UUID, reason: str) -> None:
    """Take a job from a process that has ended: for another attempt, or to be given up by whoever claims it next."""
    job = _under([lease_token]).first()
    if job is None:
        return
    if job.attempts < job.max_attempts:
        retry_later(job, reason=reason)
    else:
        _held(job).update(last_error=reason, lease_until=timezone.now(), hinted_at=None)


def complete(job: Job) -> bool:
    """Mark the job done; False when it was not ours any more, or was asked for again meanwhile and is queued anew."""
    return _close(job, JobState.DONE)


def cancel(job: Job, *, reason: str) -> bool:
    """Mark the job as not to be done."""
    return _close(job, JobState.CANCELLED, last_error=reason)


def postpone(job: Job, pause: timedelta = PAUSE_WHILE_SUSPENDED, *, reason: str = "") -> None:
    """Put the job back for later without counting the attempt: for what it waits is no fault of its own.

    Its tenant is suspended, the database was away, or what it needs has not been migrated yet.
    """
    _held(job).update(
        state=JobState.QUEUED,
        attempts=max(job.attempts - 1, 0),
        run_after=timezone.now() + pause,
        last_error=reason or job.last_error,
        hinted_at=None,
        lease_token=None,
        lease_until=None,
    )


def go_on_later(job: Job) -> None:
    """Put back a job that has come further and makes room for others; its attempts count from there."""
    _held(job).update(
        state=JobState.QUEUED,
        attempts=0,
        run_after=timezone.now(),
        last_error="",
        hinted_at=None,
        lease_token=None,
        lease_until=None,
    )


def retry_later(job: Job, *, reason: str) -> None:
    """Put the job back for as long as its kind wants, or with a growing pause: 5, 10, 20... seconds."""
    pause = timedelta(seconds=_pause_before_next(job))
    _held(job).update(
        state=JobState.QUEUED,
        run_after=timezone.now() + pause,
        last_error=reason,
        hinted_at=None,
        lease_token=None,
        lease_until=None,
    )


def bury(job: Job, *, reason: str) -> bool:
    """Mark the job dead: its attempts are used up and a person must look."""
    return _close(job, JobState.DEAD, last_error=reason)


def try_again(*, by: Actor, job: Job) -> None:
    """Queue a dead or cancelled job anew, with all its attempts, and put its target back to where work on it begins.

    Raises `JobNotClosedError` for any other job, `JobOpenError` when another one does the same work,
    `JobTargetGoneError` or `JobTargetDoneError` when its target leaves nothing to do, `JobTenantUnavailableError` when
    its tenant has no schema, `UnknownJobKindError`, and what the kind's own `revive` raises. Then nothing changes.
    """
    tenant = job.tenant
    if tenant is not None and tenant.status not in {TenantStatus.READY, TenantStatus.SUSPENDED}:
        raise JobTenantUnavailableError
    try:
        with transaction.atomic():
            queued = Job.objects.filter(pk=job.pk, state__in=[JobState.DEAD, JobState.CANCELLED]).update(
                state=JobState.QUEUED,
                attempts=0,
                run_after=timezone.now(),
                hinted_at=None,
                finished_at=None,
                last_error="",
            )
            if not queued:
                raise JobNotClosedError
            _revive(job, tenant)
            audit.record("job.try_again", by=by, target=job, tenant_id=job.tenant_id)
            transaction.on_commit(lambda: hint(job))
    except IntegrityError as error:
        raise JobOpenError from error


def _revive(job: Job, tenant: Tenant | None) -> None:
    handler = registry.find(job.kind)
    if handler is None:
        raise UnknownJobKindError
    with tenant_scope(tenant) if tenant else public_scope():
        handler.revive(job.target_id)


def cancel_for_targets(*, kind: str, target_ids: Collection[uuid.UUID]) -> None:
    """Cancel what is still queued for targets that are being deleted; a running one finds nothing to do."""
    Job.objects.filter(kind=kind, target_id__in=target_ids, state=JobState.QUEUED).update(
        state=JobState.CANCELLED, finished_at=timezone.now()
    )


def dispatch_due() -> int:
    """Publish hints for due work that no hint has been out for lately; return how many.

    And one for each other queue that has due work: a hint that found every slot taken is used up, and the worker that
    was to give another one when it was done may have died.
    """
    now = timezone.now()
    with transaction.atomic():
        due = list(
            Job.objects.select_for_update(skip_locked=True)
            .filter(_due(now), _unhinted(now))
            .order_by("run_after")[:HINTS_PER_TICK]
        )
        sent = [job.pk for job in due if hints.publish(job.queue)]
        Job.objects.filter(pk__in=sent).update(hinted_at=now)
    for queue in set(Queue.values) - {job.queue for job in due}:
        hint_next(queue)
    return len(sent)


def _queue_of(kind: str) -> str:
    handler = registry.find(kind)
    return handler.queue if handler else Queue.DEFAULT


def _attempts_of(kind: str) -> int:
    handler = registry.find(kind)
    return len(handler.pauses) + 1 if handler and handler.pauses else USUAL_ATTEMPTS


def _pause_before_next(job: Job) -> float:
    made = max(job.attempts - 1, 0)
    handler = registry.find(job.kind)
    if not handler or made >= len(handler.pauses):
        return 5.0 * float(2**made)
    # A little earlier or later each time, so that many that failed together do not come back together.
    return float(handler.pauses[made]) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret


def _under(lease_tokens: Collection[uuid.UUID]) -> QuerySet[Job]:
    return Job.objects.filter(state=JobState.RUNNING, lease_token__in=lease_tokens)


def _held(job: Job) -> QuerySet[Job]:
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, lease_token=job.lease_token)


def _close(job: Job, state: JobState, *, last_error: str = "") -> bool:
    released: dict[str, Any] = {"last_error": last_error, "lease_token": None, "lease_until": None}
    closed = _held(job).filter(again=False).update(state=state, finished_at=timezone.now(), **released)
    if not closed and _held(job).update(
        state=JobState.QUEUED, again=False, attempts=0, run_after=timezone.now(), hinted_at=None, **released
    ):
        hint(job)
    return bool(closed)


def _asked_again(kind: str, target_id: uuid.UUID, tenant_id: uuid.UUID | None) -> Job | None:
    """Return the open job for a target, which knows of what the caller writes; None when there is none.

    Its row stays locked until then: one that is queued is not begun before, and one that is running does not end.
    """
    owner: Any = tenant_id  # None is looked up as such
    open_jobs = Job.objects.select_for_update().filter(kind=kind, target_id=target_id, tenant_id=owner)
    job = open_jobs.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).first()
    if job is not None and job.state == JobState.RUNNING:
        job.again = True
        job.save(update_fields=["again", "updated_at"])
    return job


def _lease() -> timedelta:
    """How long a claim lasts; a hint that led to no claim within it counts as lost."""
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _due(now: datetime) -> Q:
    queued = Q(state=JobState.QUEUED, run_after__lte=now)
    abandoned = Q(state=JobState.RUNNING, lease_until__lt=now)
    return queued | abandoned


def _unhinted(now: datetime) -> Q:
    return Q(hinted_at__isnull=True) | Q(hinted_at__lt=now - _lease())
