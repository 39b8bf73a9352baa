"""A job of any kind that is tried again in the admin does its work anew, or the page says why there is none."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from chatcms.exports import services as exports
from chatcms.exports.enums import ExportState
from chatcms.exports.models import TenantExport
from chatcms.jobs import registry, runner
from chatcms.jobs import services as jobs
from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job
from chatcms.webhooks import services as webhooks
from chatcms.webhooks.enums import DeliveryState, EventType
from chatcms.webhooks.models import Webhook, WebhookDelivery
from chatcms.webhooks.tests.receiver import receiving
from datasets import analysis, storage
from datasets.enums import DocumentState
from datasets.models import Document
from datasets.services import analysing
from datasets.tests.knowledge import ingest, make_dataset, upload
from tenants.context import tenant_scope
from tenants.enums import MailState, TenantStatus
from tenants.models import AuditEvent, Mail, Tenant, User
from tenants.services import mail
from tenants.types import SYSTEM

Dead = Callable[[str], Job]

LIST = "admin:jobs_job_changelist"


@dataclass(frozen=True, slots=True)
class Target:
    """What a kind of job works on: how one is made with its job, whether it is done, and how it is taken away.

    `make` is told the address of a receiver of webhooks.
    """

    make: Callable[[str], uuid.UUID]
    is_done: Callable[[uuid.UUID], bool]
    remove: Callable[[uuid.UUID], object] | None


def _document(_address: str = "") -> uuid.UUID:
    return upload(make_dataset(), "hours.txt", "The shop is open from nine to five.").pk


def _export(_address: str) -> uuid.UUID:
    return exports.ask_for_export(by=SYSTEM).pk


def _delivery(address: str) -> uuid.UUID:
    webhooks.create_webhook(by=SYSTEM, url=address, events=[EventType.FEEDBACK_GIVEN])
    webhooks.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    return WebhookDelivery.objects.get().pk


def _file(_address: str) -> uuid.UUID:
    file_id = uuid.UUID(storage.file_id(Document.objects.get(pk=_document()).storage_key).hex)
    Job.objects.all().delete()
    tenant = Tenant.objects.get(slug="acme")
    jobs.enqueue(kind="datasets.remove_file", target_id=file_id, tenant_id=tenant.pk)
    return file_id


def _path(file_id: uuid.UUID) -> Path:
    return storage.path_of(f"{Tenant.objects.get(slug='acme').pk}/{file_id}")


def _row(model: type[Model], done: str) -> dict[str, Any]:
    rows = model._default_manager
    return {
        "is_done": lambda pk: rows.filter(pk=pk, state=done).exists(),
        "remove": lambda pk: rows.filter(pk=pk).delete(),
    }


def _mail(_address: str) -> uuid.UUID:
    mail.send_after_commit(mail.compose("webhook_off", to="ada@acme.example", tenant="Acme", url="", link=""))
    return Mail.objects.get().pk


def _stale(_address: str) -> uuid.UUID:
    pk = ingest(make_dataset(), "hours.txt", "The shop is open from nine to five.").pk
    Document.objects.update(analysis_version=0)
    analysing.queue_stale()
    return pk


TARGETS = {
    "datasets.analyse_document": Target(
        _stale,
        lambda pk: Document.objects.filter(pk=pk, analysis_version=analysis.VERSION).exists(),
        lambda pk: Document.objects.filter(pk=pk).delete(),
    ),
    "datasets.ingest_document": Target(_document, **_row(Document, DocumentState.READY)),
    "datasets.remove_file": Target(_file, lambda pk: not _path(pk).exists(), None),
    "exports.make": Target(_export, **_row(TenantExport, ExportState.READY)),
    "mail.send": Target(_mail, **_row(Mail, MailState.SENT)),
    "webhook.deliver": Target(_delivery, **_row(WebhookDelivery, DeliveryState.DELIVERED)),
}


@pytest.fixture
def desk(client: Client, db: None) -> Client:
    """The browser of a member of staff who may do everything."""
    client.force_login(User.objects.create_superuser("root@platform.example"))
    return client


@pytest.fixture
def dead(acme: Tenant, settings: Any, tmp_path: Path) -> Iterator[Dead]:
    """Make a job of a kind whose attempts are used up, as its target knows."""
    settings.MEDIA_ROOT = tmp_path / "media"
    with receiving() as receiver:
        allowed = frozenset({urlsplit(receiver.address).netloc})
        settings.EGRESS_PRIVATE_HOSTS = settings.WEBHOOK_PRIVATE_HOSTS = allowed
        yield lambda kind: _buried(acme, kind, receiver.address)


def _buried(tenant: Tenant, kind: str, address: str) -> Job:
    with tenant_scope(tenant):
        target = TARGETS[kind].make(address)
    job = Job.objects.get(kind=kind, target_id=target)
    Job.objects.exclude(pk=job.pk).delete()
    claimed = jobs.claim_next(queue=job.queue)
    assert claimed == job
    assert jobs.bury(claimed, reason="The disk was full.")
    with tenant_scope(tenant):
        registry.handler_of(kind).give_up(target, "The disk was full.")
        # A webhook that takes nothing is switched off; a person switches it on before they try again.
        Webhook.objects.update(is_active=True)
    job.refresh_from_db()
    return job


def _try_again(desk: Client, *tried: Job) -> str:
    data = {"action": "try_again", "_selected_action": [str(job.pk) for job in tried]}
    return desk.post(reverse(LIST), data, follow=True).content.decode()


def _state(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def test_every_kind_of_job_is_tried_here() -> None:
    assert sorted(TARGETS) == registry.kinds()


@pytest.mark.parametrize("kind", TARGETS)
def test_a_dead_job_that_is_tried_again_does_its_work(acme: Tenant, desk: Client, dead: Dead, kind: str) -> None:
    job = dead(kind)
    with tenant_scope(acme):
        assert not TARGETS[kind].is_done(job.target_id)

    assert "is queued" in _try_again(desk, job)
    assert runner.run_next(queue=job.queue)

    assert _state(job) == JobState.DONE
    with tenant_scope(acme):
        assert TARGETS[kind].is_done(job.target_id)


@pytest.mark.parametrize("kind", TARGETS)
def test_a_cancelled_job_does_its_work_too(acme: Tenant, desk: Client, dead: Dead, kind: str) -> None:
    job = dead(kind)
    Job.objects.filter(pk=job.pk).update(state=JobState.CANCELLED)

    assert "is queued" in _try_again(desk, job)
    assert runner.run_next(queue=job.queue)

    with tenant_scope(acme):
        assert TARGETS[kind].is_done(job.target_id)


@pytest.mark.parametrize("kind", [kind for kind, target in TARGETS.items() if target.remove])
def test_the_page_says_that_the_target_is_gone(acme: Tenant, desk: Client, dead: Dead, kind: str) -> None:
    job = dead(kind)
    remove = TARGETS[kind].remove
    assert remove is not None
    with tenant_scope(acme):
        remove(job.target_id)

    page = _try_again(desk, job)

    assert "is queued" not in page
    assert "has been deleted" in page or "has been removed" in page
    assert _state(job) == JobState.DEAD
    assert not AuditEvent.objects.filter(action="job.try_again").exists()


@pytest.mark.parametrize("kind", TARGETS)
def test_what_was_done_in_the_meantime_is_not_done_again(acme: Tenant, desk: Client, dead: Dead, kind: str) -> None:
    job = dead(kind)
    _try_again(desk, job)
    runner.run_next(queue=job.queue)
    Job.objects.filter(pk=job.pk).update(state=JobState.DEAD)

    page = _try_again(desk, job)

    assert "There is nothing to try again." in page
    assert "is queued" not in page
    assert _state(job) == JobState.DEAD


def test_of_many_jobs_each_is_told_of_by_itself(acme: Tenant, desk: Client, dead: Dead) -> None:
    gone = dead("exports.make")
    with tenant_scope(acme):
        TenantExport.objects.all().delete()
        there = exports.ask_for_export(by=SYSTEM)
    second = Job.objects.get(target_id=there.pk)
    Job.objects.filter(pk=second.pk).update(state=JobState.DEAD)
    with tenant_scope(acme):
        TenantExport.objects.update(state=ExportState.FAILED)

    page = _try_again(desk, gone, second)

    assert "has been removed" in page
    assert f" {second.target_id} is queued." in page
    assert (_state(gone), _state(second)) == (JobState.DEAD, JobState.QUEUED)


def test_nothing_is_sent_to_a_webhook_that_is_off(acme: Tenant, desk: Client, dead: Dead) -> None:
    job = dead("webhook.deliver")
    with tenant_scope(acme):
        Webhook.objects.update(is_active=False)

    assert "switched off" in _try_again(desk, job)
    assert _state(job) == JobState.DEAD


def test_an_export_waits_for_the_one_that_is_being_made(acme: Tenant, desk: Client, dead: Dead) -> None:
    job = dead("exports.make")
    with tenant_scope(acme):
        exports.ask_for_export(by=SYSTEM)

    assert "An export is being made already" in _try_again(desk, job)
    assert _state(job) == JobState.DEAD


@pytest.mark.parametrize("status", [TenantStatus.DELETING, TenantStatus.FAILED, TenantStatus.CREATING])
def test_a_tenant_without_a_whole_schema_is_named(acme: Tenant, desk: Client, dead: Dead, status: TenantStatus) -> None:
    job = dead("exports.make")
    Tenant.objects.filter(pk=acme.pk).update(status=status)

    assert "The tenant of this job is not ready" in _try_again(desk, job)
    assert _state(job) == JobState.DEAD


def test_a_kind_that_no_app_knows_is_named(acme: Tenant, desk: Client, dead: Dead) -> None:
    job = Job.objects.create(tenant=acme, kind="of.an.older.version", target_id=uuid.uuid4(), state=JobState.DEAD)

    assert "does no jobs of this kind" in _try_again(desk, job)
    assert _state(job) == JobState.DEAD
