"""Finds webhooks and their deliveries."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from chatcms.webhooks.exceptions import NoSuchDeliveryError, NoSuchWebhookError
from chatcms.webhooks.models import Webhook, WebhookDelivery


def webhook_by_id(webhook_id: uuid.UUID) -> Webhook:
    """Return one webhook of the tenant in force; raise `NoSuchWebhookError`."""
    webhook = Webhook.objects.filter(pk=webhook_id).first()
    if webhook is None:
        raise NoSuchWebhookError
    return webhook


def deliveries_of(webhook: Webhook, *, state: str = "", event_type: str = "") -> QuerySet[WebhookDelivery]:
    """Return what was or is to be sent to a webhook, each with its event."""
    deliveries = webhook.deliveries.select_related("event")
    if state:
        deliveries = deliveries.filter(state=state)
    return deliveries.filter(event__type=event_type) if event_type else deliveries


def delivery_by_id(delivery_id: uuid.UUID) -> WebhookDelivery:
    """Return one delivery with its event, webhook and attempts; raise `NoSuchDeliveryError`."""
    deliveries = WebhookDelivery.objects.select_related("event", "webhook").prefetch_related("attempts")
    delivery = deliveries.filter(pk=delivery_id).first()
    if delivery is None:
        raise NoSuchDeliveryError
    return delivery
