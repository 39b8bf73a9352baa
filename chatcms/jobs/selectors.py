"""What others read about the queue."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count, Min, Q
from django.utils import timezone

from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job


@dataclass(frozen=True, slots=True)
class Queue:
    """How many jobs wait, run and are dead, and for how long the oldest that is due has waited."""

    waiting: int
    running: int
    dead: int
    oldest: timedelta | None


def queue() -> Queue:
    """Return the state of the queue, of all tenants, by one query."""
    now = timezone.now()
    due = Q(state=JobState.QUEUED, run_after__lte=now)
    found = Job.objects.exclude(state__in=[JobState.DONE, JobState.CANCELLED]).aggregate(
        waiting=Count("id", filter=Q(state=JobState.QUEUED)),
        running=Count("id", filter=Q(state=JobState.RUNNING)),
        dead=Count("id", filter=Q(state=JobState.DEAD)),
        first=Min("run_after", filter=due),
    )
    oldest = now - found["first"] if found["first"] else None
    return Queue(found["waiting"], found["running"], found["dead"], oldest)


def others_wait(tenant_id: uuid.UUID, *, queue: str) -> bool:
    """Say whether a job of another tenant is due in the queue."""
    due = Job.objects.filter(queue=queue, state=JobState.QUEUED, run_after__lte=timezone.now())
    return due.exclude(tenant=tenant_id).exists()
