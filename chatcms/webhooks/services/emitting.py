"""Writes down that something happened, for the webhooks that want to know; a job tells each of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from chatcms.core.text.decimals import jsonable
from chatcms.jobs import services as jobs
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from tenants.context import current_tenant_id

DELIVER = "webhook.deliver"


def emit(*, type: EventType, payload: dict[str, Any], dedupe_key: str | None = None) -> None:
    """Have every active webhook of the tenant in force that listens to `type` told, once the caller has committed.

    Nothing is written when none listens (one query). An event whose `dedupe_key` is known already is left out.
    Ids, moments and amounts in `payload` are sent as texts. It must hold no secret.
    """
    told = list(Webhook.objects.listening(type))
    if not told:
        return
    with transaction.atomic():
        event = _event(type, json.loads(json.dumps(payload, default=jsonable)), dedupe_key)
        if event is not None:
            deliver_to(told, event)


def deliver_to(webhooks: Iterable[Webhook], event: WebhookEvent) -> list[WebhookDelivery]:
    """Write a delivery of the event for each webhook, and the jobs that make them; call it in a transaction."""
    deliveries = WebhookDelivery.objects.bulk_create(
        WebhookDelivery(webhook=webhook, event=event) for webhook in webhooks
    )
    tenant_id = current_tenant_id()
    for delivery in deliveries:
        jobs.enqueue(kind=DELIVER, target_id=delivery.pk, tenant_id=tenant_id)
    return deliveries


def _event(type_: EventType, payload: dict[str, Any], dedupe_key: str | None) -> WebhookEvent | None:
    if dedupe_key is None:
        return WebhookEvent.objects.create(type=type_, payload=payload)
    event, is_new = WebhookEvent.objects.get_or_create(
        dedupe_key=dedupe_key, defaults={"type": type_, "payload": payload}
    )
    return event if is_new else None
