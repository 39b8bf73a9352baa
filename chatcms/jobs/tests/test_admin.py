"""Tests of the staff's page of jobs."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from chatcms.jobs import services
from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job
from chatcms.jobs.tests.conftest import KIND, Recorder
from tenants.models import Tenant, User

LIST = "admin:jobs_job_changelist"


@pytest.fixture
def desk(client: Client, db: None) -> Client:
    """The browser of a member of staff who may do everything."""
    client.force_login(User.objects.create_superuser("root@platform.example"))
    return client


@pytest.fixture
def job(acme: Tenant, work: Recorder) -> Job:
    """A job that is being done."""
    services.enqueue(kind=KIND, target_id=uuid.uuid4(), tenant_id=acme.id)
    job = services.claim_next(queue="default")
    assert job is not None
    return job


def _try_again(desk: Client, job: Job) -> str:
    data = {"action": "try_again", "_selected_action": str(job.pk)}
    return desk.post(reverse(LIST), data, follow=True).content.decode()


def test_a_dead_job_is_tried_again(desk: Client, job: Job) -> None:
    services.bury(job, reason="The vendor is away.")
    assert "The vendor is away." in desk.get(reverse(LIST)).content.decode()
    assert "is queued" in _try_again(desk, job)
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_a_running_job_is_not_and_the_page_says_why(desk: Client, job: Job) -> None:
    assert "Only dead and cancelled jobs" in _try_again(desk, job)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_a_job_is_neither_added_changed_nor_deleted_by_hand(desk: Client, job: Job) -> None:
    assert desk.get(reverse("admin:jobs_job_add")).status_code == 403
    assert desk.post(reverse("admin:jobs_job_change", args=[job.pk]), {"state": "done"}).status_code == 403
    assert desk.post(reverse("admin:jobs_job_delete", args=[job.pk]), {"post": "yes"}).status_code == 403
