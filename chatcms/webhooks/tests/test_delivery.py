"""Tests that events reach their receivers: signed, again after a failure, and only where they may go."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.mail import EmailMessage
from django.db import transaction
from django.test import Client
from django.utils import timezone

from chatcms.jobs import runner
from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job
from chatcms.webhooks import selectors, services
from chatcms.webhooks.enums import DeliveryState, EventType
from chatcms.webhooks.exceptions import (
    DeliveryPendingError,
    TooManyWebhooksError,
    WebhookAddressError,
    WebhookIsOffError,
)
from chatcms.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from chatcms.webhooks.services import managing, sending
from chatcms.webhooks.tests.receiver import Receiver, receiving
from tenants.models import AuditEvent, Membership, Tenant
from tenants.types import Actor


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    with receiving() as one:
        settings.WEBHOOK_PRIVATE_HOSTS = frozenset({urlsplit(one.address).netloc})
        yield one


@pytest.fixture
def hook(in_acme: Tenant, by_owner: Actor, receiver: Receiver) -> tuple[Webhook, str]:
    return services.create_webhook(by=by_owner, url=receiver.address, events=[EventType.FEEDBACK_GIVEN])


def _work() -> None:
    """Do what is due, as if every pause were over."""
    Job.objects.filter(kind="webhook.deliver", state=JobState.QUEUED).update(run_after=timezone.now())
    assert runner.run_next(queue="short")


def _verified(secret: str, headers: dict[str, str], body: bytes) -> bool:
    """Check a signature as a receiver would who knows nothing of our code."""
    key = base64.b64decode(secret[len("whsec_") :])
    text = headers["webhook-id"] + "." + headers["webhook-timestamp"] + "." + body.decode()
    expected = base64.b64encode(hmac.new(key, text.encode(), hashlib.sha256).digest()).decode()
    version, _, given = headers["webhook-signature"].partition(",")
    return version == "v1" and hmac.compare_digest(expected, given)


def test_an_event_arrives_signed_with_what_happened(hook: tuple[Webhook, str], receiver: Receiver) -> None:
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={"rating": "up", "message_id": uuid.UUID(int=7)})
    _work()
    ((headers, body),) = receiver.came
    assert _verified(hook[1], headers, body)
    assert not _verified(hook[1], headers, body.replace(b"up", b"no"))
    sent = json.loads(body)
    assert sent["type"] == "feedback.given"
    assert sent["tenant"] == "acme"
    assert sent["data"] == {"rating": "up", "message_id": str(uuid.UUID(int=7))}
    assert sent["id"] == headers["webhook-id"]
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.last_status, delivery.attempt_count) == (DeliveryState.DELIVERED, 200, 1)
    assert delivery.attempts.get().response == "thanks"


def test_what_failed_is_sent_again_until_it_is_taken(hook: tuple[Webhook, str], receiver: Receiver) -> None:
    receiver.statuses = [500, 302, 200]
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    for _ in range(3):
        _work()
    delivery = WebhookDelivery.objects.get()
    assert delivery.state == DeliveryState.DELIVERED
    assert [attempt.status for attempt in delivery.attempts.order_by("id")] == [500, 302, 200]
    assert len({headers["webhook-id"] for headers, _ in receiver.came}) == 1
    assert len(receiver.came) == 3, "a redirect is not followed"


def test_the_pauses_between_attempts_grow_to_hours(hook: tuple[Webhook, str], receiver: Receiver) -> None:
    receiver.statuses = [503]
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    pauses = []
    for _ in sending.PAUSES:
        _work()
        job = Job.objects.get(kind="webhook.deliver")
        assert job.state == JobState.QUEUED
        pauses.append((job.run_after - timezone.now()).total_seconds())
    assert all(0.75 * planned <= pause <= 1.25 * planned for planned, pause in zip(sending.PAUSES, pauses, strict=True))


def test_a_receiver_that_takes_nothing_for_all_attempts_is_told_nothing_any_more(
    hook: tuple[Webhook, str], receiver: Receiver
) -> None:
    receiver.statuses = [500]
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    for _ in range(len(sending.PAUSES) + 1):
        _work()
    assert WebhookDelivery.objects.get().state == DeliveryState.FAILED
    assert not Webhook.objects.get().is_active
    assert AuditEvent.objects.filter(action="webhook.switch_off", actor_type="system").exists()


PAGES = {"/t/acme/": "was switched off", "/t/acme/settings/webhooks/": "it took nothing"}


def test_who_reads_the_dashboard_or_mail_learns_of_a_webhook_that_was_switched_off(
    hook: tuple[Webhook, str],
    receiver: Receiver,
    owner: Membership,
    by_owner: Actor,
    mailoutbox: list[EmailMessage],
    django_capture_on_commit_callbacks: Any,
    client: Client,
) -> None:
    receiver.statuses = [410]
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    with django_capture_on_commit_callbacks(execute=True):
        _work()
    webhook = Webhook.objects.get()
    client.force_login(owner.user)

    _work()
    assert (mailoutbox[0].to, webhook.url in mailoutbox[0].body) == ([owner.user.email], True)
    assert "was switched off" in client.get("/t/acme/", headers={"Accept": "text/html"}).content.decode()
    assert (
        "it took nothing" in client.get("/t/acme/settings/webhooks/", headers={"Accept": "text/html"}).content.decode()
    )
    its_page = f"/t/acme/settings/webhooks/{webhook.pk}/"
    assert "This webhook was switched off" in client.get(its_page, headers={"Accept": "text/html"}).content.decode()
    services.update_webhook(by=by_owner, webhook=webhook, is_active=False)
    assert selectors.switched_off() == []
    assert "This webhook was switched off" not in client.get(its_page, headers={"Accept": "text/html"}).content.decode()


def test_an_event_that_is_still_being_sent_is_not_sent_twice(
    hook: tuple[Webhook, str], receiver: Receiver, by_owner: Actor
) -> None:
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    delivery = WebhookDelivery.objects.get()
    with pytest.raises(DeliveryPendingError):
        services.replay(by=by_owner, delivery=delivery)
    _work()
    services.replay(by=by_owner, delivery=delivery)
    with pytest.raises(DeliveryPendingError):
        services.replay(by=by_owner, delivery=delivery)
    _work()

    assert len(receiver.came) == 2


def test_a_receiver_that_is_gone_for_good_is_switched_off_at_once(
    hook: tuple[Webhook, str], receiver: Receiver
) -> None:
    receiver.statuses = [410]
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    _work()
    assert WebhookDelivery.objects.get().state == DeliveryState.FAILED
    assert not Webhook.objects.get().is_active
    with pytest.raises(WebhookIsOffError):
        services.send_ping(by=Actor(type="system"), webhook=Webhook.objects.get())


def test_nothing_is_written_for_what_nobody_listens_to(hook: tuple[Webhook, str]) -> None:
    services.emit(type=EventType.DOCUMENT_READY, payload={})
    Webhook.objects.update(is_active=False)
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    assert not WebhookEvent.objects.exists()


def test_an_event_that_is_noticed_twice_is_told_once(hook: tuple[Webhook, str]) -> None:
    with transaction.atomic():
        for _ in range(3):
            services.emit(type=EventType.FEEDBACK_GIVEN, payload={}, dedupe_key="one")
    assert WebhookDelivery.objects.count() == 1


def test_an_event_of_a_transaction_that_failed_is_told_to_nobody(hook: tuple[Webhook, str]) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
        raise RuntimeError
    assert not Job.objects.filter(kind="webhook.deliver").exists()


def test_an_event_can_be_sent_again_with_the_same_id(
    hook: tuple[Webhook, str], receiver: Receiver, by_owner: Actor
) -> None:
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={"rating": "up"})
    _work()
    services.replay(by=by_owner, delivery=WebhookDelivery.objects.get())
    _work()
    assert WebhookDelivery.objects.filter(state=DeliveryState.DELIVERED).count() == 2
    (_, first), (_, second) = receiver.came
    assert first == second


def test_a_new_secret_signs_from_the_next_attempt_on(
    hook: tuple[Webhook, str], receiver: Receiver, by_owner: Actor
) -> None:
    fresh = services.rotate_secret(by=by_owner, webhook=hook[0])
    services.send_ping(by=by_owner, webhook=hook[0])
    _work()
    assert _verified(fresh, *receiver.came[0])
    assert not _verified(hook[1], *receiver.came[0])


def test_a_delivery_that_is_done_twice_by_a_killed_worker_is_sent_once_more_at_most(
    hook: tuple[Webhook, str], receiver: Receiver
) -> None:
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    delivery = WebhookDelivery.objects.get()
    sending.deliver(delivery.pk)
    sending.deliver(delivery.pk)
    assert len(receiver.came) == 1, "what is known to have been taken is not sent again"
    WebhookDelivery.objects.update(state=DeliveryState.PENDING)
    sending.deliver(delivery.pk)
    assert {headers["webhook-id"] for headers, _ in receiver.came} == {str(delivery.event_id)}


@pytest.mark.parametrize(
    "url",
    ["http://example.com/hook", "https://127.0.0.1/hook", "https://169.254.169.254/", "https://user:pw@example.com/"],
)
def test_private_and_unencrypted_addresses_are_refused(in_acme: Tenant, by_owner: Actor, url: str) -> None:
    with pytest.raises(WebhookAddressError) as refused:
        services.create_webhook(by=by_owner, url=url, events=[EventType.FEEDBACK_GIVEN])
    assert refused.value.extra["errors"][0]["pointer"] == "/url"


def test_an_address_that_has_become_private_is_refused_when_it_is_sent_to(
    hook: tuple[Webhook, str], receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_PRIVATE_HOSTS = frozenset()
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    _work()
    assert not receiver.came
    attempt = WebhookDelivery.objects.get().attempts.get()
    assert attempt.status is None
    assert "https" in attempt.error


def test_a_receiver_that_is_down_is_noted_as_such(hook: tuple[Webhook, str], settings: Any) -> None:
    Webhook.objects.update(url="http://127.0.0.1:9/")
    settings.WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1:9"})
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
    _work()
    delivery = WebhookDelivery.objects.get()
    assert delivery.state == DeliveryState.PENDING
    assert "could not be reached" in delivery.last_error


def test_there_are_only_so_many_webhooks(
    hook: tuple[Webhook, str], receiver: Receiver, by_owner: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(managing, "MOST", 2)
    services.create_webhook(by=by_owner, url=receiver.address, events=[EventType.FEEDBACK_GIVEN])
    with pytest.raises(TooManyWebhooksError):
        services.create_webhook(by=by_owner, url=receiver.address, events=[EventType.FEEDBACK_GIVEN])


def test_events_are_forgotten_after_a_month(hook: tuple[Webhook, str]) -> None:
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={"n": 1})
    WebhookEvent.objects.update(created_at=timezone.now() - sending.KEPT_FOR - timedelta(days=1))
    services.emit(type=EventType.FEEDBACK_GIVEN, payload={"n": 2})
    sending.forget_old()
    assert [event.payload for event in WebhookEvent.objects.all()] == [{"n": 2}]
    assert WebhookDelivery.objects.count() == 1


def test_the_secret_is_stored_encrypted_and_neither_logged_nor_audited(
    hook: tuple[Webhook, str], receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.statuses = [500]
    with caplog.at_level(logging.DEBUG):
        services.emit(type=EventType.FEEDBACK_GIVEN, payload={})
        _work()
    secret = hook[1]
    assert secret not in Webhook.objects.get().secret
    assert secret not in caplog.text
    assert not any(secret in str(vars(line)) for line in AuditEvent.objects.all())
