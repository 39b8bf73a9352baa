"""The pages about webhooks: a secret is shown once, what was sent is there to be read and sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chatcms.core.db import sealing
from chatcms.webhooks import services
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

LIST = "/t/acme/settings/webhooks/"


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


@pytest.fixture
def webhook(in_acme: Tenant) -> Webhook:
    return services.create_webhook(by=SYSTEM, url="https://93.184.215.14/x", events=[EventType.FEEDBACK_GIVEN])[0]


def inside(acme: Tenant, work: Callable[[], Any]) -> Any:
    with tenant_scope(acme):
        return work()


def test_a_new_webhook_shows_its_secret_this_once(client: Client, acme: Tenant) -> None:
    shown = client.post(f"{LIST}new/", {"url": "https://93.184.215.14/x", "events": ["feedback.given"]})

    webhook: Webhook = inside(acme, Webhook.objects.get)
    secret = inside(
        acme, lambda: sealing.decrypt(webhook.secret, purpose="webhook secret", context=f"{acme.pk}/{webhook.pk}")
    )
    assert secret.encode() in shown.content
    assert "no-cache" in shown.headers["Cache-Control"]
    assert secret.encode() not in client.get(f"{LIST}{webhook.pk}/").content


def test_everything_can_be_listened_to_and_events_are_shown_in_words(client: Client, acme: Tenant) -> None:
    for events in (["*"], ["message.created", "question.unanswered"]):
        client.post(f"{LIST}new/", {"url": "https://93.184.215.14/x", "events": events})

    shown = client.get(LIST, headers={"Accept-Language": "de"}).content.decode()

    assert sorted(inside(acme, lambda: list(Webhook.objects.values_list("events", flat=True)))) == [
        ["*"],
        ["message.created", "question.unanswered"],
    ]
    assert "Alles, auch was spätere Versionen hinzufügen" in shown
    assert "Die Dokumente enthielten nichts zu einer Frage" in shown


def test_an_address_in_a_private_network_is_refused_and_kept(client: Client, acme: Tenant) -> None:
    answer = client.post(f"{LIST}new/", {"url": "https://10.0.0.1/x", "events": ["feedback.given"]})

    assert answer.status_code == 422
    assert b"https://10.0.0.1/x" in answer.content
    assert inside(acme, Webhook.objects.count) == 0


def test_a_test_is_sent_and_each_attempt_can_be_read_and_repeated(
    client: Client, webhook: Webhook, acme: Tenant
) -> None:
    page = client.post(f"{LIST}{webhook.pk}/ping/", follow=True)
    delivery: WebhookDelivery = inside(acme, WebhookDelivery.objects.get)
    assert b"On its way" in page.content
    with tenant_scope(acme):
        WebhookAttempt.objects.create(delivery=delivery, status=500, milliseconds=12, response="<b>broken</b>")
        WebhookDelivery.objects.update(state="failed", attempt_count=8, last_status=500)

    shown = client.get(f"/t/acme/settings/webhook-deliveries/{delivery.pk}/").content.decode()
    assert "Given up" in shown
    assert "&lt;b&gt;broken&lt;/b&gt;" in shown
    client.post(f"/t/acme/settings/webhook-deliveries/{delivery.pk}/replay/")
    assert inside(acme, WebhookDelivery.objects.count) == 2


def test_a_webhook_is_changed_given_a_new_secret_and_deleted(client: Client, webhook: Webhook, acme: Tenant) -> None:
    address = f"{LIST}{webhook.pk}/"
    client.post(address, {"url": webhook.url, "description": "Sales", "events": ["document.failed"]})
    changed: Webhook = inside(acme, Webhook.objects.get)
    assert (changed.description, changed.events, changed.is_active) == ("Sales", ["document.failed"], False)

    client.post(f"{address}secret/")
    assert inside(acme, Webhook.objects.get).secret != webhook.secret
    client.post(f"{address}delete/")
    assert inside(acme, Webhook.objects.count) == 0


def test_who_may_not_see_webhooks_sees_none(acme: Tenant, webhook: Webhook) -> None:
    editor = Client(headers={"Accept": "text/html"})
    editor.force_login(factories.make_member(acme, "ed@acme.example", role=Role.EDITOR).user)

    for path in (LIST, f"{LIST}{webhook.pk}/"):
        assert editor.get(path).status_code == 403
    assert editor.post(f"{LIST}{webhook.pk}/delete/").status_code == 403


@pytest.mark.parametrize("rows", [1, 300])
def test_the_lists_ask_as_often_for_one_as_for_many(client: Client, webhook: Webhook, rows: int) -> None:
    for _ in range(rows):
        services.send_ping(by=SYSTEM, webhook=webhook)

    for address in (LIST, f"{LIST}{webhook.pk}/"):
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        assert len(queries) <= 15
