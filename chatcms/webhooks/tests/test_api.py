"""Tests of webhooks over HTTP."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chatcms.webhooks import services
from chatcms.webhooks.enums import DeliveryState, EventType
from chatcms.webhooks.models import Webhook, WebhookDelivery
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Tenant
from tenants.tests.factories import bearer
from tenants.types import SYSTEM

URL = "/v1/tenant/webhooks"
ADDRESS = "https://example.com/hook"
NEW = {"url": ADDRESS, "events": ["feedback.given"]}


def _post(client: Client, path: str, key: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(path, body or {}, content_type="application/json", headers=bearer(key))


@pytest.fixture
def hook(acme: Tenant) -> Webhook:
    with tenant_scope(acme):
        return services.create_webhook(by=SYSTEM, url=ADDRESS, events=[EventType.FEEDBACK_GIVEN])[0]


def test_a_secret_is_shown_once(client: Client, api_key: str) -> None:
    made = _post(client, URL, api_key, NEW)
    assert made.status_code == 201
    secret = made.json()["secret"]
    assert secret.startswith("whsec_")
    assert made.headers["Cache-Control"] == "no-store"
    shown = client.get(f"{URL}/{made.json()['id']}", headers=bearer(api_key))
    assert secret not in shown.content.decode()
    assert shown.json()["secret_last_four"] == secret[-4:]
    fresh = _post(client, f"{URL}/{made.json()['id']}/rotate-secret", api_key).json()["secret"]
    assert fresh != secret


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"url": "http://127.0.0.1/", "events": ["feedback.given"]}, 422),
        ({"url": "ftp://example.com/", "events": ["feedback.given"]}, 422),
        ({"url": "https://example.com/", "events": []}, 400),
        ({"url": "https://example.com/", "events": ["nothing.known"]}, 400),
        ({"events": ["feedback.given"]}, 400),
    ],
)
def test_an_impossible_webhook_is_refused(client: Client, api_key: str, body: dict[str, Any], status: int) -> None:
    answer = _post(client, URL, api_key, body)
    assert answer.status_code == status
    assert answer.json()["errors"]


def test_a_change_is_made_to_what_was_seen_and_is_on_record(client: Client, api_key: str, hook: Webhook) -> None:
    url = f"{URL}/{hook.pk}"
    seen = client.get(url, headers=bearer(api_key)).headers["ETag"]
    headers = {**bearer(api_key), "If-Match": seen}
    changed = client.patch(url, {"is_active": False}, content_type="application/json", headers=headers)
    assert changed.json()["is_active"] is False
    again = client.patch(url, {"is_active": True}, content_type="application/json", headers=headers)
    assert again.status_code == 412
    assert AuditEvent.objects.filter(action="webhook.update", target_id=str(hook.pk)).count() == 1


def test_a_test_is_in_the_log_and_can_be_sent_again(client: Client, api_key: str, hook: Webhook, acme: Tenant) -> None:
    sent = _post(client, f"{URL}/{hook.pk}/test", api_key)
    assert sent.status_code == 202
    listed = client.get(f"{URL}/{hook.pk}/deliveries?type=ping&state=pending", headers=bearer(api_key)).json()
    assert [one["id"] for one in listed["results"]] == [sent.json()["id"]]
    whole = client.get(f"/v1/tenant/webhook-deliveries/{sent.json()['id']}", headers=bearer(api_key)).json()
    assert whole["payload"] == {"webhook_id": str(hook.pk)}
    assert whole["attempts"] == []
    replay = f"/v1/tenant/webhook-deliveries/{sent.json()['id']}/replay"
    early = _post(client, replay, api_key)
    assert (early.status_code, early.json()["code"]) == (409, "delivery_pending")
    with tenant_scope(acme):
        WebhookDelivery.objects.update(state=DeliveryState.DELIVERED)
    again = _post(client, replay, api_key)
    assert again.status_code == 202
    assert again.json()["event_id"] == sent.json()["event_id"]


def test_a_deleted_webhook_is_gone_with_its_log(client: Client, api_key: str, hook: Webhook) -> None:
    sent = _post(client, f"{URL}/{hook.pk}/test", api_key).json()
    assert client.delete(f"{URL}/{hook.pk}", headers=bearer(api_key)).status_code == 204
    assert client.get(f"{URL}/{hook.pk}", headers=bearer(api_key)).status_code == 404
    assert client.get(f"/v1/tenant/webhook-deliveries/{sent['id']}", headers=bearer(api_key)).status_code == 404


def test_the_webhooks_of_another_tenant_are_unknown(client: Client, globex_api_key: str, hook: Webhook) -> None:
    for path in (f"{URL}/{hook.pk}", f"{URL}/{hook.pk}/deliveries"):
        assert client.get(path, headers=bearer(globex_api_key)).status_code == 404
    assert client.get(URL, headers=bearer(globex_api_key)).json()["results"] == []


@pytest.mark.parametrize("count", [1, 3])
def test_the_log_takes_as_many_queries_for_three_as_for_one(
    client: Client, api_key: str, hook: Webhook, count: int, django_assert_num_queries: Any
) -> None:
    for _ in range(count):
        _post(client, f"{URL}/{hook.pk}/test", api_key)
    with django_assert_num_queries(3):
        client.get(f"{URL}/{hook.pk}/deliveries", headers=bearer(api_key))
