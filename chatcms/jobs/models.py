"""The jobs table: queue, lease and outbox in one, in the same database as the work it speaks of."""

from __future__ import annotations

from django.db import models
from django.db.models import Value
from django.db.models.functions import Now

from chatcms.core.db.models import TimestampedModel
from chatcms.jobs.enums import JobState
from tenants.models import Tenant


class Job(TimestampedModel):
    """One piece of work for one tenant, or without one for the platform; written in the transaction that needs it.

    `again` says that it was asked for once more while it was being done: what it has read may be out of date.
    """

    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="jobs", null=True)
    kind = models.CharField(max_length=60)
    target_id = models.UUIDField()
    queue = models.CharField(max_length=20, default="default")
    state = models.CharField(max_length=10, choices=JobState, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    again = models.BooleanField(default=False, db_default=False)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    run_after = models.DateTimeField(db_default=Now())
    hinted_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "jobs"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "kind", "target_id"],
                condition=models.Q(state__in=[JobState.QUEUED, JobState.RUNNING]),
                name="jobs_one_open_per_target",
            )
        ]
        indexes = [
            models.Index(fields=["run_after"], condition=models.Q(state=JobState.QUEUED), name="jobs_queued"),
            models.Index(fields=["lease_until"], condition=models.Q(state=JobState.RUNNING), name="jobs_running"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target_id} ({self.state})"


class PeriodicTask(models.Model):
    """How a task that the scheduler asks for went the last time: when it ran, for how long, and what failed.

    `failed_tenants` lists, for a task that loops over tenants, those it could not be done for:
    `{"tenant_id", "slug", "reason", "since"}`.
    """

    name = models.CharField(max_length=100, primary_key=True)
    watched_since = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    error = models.TextField(blank=True, default="", db_default="")
    failed_tenants = models.JSONField(default=list, db_default=Value([], models.JSONField()))

    class Meta:
        db_table = "periodic_tasks"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
