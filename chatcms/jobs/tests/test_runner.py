"""Tests of running jobs inside their tenants."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from psycopg import OperationalError as DriverError

from chatcms.core.db.outages import SchemaBehindError
from chatcms.core.db.tenantdb import state, watch
from chatcms.core.exceptions import UnavailableError
from chatcms.jobs import registry, runner, services, tasks
from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job
from chatcms.jobs.tests.conftest import KIND, Recorder
from tenants.enums import TenantStatus
from tenants.models import Tenant
from tenants.services import lifecycle
from tenants.tests import factories, schemas
from tenants.types import SYSTEM

pytestmark = pytest.mark.usefixtures("work")


def enqueue(tenant: Tenant, kind: str = KIND) -> Job:
    return services.enqueue(kind=kind, target_id=uuid.uuid4(), tenant_id=tenant.id)


def run() -> bool:
    Job.objects.update(run_after=timezone.now() - timedelta(seconds=1))
    return runner.run_next(queue="default")


def fail(_target: uuid.UUID) -> None:
    raise ValueError("key sk-abcdefghijkl of the vendor is wrong")


def test_a_job_runs_once_inside_its_tenant(acme: Tenant, work: Recorder) -> None:
    job = enqueue(acme)
    assert run()
    assert not run()
    assert work.ran == [(job.target_id, acme.schema_name)]
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert job.finished_at is not None


def test_running_leaves_no_tenant_in_force(acme: Tenant, work: Recorder) -> None:
    for act in (lambda _target: None, fail):
        work.act = act
        enqueue(acme)
        run()
        assert state.current() == state.PUBLIC


def test_a_failed_job_is_tried_again_and_says_why_without_the_key(acme: Tenant, work: Recorder) -> None:
    work.act = fail
    job = enqueue(acme)
    run()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 1)
    assert "is wrong" in job.last_error
    assert "sk-abc" not in job.last_error


def test_an_error_made_for_people_is_kept_in_its_own_words(acme: Tenant, work: Recorder) -> None:
    def refuse(_target: uuid.UUID) -> None:
        raise UnavailableError("The vendor is away.")

    work.act = refuse
    job = enqueue(acme)
    run()
    job.refresh_from_db()
    assert job.last_error == "The vendor is away."


def test_after_the_last_attempt_the_job_is_dead_and_its_target_told(acme: Tenant, work: Recorder) -> None:
    work.act = fail
    job = enqueue(acme)
    for _ in range(3):
        run()
    assert not run()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.DEAD, 3)
    assert [(target, schema) for target, schema, _ in work.given_up] == [(job.target_id, acme.schema_name)]


def test_a_job_that_kills_its_worker_is_given_up_without_another_try(acme: Tenant, work: Recorder) -> None:
    job = enqueue(acme)
    for _ in range(3):
        assert services.claim_next(queue="default") == job
        Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    run()
    job.refresh_from_db()
    assert job.state == JobState.DEAD
    assert work.ran == []
    assert "stopped the worker" in work.given_up[0][2]


def test_a_kind_that_nobody_knows_is_given_up_in_the_end(acme: Tenant) -> None:
    job = enqueue(acme, kind="no.such.kind")
    for _ in range(3):
        run()
    job.refresh_from_db()
    assert job.state == JobState.DEAD
    assert "no.such.kind" in job.last_error


def test_a_target_that_cannot_be_told_keeps_the_job_open(
    acme: Tenant, work: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_target: uuid.UUID, _reason: str) -> None:
        raise OSError("the disk is away")

    work.act = fail
    registry.register(KIND, replace(work.handler, give_up=broken))
    job = enqueue(acme)
    run()
    run()
    with pytest.raises(OSError, match="disk"):
        run()
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


@pytest.mark.parametrize("status", [TenantStatus.SUSPENDED, TenantStatus.CREATING, TenantStatus.FAILED])
def test_jobs_of_a_tenant_that_may_not_be_entered_wait_without_losing_an_attempt(
    acme: Tenant, work: Recorder, status: TenantStatus
) -> None:
    job = enqueue(acme)
    Tenant.objects.filter(pk=acme.pk).update(status=status)
    assert run()
    job.refresh_from_db()
    assert (job.state, job.attempts, work.ran) == (JobState.QUEUED, 0, [])
    Tenant.objects.filter(pk=acme.pk).update(status=TenantStatus.READY)
    run()
    assert len(work.ran) == 1


def test_jobs_of_a_tenant_that_is_being_deleted_are_called_off(acme: Tenant, work: Recorder) -> None:
    job = enqueue(acme)
    Tenant.objects.filter(pk=acme.pk).update(status=TenantStatus.DELETING)
    run()
    job.refresh_from_db()
    assert (job.state, work.ran) == (JobState.CANCELLED, [])


def test_a_job_never_runs_in_public(acme: Tenant, work: Recorder) -> None:
    """With tenant-schemas-celery the body of a dropped tenant's task still runs, in public."""
    doomed = factories.make_tenant("doomed")
    enqueue(doomed)
    enqueue(acme)
    lifecycle.request_deletion(by=SYSTEM, tenant=doomed, grace=timedelta(0))
    lifecycle.drop_due()
    while run():
        pass
    assert [schema for _, schema in work.ran] == [acme.schema_name]


def test_the_celery_task_runs_the_next_job(acme: Tenant, work: Recorder) -> None:
    enqueue(acme)
    tasks.run_next("default")
    assert len(work.ran) == 1


def test_the_celery_task_drops_tenants_whose_time_has_come(db: None) -> None:
    doomed = factories.make_tenant("doomed")
    lifecycle.request_deletion(by=SYSTEM, tenant=doomed, grace=timedelta(0))
    tasks.drop_deleted_tenants()
    assert not schemas.schema_exists(doomed.schema_name)


# --- a database that goes away ---------------------------------------------------------------------------


def lose_the_database(_target: uuid.UUID) -> None:
    raise OperationalError("server closed the connection unexpectedly") from DriverError("closed")


def test_an_outage_counts_as_no_attempt_and_fails_nothing(acme: Tenant, work: Recorder) -> None:
    job = enqueue(acme)
    work.act = lose_the_database
    for _ in range(5):
        assert run()
        job.refresh_from_db()
        assert (job.state, job.attempts, job.lease_token) == (JobState.QUEUED, 0, None)
        assert job.run_after > timezone.now()
    work.act = lambda _target: None
    assert run()
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert work.given_up == []


def meet_a_missing_table(_target: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM not_migrated_yet")


def be_told_of_a_missing_table(_target: uuid.UUID) -> None:
    raise SchemaBehindError


@pytest.mark.parametrize("act", [meet_a_missing_table, be_told_of_a_missing_table])
def test_a_schema_that_is_behind_counts_as_no_attempt_and_says_so(
    acme: Tenant, work: Recorder, act: Callable[[uuid.UUID], None]
) -> None:
    job = enqueue(acme)
    work.act = lambda target: in_a_transaction(act, target)
    for _ in range(job.max_attempts + 1):
        assert run()
        job.refresh_from_db()
        assert (job.state, job.attempts, job.lease_token) == (JobState.QUEUED, 0, None)
        assert job.run_after > timezone.now()
        assert "present version" in job.last_error
    work.act = lambda _target: None
    assert run()
    job.refresh_from_db()
    assert (job.state, job.last_error, work.given_up) == (JobState.DONE, "", [])


def in_a_transaction(act: Callable[[uuid.UUID], None], target: uuid.UUID) -> None:
    with transaction.atomic():
        act(target)


def test_an_outage_while_a_job_is_marked_as_done_has_it_done_again(
    acme: Tenant, work: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enqueue(acme)
    with monkeypatch.context() as outage:
        outage.setattr(services, "complete", lose_the_database)
        assert run()
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    assert run()
    assert len(work.ran) == 2


@pytest.mark.parametrize(("renewed", "counted"), [(100, 1), (60, 0), (40, 0), (19, 1)])
def test_a_lease_that_ran_out_in_an_outage_counts_as_no_attempt(
    acme: Tenant, monkeypatch: pytest.MonkeyPatch, renewed: float, counted: int
) -> None:
    """The outage began 60 s ago and ended 20 s ago; the lease was last renewed so many seconds ago."""
    monkeypatch.setattr(settings, "JOB_LEASE_SECONDS", 10.0)
    enqueue(acme)
    assert services.claim_next(queue="default") is not None
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=renewed - 10))
    monkeypatch.setattr(watch, "last_outage", lambda: watch.Outage(began=60.0, ended=20.0))
    again = services.claim_next(queue="default")
    assert again is not None
    assert again.attempts == 1 + counted


def test_a_job_that_is_taken_over_is_told_to_the_log(acme: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    job = enqueue(acme)
    services.claim_next(queue="default")
    assert "taken over" not in caplog.text
    Job.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    services.claim_next(queue="default")
    assert f"Job {job.pk} ({KIND}) is taken over" in caplog.text
