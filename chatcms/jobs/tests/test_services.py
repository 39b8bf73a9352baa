"""Tests of putting work into the queue and taking it out."""

from __future__ import annotations

import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from chatcms.jobs import hints, services
from chatcms.jobs.broker import app
from chatcms.jobs.enums import JobState, Queue
from chatcms.jobs.exceptions import JobNotClosedError, JobOpenError
from chatcms.jobs.models import Job
from chatcms.jobs.tests.conftest import KIND, SHORT_KIND, Broker, Recorder
from chatcms.tests.waiting import PATIENCE_SECONDS
from tenants.models import AuditEvent, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

Commit = Any


def enqueue(tenant: Tenant, target: uuid.UUID | None = None, *, kind: str = KIND) -> Job:
    return services.enqueue(kind=kind, target_id=target or uuid.uuid4(), tenant_id=tenant.id)


def claim(queue: str = "default") -> Job:
    job = services.claim_next(queue=queue)
    assert job is not None
    return job


def age(job: Job, **fields: Any) -> None:
    Job.objects.filter(pk=job.pk).update(**fields)


def in_the_past(seconds: float = 1) -> Any:
    return timezone.now() - timedelta(seconds=seconds)


def test_a_rolled_back_transaction_leaves_neither_job_nor_hint(
    acme: Tenant, broker: Broker, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True), pytest.raises(ZeroDivisionError), transaction.atomic():
        enqueue(acme)
        raise ZeroDivisionError
    assert not Job.objects.exists()
    assert broker.sent == []


def test_a_committed_job_is_hinted_at_once(
    acme: Tenant, work: Recorder, broker: Broker, django_capture_on_commit_callbacks: Commit
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(acme, kind=SHORT_KIND)
        assert broker.sent == []
    assert broker.sent == [Queue.SHORT]
    job.refresh_from_db()
    assert job.hinted_at is not None


def test_asking_twice_does_the_work_once(acme: Tenant) -> None:
    target = uuid.uuid4()
    assert enqueue(acme, target) == enqueue(acme, target)
    assert Job.objects.count() == 1


def test_work_that_is_asked_for_again_while_it_is_being_done_is_done_once_more(acme: Tenant) -> None:
    target = uuid.uuid4()
    job = enqueue(acme, target)
    running = claim()

    assert services.enqueue(kind=KIND, target_id=target, tenant_id=acme.id, again=True) == job
    assert not services.complete(running)

    job.refresh_from_db()
    assert (job.state, job.again, job.attempts) == (JobState.QUEUED, False, 0)
    assert services.complete(claim())
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_work_that_is_asked_for_again_is_not_given_up_with_what_was_asked_for_before(acme: Tenant) -> None:
    target = uuid.uuid4()
    enqueue(acme, target)
    running = claim()
    services.enqueue(kind=KIND, target_id=target, tenant_id=acme.id, again=True)

    assert not services.bury(running, reason="no")

    assert claim().target_id == target


def test_work_that_waits_still_is_not_done_twice_for_being_asked_for_again(acme: Tenant) -> None:
    target = uuid.uuid4()
    for _ in range(2):
        services.enqueue(kind=KIND, target_id=target, tenant_id=acme.id, again=True)

    assert services.complete(claim())
    assert services.claim_next(queue="default") is None


def test_the_same_target_in_two_tenants_is_two_jobs(acme: Tenant, globex: Tenant) -> None:
    target = uuid.uuid4()
    assert enqueue(acme, target) != enqueue(globex, target)


def test_work_that_is_done_can_be_asked_for_again(acme: Tenant) -> None:
    target = uuid.uuid4()
    enqueue(acme, target)
    services.complete(claim())
    assert enqueue(acme, target).state == JobState.QUEUED


def test_nothing_is_lost_while_the_broker_is_away(
    acme: Tenant, broker: Broker, django_capture_on_commit_callbacks: Commit
) -> None:
    broker.away = True
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(acme)
    job.refresh_from_db()
    assert (job.state, job.hinted_at) == (JobState.QUEUED, None)
    broker.away = False
    assert services.dispatch_due() == 1
    assert broker.sent == ["default"]


def test_a_broker_that_refuses_connections_is_no_error_and_is_asked_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", waits.append)
    options = app.conf.broker_transport_options
    with app.connection_for_write("redis://127.0.0.1:1/0", transport_options=options) as nowhere:
        monkeypatch.setattr(app, "connection_for_write", lambda *args, **kwargs: nowhere)
        monkeypatch.setattr(app.amqp, "_producer_pool", None)
        assert hints.publish("default") is False
    assert waits == []


def lease_of(job: Job) -> uuid.UUID:
    assert job.lease_token is not None
    return job.lease_token


class TestDispatch:
    """What beat does every few seconds."""

    def test_a_fresh_hint_is_not_sent_again(self, acme: Tenant, broker: Broker) -> None:
        enqueue(acme)
        assert [services.dispatch_due(), services.dispatch_due()] == [1, 0]

    def test_a_lost_hint_is_sent_again(self, acme: Tenant, broker: Broker) -> None:
        job = enqueue(acme)
        services.dispatch_due()
        age(job, hinted_at=timezone.now() - timedelta(seconds=settings.JOB_LEASE_SECONDS + 1))
        assert services.dispatch_due() == 1

    def test_a_job_for_later_is_not_hinted_yet(self, acme: Tenant, broker: Broker) -> None:
        age(enqueue(acme), run_after=timezone.now() + timedelta(minutes=1))
        assert services.dispatch_due() == 0

    def test_a_running_job_is_left_alone_until_its_lease_is_over(self, acme: Tenant, broker: Broker) -> None:
        enqueue(acme)
        job = claim()
        assert services.dispatch_due() == 0
        age(job, lease_until=in_the_past())
        assert services.dispatch_due() == 1

    def test_closed_jobs_are_not_hinted(self, acme: Tenant, broker: Broker) -> None:
        for close in (services.complete, lambda job: services.bury(job, reason="x")):
            enqueue(acme)
            close(claim())
        assert services.dispatch_due() == 0

    def test_jobs_keep_waiting_while_the_broker_is_away(self, acme: Tenant, broker: Broker) -> None:
        broker.away = True
        job = enqueue(acme)
        assert services.dispatch_due() == 0
        job.refresh_from_db()
        assert job.hinted_at is None


class TestClaim:
    """Who gets which job."""

    def test_the_oldest_goes_first(self, acme: Tenant) -> None:
        old, young = enqueue(acme), enqueue(acme)
        age(young, run_after=in_the_past(60))
        assert [claim(), claim()] == [old, young]

    def test_only_the_asked_for_queue_is_served(self, acme: Tenant, work: Recorder) -> None:
        enqueue(acme, kind=SHORT_KIND)
        assert services.claim_next(queue="default") is None
        assert claim("short").queue == Queue.SHORT

    def test_a_slot_for_newcomers_is_for_tenants_with_none_running(self, acme: Tenant) -> None:
        for _ in range(2):
            enqueue(acme)
        first = services.claim_next(queue="default", for_newcomers=True)
        assert first is not None
        assert services.claim_next(queue="default", for_newcomers=True) is None
        newcomer = enqueue(factories.make_tenant("newcomer"))
        assert services.claim_next(queue="default", for_newcomers=True) == newcomer

    def test_a_running_short_job_leaves_its_tenant_a_newcomer_elsewhere(self, acme: Tenant, work: Recorder) -> None:
        enqueue(acme, kind=SHORT_KIND)
        claim("short")
        job = enqueue(acme)
        assert services.claim_next(queue="default", for_newcomers=True) == job

    def test_one_that_has_yielded_goes_before_its_tenants_younger_ones_and_behind_other_tenants(
        self, acme: Tenant
    ) -> None:
        long, young = enqueue(acme), enqueue(acme)
        other = enqueue(factories.make_tenant("other"))
        services.go_on_later(claim())
        assert [claim(), claim(), claim()] == [other, long, young]

    def test_an_attempt_is_counted_before_it_is_made(self, acme: Tenant) -> None:
        enqueue(acme)
        job = claim()
        assert (job.state, job.attempts) == (JobState.RUNNING, 1)
        assert job.lease_until is not None and job.lease_until > timezone.now()

    def test_a_job_for_later_is_not_taken(self, acme: Tenant) -> None:
        age(enqueue(acme), run_after=timezone.now() + timedelta(minutes=1))
        assert services.claim_next(queue="default") is None

    def test_a_job_under_lease_is_not_taken(self, acme: Tenant) -> None:
        enqueue(acme)
        claim()
        assert services.claim_next(queue="default") is None

    def test_a_job_whose_lease_is_over_is_taken_over(self, acme: Tenant) -> None:
        enqueue(acme)
        first = claim()
        age(first, lease_until=in_the_past())
        second = claim()
        assert second == first
        assert second.attempts == 2
        assert second.lease_token != first.lease_token

    def test_who_lost_the_lease_settles_nothing(self, acme: Tenant) -> None:
        enqueue(acme)
        first = claim()
        age(first, lease_until=in_the_past())
        second = claim()
        services.renew([lease_of(first)])
        services.lose(lease_token=lease_of(first), reason="x")
        assert not services.complete(first)
        assert not services.bury(first, reason="x")
        services.retry_later(first, reason="x")
        until = second.lease_until
        second.refresh_from_db()
        assert (second.state, second.lease_until) == (JobState.RUNNING, until)
        assert services.complete(second)

    def test_a_renewed_lease_lasts_longer(self, acme: Tenant) -> None:
        enqueue(acme)
        job = claim()
        age(job, lease_until=timezone.now() + timedelta(seconds=1))
        services.renew([lease_of(job)])
        job.refresh_from_db()
        assert job.lease_until is not None and job.lease_until > timezone.now() + timedelta(seconds=20)

    def test_a_thousand_jobs_of_one_tenant_do_not_keep_anothers_waiting(self, acme: Tenant, globex: Tenant) -> None:
        Job.objects.bulk_create(
            Job(tenant=acme, kind=KIND, target_id=uuid.uuid4(), run_after=in_the_past(60)) for _ in range(1000)
        )
        single = enqueue(globex)
        assert claim().tenant_id == acme.id
        assert claim() == single

    def test_tenants_take_turns(self, acme: Tenant, globex: Tenant) -> None:
        for tenant in (acme, globex):
            for _ in range(4):
                enqueue(tenant)
        assert Counter(claim().tenant_id for _ in range(4)) == {acme.id: 2, globex.id: 2}

    @pytest.mark.django_db(transaction=True)
    def test_workers_that_ask_at_once_get_a_job_each(self, acme: Tenant) -> None:
        for _ in range(24):
            enqueue(acme)
        together = Barrier(8, timeout=PATIENCE_SECONDS)

        def work(_: int) -> list[uuid.UUID]:
            try:
                taken = []
                for _ in range(3):
                    together.wait()
                    taken.append(claim().pk)
                return taken
            finally:
                connection.close()

        with ThreadPoolExecutor(8) as pool:
            taken = [pk for pks in pool.map(work, range(8)) for pk in pks]
        assert len(set(taken)) == 24


class TestEndings:
    """What becomes of a claimed job."""

    def test_a_job_to_retry_waits_longer_each_time(self, acme: Tenant) -> None:
        job = enqueue(acme)
        pauses = []
        for _ in range(3):
            services.retry_later(claim(), reason="The vendor is away.")
            job.refresh_from_db()
            pauses.append(round((job.run_after - timezone.now()).total_seconds()))
            age(job, run_after=in_the_past())
        assert pauses == [5, 10, 20]
        assert job.last_error == "The vendor is away."

    def test_a_postponed_job_has_lost_no_attempt(self, acme: Tenant) -> None:
        enqueue(acme)
        job = claim()
        services.postpone(job)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.lease_token) == (JobState.QUEUED, 0, None)
        assert job.run_after > timezone.now()

    def test_what_is_queued_for_a_target_can_be_called_off(self, acme: Tenant) -> None:
        target = uuid.uuid4()
        mine, other = enqueue(acme, target), enqueue(acme)
        services.cancel_for_targets(kind=KIND, target_ids=[target])
        mine.refresh_from_db()
        other.refresh_from_db()
        assert (mine.state, other.state) == (JobState.CANCELLED, JobState.QUEUED)

    def test_a_dead_job_tried_again_has_all_its_attempts(
        self, acme: Tenant, broker: Broker, work: Recorder, django_capture_on_commit_callbacks: Commit
    ) -> None:
        enqueue(acme)
        job = claim()
        services.bury(job, reason="x")
        with django_capture_on_commit_callbacks(execute=True):
            services.try_again(by=SYSTEM, job=job)
        job.refresh_from_db()
        assert (job.state, job.attempts, job.last_error, job.finished_at) == (JobState.QUEUED, 0, "", None)
        assert broker.sent == ["default"]
        assert work.revived == [(job.target_id, acme.schema_name)]
        assert AuditEvent.objects.filter(action="job.try_again", tenant_id=acme.id).count() == 1

    def test_only_a_closed_job_is_tried_again(self, acme: Tenant) -> None:
        enqueue(acme)
        job = claim()
        with pytest.raises(JobNotClosedError):
            services.try_again(by=SYSTEM, job=job)
        services.complete(job)
        with pytest.raises(JobNotClosedError):
            services.try_again(by=SYSTEM, job=job)

    def test_a_dead_job_is_not_tried_again_beside_a_new_one(self, acme: Tenant) -> None:
        target = uuid.uuid4()
        enqueue(acme, target)
        dead = claim()
        services.bury(dead, reason="x")
        enqueue(acme, target)
        with pytest.raises(JobOpenError):
            services.try_again(by=SYSTEM, job=dead)
