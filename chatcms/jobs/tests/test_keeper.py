"""The keeper of leases: a job is done once however long it holds Python's lock, and ended when its time is over."""

from __future__ import annotations

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.utils import timezone

from chatcms.jobs import keeper, registry, services, slots
from chatcms.jobs.enums import JobState
from chatcms.jobs.keeper import STOPPED, Keeper
from chatcms.jobs.models import Job
from chatcms.jobs.slots import Slots
from chatcms.jobs.tests import holding
from chatcms.jobs.tests.conftest import KIND
from chatcms.tests import live
from chatcms.tests.waiting import wait_until
from tenants.models import Tenant

_FORK = get_context("fork")


def claimed(tenant: Tenant) -> Job:
    services.enqueue(kind=KIND, target_id=uuid.uuid4(), tenant_id=tenant.id)
    job = services.claim_next(queue="default")
    assert job is not None
    return job


def work_on(board: Slots, token: uuid.UUID, time_limit: float, begun: Any) -> None:
    with board.taken("default") as slot:
        assert slot is not None
        with board.noted(slot, token, time_limit):
            begun.set()
            signal.pause()


class Worker:
    """A process that does a job in a slot, until it is killed."""

    def __init__(self, board: Slots, job: Job, time_limit: float) -> None:
        begun = _FORK.Event()
        assert job.lease_token is not None
        self.process = _FORK.Process(target=work_on, args=(board, job.lease_token, time_limit, begun), daemon=True)
        self.process.start()
        begun.wait()

    def kill(self) -> None:
        self.process.kill()
        self.process.join()


@pytest.fixture
def board() -> Iterator[Slots]:
    board = Slots({"default": 1})
    yield board
    board.close()


@pytest.fixture
def start(board: Slots) -> Iterator[Callable[[Job, float], Worker]]:
    with ExitStack() as stack:

        def started(job: Job, time_limit: float = 1000) -> Worker:
            worker = Worker(board, job, time_limit)
            stack.callback(worker.kill)
            return worker

        yield started


@pytest.mark.usefixtures("work")
class TestRounds:
    def test_the_lease_of_a_living_process_is_renewed(self, acme: Tenant, board: Slots, start: Any) -> None:
        job = claimed(acme)
        start(job)
        Job.objects.update(lease_until=timezone.now())
        assert Keeper(board).look()
        job.refresh_from_db()
        assert job.lease_until is not None
        assert job.lease_until > timezone.now()

    def test_a_process_that_ended_loses_its_job_at_once_and_says_so(
        self, acme: Tenant, board: Slots, start: Any
    ) -> None:
        job = claimed(acme)
        start(job).kill()
        assert not Keeper(board).look()
        job.refresh_from_db()
        assert (job.state, job.last_error, job.lease_token) == (JobState.QUEUED, STOPPED, None)

    def test_a_job_that_takes_too_long_is_ended(self, acme: Tenant, board: Slots, start: Any) -> None:
        job = claimed(acme)
        worker = start(job, 0)
        one = Keeper(board)
        assert one.look()
        worker.process.join()
        assert not one.look()
        job.refresh_from_db()
        assert (job.state, "took longer than" in job.last_error) == (JobState.QUEUED, True)

    def test_a_job_that_is_done_is_left_alone(self, acme: Tenant, board: Slots, start: Any) -> None:
        job = claimed(acme)
        services.complete(job)
        start(job).kill()
        Keeper(board).look()
        job.refresh_from_db()
        assert (job.state, job.last_error) == (JobState.DONE, "")

    def test_while_the_database_is_away_nothing_is_forgotten(
        self, acme: Tenant, board: Slots, start: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        job = claimed(acme)
        start(job).kill()
        one = Keeper(board)
        monkeypatch.setattr(services, "lose", _away)
        assert one.look()
        monkeypatch.undo()
        assert not one.look()
        job.refresh_from_db()
        assert job.state == JobState.QUEUED


def _away(**_: Any) -> None:
    from django.db import OperationalError

    raise OperationalError


@pytest.fixture
def running(transactional_db: None, acme: Tenant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A real worker whose leases last a second; the value is where its jobs note their runs."""
    monkeypatch.setattr(registry, "_handlers", holding.KINDS)
    runs = tmp_path / "runs"
    runs.touch()
    extra = {"JOB_LEASE_SECONDS": "1", "JOB_TICK_SECONDS": "0.3", holding.RUNS: str(runs)}
    with live.worker(extra=extra, include=holding.__name__, log=tmp_path / "worker.log") as parent:
        wait_until(lambda: len(psutil.Process(parent.pid).children()) > 1, "the worker's processes")
        yield runs


@pytest.mark.timeout(180)
@pytest.mark.django_db(transaction=True)
def test_jobs_that_hold_the_lock_are_done_once_and_end_when_their_time_is_over(running: Path, acme: Tenant) -> None:
    held = services.enqueue(kind=holding.HOLD, target_id=uuid.uuid4(), tenant_id=acme.id)
    wait_until(lambda: Job.objects.filter(pk=held.pk, state=JobState.DONE).exists(), "the job that holds the lock")
    held.refresh_from_db()
    assert (held.attempts, held.last_error, len(running.read_text().split())) == (1, "", 1)

    endless = services.enqueue(kind=holding.HOLD_FOR_EVER, target_id=uuid.uuid4(), tenant_id=acme.id)
    wait_until(lambda: Job.objects.filter(pk=endless.pk, state=JobState.DEAD).exists(), "the end of the endless job")
    endless.refresh_from_db()
    assert endless.last_error == "It took longer than 1 seconds, and was ended."
    _, *others = map(int, running.read_text().split())
    assert len(others) == endless.max_attempts == 2
    wait_until(lambda: not any(map(psutil.pid_exists, others)), "the end of the killed processes")


def test_a_keeper_that_is_gone_begins_again(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Slots({"default": 1})
    monkeypatch.setattr(slots, "_slots", board)
    keeper._begin()
    try:
        first = keeper._pid
        os.kill(first, signal.SIGKILL)

        def is_another() -> bool:
            keeper._begin_again_if_gone()
            return keeper._pid != first

        wait_until(is_another, "another keeper")
    finally:
        os.kill(keeper._pid, signal.SIGKILL)
        os.waitpid(keeper._pid, 0)
        board.close()
