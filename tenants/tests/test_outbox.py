"""Mails are written with what they speak of, sealed, sent by a job, tried again, and emptied once sent."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from chatcms.jobs import runner
from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job
from tenants.enums import MailState
from tenants.models import Mail, User
from tenants.services import mail, outbox

pytestmark = pytest.mark.django_db
LINK = "https://chat.example/once/only"


def post(**more: Any) -> Mail:
    written = mail.compose("webhook_off", to="ada@acme.example", tenant="Acme", url=mail.Ours(LINK), link="")
    mail.send_after_commit(written, **more)
    return Mail.objects.get()


def work() -> Job:
    Job.objects.update(run_after=timezone.now())
    assert runner.run_next(queue="short")
    return Job.objects.get()


def refuse(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def send(_message: EmailMessage) -> int:
        raise error

    monkeypatch.setattr(EmailMessage, "send", send)


def test_a_mail_is_sent_once_and_nothing_of_it_stays(mailoutbox: list[EmailMessage]) -> None:
    row = post()
    assert LINK not in row.sealed
    assert work().state == JobState.DONE
    outbox.deliver(row.pk)
    (sent,) = mailoutbox
    assert LINK in sent.body
    assert str(row.pk) in sent.extra_headers["Message-ID"]
    row.refresh_from_db()
    assert (row.state, row.sealed) == (MailState.SENT, "")


def test_a_mail_of_what_did_not_happen_is_not_sent() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        post()
        raise ZeroDivisionError
    assert not Mail.objects.exists()
    assert not Job.objects.exists()


def test_while_the_server_is_away_it_is_tried_again_under_the_same_id(
    monkeypatch: pytest.MonkeyPatch, mailoutbox: list[EmailMessage]
) -> None:
    row = post()
    with monkeypatch.context() as patched:
        refuse(patched, ConnectionRefusedError("secret"))
        job = work()
    assert (job.state, job.last_error) == (
        JobState.QUEUED,
        "The mail server cannot be used: ConnectionRefusedError.",
    )
    assert job.run_after > timezone.now()
    assert work().state == JobState.DONE
    assert str(row.pk) in mailoutbox[0].extra_headers["Message-ID"]


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"ada@acme.example": (550, b"no such user: secret")}),
        smtplib.SMTPDataError(554, b"secret"),
    ],
)
def test_what_is_refused_for_good_fails_at_once_without_the_servers_words(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    row = post()
    refuse(monkeypatch, error)
    work()
    row.refresh_from_db()
    assert (row.state, row.sealed) == (MailState.FAILED, "")
    assert "refused it (55" in row.error
    assert "secret" not in row.error


@pytest.mark.parametrize(
    "error",
    [
        smtplib.SMTPRecipientsRefused({"ada@acme.example": (451, b"later")}),
        smtplib.SMTPAuthenticationError(535, b"secret"),
        smtplib.SMTPServerDisconnected("secret"),
        TimeoutError(),
    ],
)
def test_what_may_pass_is_tried_again(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    post()
    refuse(monkeypatch, error)
    job = work()
    assert job.state == JobState.QUEUED
    assert "secret" not in job.last_error


def test_a_link_that_has_run_out_is_not_sent(mailoutbox: list[EmailMessage]) -> None:
    row = post(useful_for=timedelta(0))
    work()
    row.refresh_from_db()
    assert (row.state, row.sealed, mailoutbox) == (MailState.FAILED, "", [])


def test_one_that_is_not_wanted_goes_to_nobody(mailoutbox: list[EmailMessage]) -> None:
    row = post(is_wanted=False)
    work()
    row.refresh_from_db()
    assert (row.state, row.sealed, mailoutbox) == (MailState.DISCARDED, "", [])


def test_what_ran_out_is_emptied_and_what_is_old_removed() -> None:
    row = post()
    Mail.objects.update(useless_after=timezone.now() - timedelta(seconds=1))
    outbox.forget_old()
    row.refresh_from_db()
    assert row.sealed == ""
    Mail.objects.update(created_at=timezone.now() - outbox.KEPT - timedelta(days=1))
    outbox.forget_old()
    assert not Mail.objects.exists()


def test_staff_see_that_one_failed_and_why_but_not_what_it_says(client: Client) -> None:
    row = post()
    outbox.give_up(row.pk, "The mail server was away for a day.")
    client.force_login(User.objects.create_superuser("root@platform.example"))
    assert "away for a day" in client.get(reverse("admin:tenants_mail_changelist")).content.decode()
    page = client.get(reverse("admin:tenants_mail_change", args=[row.pk])).content.decode()
    assert "ada@acme.example" in page
    assert row.sealed not in page
    assert outbox.failed_lately() == 1
