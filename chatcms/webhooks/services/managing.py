"""Makes, changes and deletes webhooks; sends a test; sends an event again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypedDict, Unpack

from django.db import transaction

from chatcms.core.db import locks, sealing
from chatcms.core.outbound.egress import EgressPolicy, EgressRefusedError, Purpose, check_url
from chatcms.webhooks import signing
from chatcms.webhooks.enums import DeliveryState, EventType
from chatcms.webhooks.exceptions import (
    DeliveryPendingError,
    TooManyWebhooksError,
    WebhookAddressError,
    WebhookIsOffError,
)
from chatcms.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from chatcms.webhooks.services.emitting import deliver_to
from tenants import audit
from tenants.context import current_tenant_id
from tenants.types import Actor

MOST = 20
PURPOSE = "webhook secret"


class WebhookChanges(TypedDict, total=False):
    """What may be changed of a webhook; what is absent stays."""

    url: str
    description: str
    events: list[str]
    is_active: bool


def context_of(webhook: Webhook) -> str:
    """Return what a webhook's encrypted secret is bound to; the tenant is the one in force."""
    return f"{current_tenant_id()}/{webhook.pk}"


def create_webhook(*, by: Actor, url: str, events: Iterable[str], description: str = "") -> tuple[Webhook, str]:
    """Make a webhook; return it with its secret, which is shown only now.

    Raises `WebhookAddressError` and `TooManyWebhooksError`.
    """
    _check_address(url)
    webhook = Webhook(url=url, events=sorted(set(events)), description=description, created_by=by.id)
    secret = _seal_new_secret(webhook)
    with transaction.atomic():
        # One at a time in a tenant, so that two cannot both take the last place.
        locks.hold(".webhooks")
        if Webhook.objects.count() >= MOST:
            raise TooManyWebhooksError(limit=MOST)
        webhook.save(force_insert=True)
        audit.record("webhook.create", by=by, target=webhook, events=webhook.events)
    return webhook, secret


def update_webhook(*, by: Actor, webhook: Webhook, **changes: Unpack[WebhookChanges]) -> Webhook:
    """Change a webhook and return it as it is now; raises `WebhookAddressError`."""
    if "url" in changes:
        _check_address(changes["url"])
    if "events" in changes:
        changes["events"] = sorted(set(changes["events"]))
    with transaction.atomic():
        row = Webhook.objects.select_for_update().get(pk=webhook.pk)
        before = {name: getattr(row, name) for name in changes}
        for name, value in changes.items():
            setattr(row, name, value)
        row.save()
        detail = audit.changes(before, changes)
        audit.record("webhook.update", by=by, target=row, changed=sorted(changes), changes=detail)
    return row


def delete_webhook(*, by: Actor, webhook: Webhook) -> None:
    """Delete a webhook with the log of its deliveries; what is still to be sent is not sent."""
    with transaction.atomic():
        audit.record("webhook.delete", by=by, target=webhook)
        webhook.delete()


def rotate_secret(*, by: Actor, webhook: Webhook) -> str:
    """Give a webhook a new secret, which signs from the next attempt on, and return it."""
    with transaction.atomic():
        secret = _seal_new_secret(webhook)
        webhook.save(update_fields=["secret", "secret_last_four", "updated_at"])
        audit.record("webhook.rotate_secret", by=by, target=webhook)
    return secret


def send_ping(*, by: Actor, webhook: Webhook) -> WebhookDelivery:
    """Send a test event to one webhook the way every other is sent; raises `WebhookIsOffError`."""
    with transaction.atomic():
        event = WebhookEvent.objects.create(type=EventType.PING, payload={"webhook_id": str(webhook.pk)})
        return _deliver(by, "webhook.ping", webhook, event)


def replay(*, by: Actor, delivery: WebhookDelivery) -> WebhookDelivery:
    """Send the event of a delivery to its webhook once more; receivers know it by the same id.

    Raises `DeliveryPendingError` while it is being sent to it, and `WebhookIsOffError`.
    """
    with transaction.atomic():
        # Of two who ask at once the second finds what the first has begun.
        webhook = Webhook.objects.select_for_update().get(pk=delivery.webhook_id)
        if webhook.deliveries.filter(event=delivery.event, state=DeliveryState.PENDING).exists():
            raise DeliveryPendingError
        return _deliver(by, "webhook.replay", webhook, delivery.event)


def _deliver(by: Actor, action: str, webhook: Webhook, event: WebhookEvent) -> WebhookDelivery:
    if not webhook.is_active:
        raise WebhookIsOffError
    (delivery,) = deliver_to([webhook], event)
    audit.record(action, by=by, target=webhook, event=event.type, delivery=str(delivery.pk))
    return delivery


def _seal_new_secret(webhook: Webhook) -> str:
    secret = signing.new_secret()
    webhook.secret = sealing.encrypt(secret, purpose=PURPOSE, context=context_of(webhook))
    webhook.secret_last_four = secret[-4:]
    return secret


def _check_address(url: str) -> None:
    try:
        check_url(url, EgressPolicy.of(Purpose.WEBHOOK))
    except EgressRefusedError as error:
        raise WebhookAddressError(error.detail) from error
