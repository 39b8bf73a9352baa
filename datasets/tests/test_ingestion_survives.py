"""Uploads while workers are killed, the broker or the database goes away: all of them ready, none of them twice."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import psutil
import pytest
from django.db.models import Count, F

from chatcms.jobs.models import Job
from chatcms.runtime.services import start_services, stop_services
from chatcms.tests import live
from chatcms.tests.faulty import line_to_the_database
from chatcms.tests.waiting import wait_until
from datasets.enums import DocumentState
from datasets.models import Chunk, ChunkVector, Dataset, Document, Posting
from datasets.tests.knowledge import ask, make_dataset, upload
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories

UPLOADS = 50
DEADLINE_SECONDS = 600
_TEXT = "Part {part} of manual {number} speaks of batteries, gears and screws in plain words. "


class Workers:
    """A worker that is started again whenever it is gone, as a supervisor would.

    Celery itself ends now and then when it loses the broker while it is replacing children that were killed.
    """

    def __init__(self, stack: ExitStack, extra: dict[str, str], log: Path) -> None:
        self._stack, self._extra, self._log = stack, extra, log
        self.running = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return self._stack.enter_context(live.worker(extra=self._extra, log=self._log))

    def keep_running(self) -> None:
        """Start the worker again if it has ended."""
        if self.running.poll() is not None:
            self.running = self._start()

    def kill_children(self) -> None:
        """Kill the processes that do the work, and beat, which nobody starts again."""
        self.keep_running()
        for child in psutil.Process(self.running.pid).children():
            child.kill()

    def kill_parent(self) -> None:
        """Kill the process that the children belong to, and start another."""
        os.kill(self.running.pid, signal.SIGKILL)
        self.running.wait()
        self.running = self._start()

    def wait_for(self, condition: Callable[[], bool], what: str) -> None:
        """Wait for what workers do, looking after this one."""

        def so() -> bool:
            self.keep_running()
            return condition()

        wait_until(so, what, seconds=DEADLINE_SECONDS)


def manual(number: int) -> bytes:
    return "".join(_TEXT.format(part=part, number=number) for part in range(24)).encode()


def upload_all(address: str, api_key: str, dataset: Dataset, uploaded: list[int]) -> None:
    with httpx2.Client(base_url=address, headers={"Authorization": f"Bearer {api_key}"}, timeout=30) as client:
        for number in range(UPLOADS):
            file = {"file": (f"manual-{number}.txt", manual(number), "text/plain")}
            answer = client.post(f"/v1/tenant/datasets/{dataset.id}/documents", files=file)
            assert answer.status_code == 201, answer.text
            uploaded.append(number)


def ready_count() -> int:
    return Document.objects.filter(state=DocumentState.READY).count()


@pytest.mark.django_db(transaction=True)
def test_fifty_uploads_outlive_killed_workers_and_a_broker_that_was_away(
    transactional_db: None, acme: Tenant, tmp_path: Path, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    broker = start_services(tmp_path / "broker", durable=False, database=False)
    # What was killed is taken over sooner than usual.
    extra = {"REDIS_URL": broker.redis_url, "JOB_LEASE_SECONDS": "8", "JOB_TICK_SECONDS": "1"}
    uploaded: list[int] = []
    with ExitStack() as stack, tenant_scope(acme):
        stack.callback(stop_services, broker)
        _, api_key = factories.make_api_key(acme)
        dataset = make_dataset()
        address = stack.enter_context(live.web_server(extra=extra, log=tmp_path / "web.log"))
        workers = Workers(stack, extra, tmp_path / "worker.log")
        uploads = stack.enter_context(ThreadPoolExecutor(1)).submit(upload_all, address, api_key, dataset, uploaded)

        workers.wait_for(lambda: ready_count() >= 3, "the first three are ready")
        workers.kill_children()
        stop_services(broker)
        before = len(uploaded)
        workers.wait_for(lambda: len(uploaded) >= min(before + 5, UPLOADS), "uploads go on without the broker")
        start_services(tmp_path / "broker", durable=False, database=False)
        workers.wait_for(lambda: ready_count() >= 10, "work goes on with the broker back")
        workers.kill_parent()
        uploads.result(timeout=DEADLINE_SECONDS)
        workers.wait_for(lambda: ready_count() >= 25, "work goes on with another worker")
        workers.kill_children()
        workers.wait_for(lambda: ready_count() == UPLOADS, "all are ready")

        assert_nothing_is_there_twice(dataset)


@pytest.mark.timeout(DEADLINE_SECONDS + 60)
@pytest.mark.django_db(transaction=True)
def test_a_stopped_database_costs_no_document_an_attempt_and_the_log_names_it(
    transactional_db: None, acme: Tenant, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"

    def told(words: str) -> bool:
        return words in log.read_text()

    with line_to_the_database() as (line, url), tenant_scope(acme):
        extra = {"DATABASE_URL": url, "JOB_LEASE_SECONDS": "8", "JOB_TICK_SECONDS": "1"}
        with live.worker(extra=extra, log=log) as worker:
            dataset = make_dataset()
            for number in range(10):
                upload(dataset, f"manual-{number}.txt", manual(number))
            wait_until(lambda: ready_count() > 0, "the first one is ready", seconds=DEADLINE_SECONDS)
            line.hang()
            # Bounded by the watch: a stopped server never ends a connection by itself.
            wait_until(lambda: told("Jobs wait until it is back."), "a process sees the outage")
            line.mend()
            wait_until(lambda: ready_count() == 10, "all are ready", seconds=DEADLINE_SECONDS)
            assert not Document.objects.filter(state=DocumentState.FAILED).exists()
            assert set(Job.objects.values_list("attempts", flat=True)) <= {0, 1}
            for child in psutil.Process(worker.pid).children():
                child.kill()
            wait_until(lambda: told("was killed by SIGKILL"), "the log names the process")


def assert_nothing_is_there_twice(dataset: Dataset) -> None:
    dataset.refresh_from_db()
    documents = Document.objects.annotate(actual=Count("chunks"))
    assert documents.filter(version=1, chunk_count=F("actual"), state=DocumentState.READY).count() == UPLOADS
    assert Chunk.objects.count() == ChunkVector.objects.count() == dataset.chunk_count
    assert Chunk.objects.values("document", "text").distinct().count() == Chunk.objects.count()
    assert set(Posting.objects.values_list("chunk_ref", flat=True)) == set(Chunk.objects.values_list("ref", flat=True))
    assert sum(Posting.objects.values_list("tf", flat=True)) == dataset.term_total
    assert ask("manual 7 batteries", dataset).passages
