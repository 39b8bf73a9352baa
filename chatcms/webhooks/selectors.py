"""Finds webhooks and their deliveries."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import CharField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast

from chatcms.webhooks.enums import DeliveryState
from chatcms.webhooks.exceptions import NoSuchDeliveryError, NoSuchWebhookError
from chatcms.webhooks.models import Webhook, WebhookDelivery
from tenants.context import current_tenant_id
from tenants.models import AuditEvent

# The audit log's word for a webhook that the product, and no person, switched off.
SWITCHED_OFF = "webhook.switch_off"


def with_last_act(webhooks: QuerySet[Webhook]) -> QuerySet[Webhook]:
    """Add to webhooks of the tenant in force the audit log's word for their last change or end, as `last_act`."""
    acts = AuditEvent.objects.filter(
        tenant_id=current_tenant_id(),
        target_id=Cast(OuterRef("pk"), CharField()),
        action__in=[SWITCHED_OFF, "webhook.update"],
    )
    return webhooks.annotate(last_act=Subquery(acts.order_by("-id").values("action")[:1]))


def switched_off() -> list[Webhook]:
    """Return the webhooks of the tenant in force that were switched off for taking nothing, and not touched since."""
    return list(with_last_act(Webhook.objects.filter(is_active=False)).filter(Q(last_act=SWITCHED_OFF)))


@dataclass(frozen=True, slots=True)
class TroubledWebhooks:
    """Webhooks in use that could not be told of the last thing that happened, each with `why`, and those given up."""

    failing: Sequence[Webhook]
    off: Sequence[Webhook]


def troubled_webhooks(most: int) -> TroubledWebhooks:
    """Return the webhooks that somebody has to look at, of those that fail at most so many. One query."""
    last = WebhookDelivery.objects.filter(webhook=OuterRef("pk")).exclude(state=DeliveryState.PENDING).order_by("-id")
    known = with_last_act(Webhook.objects.all()).annotate(
        last_state=Subquery(last.values("state")[:1]), why=Subquery(last.values("last_error")[:1])
    )
    is_failing = Q(is_active=True, last_state=DeliveryState.FAILED)
    found = list(known.filter(is_failing | Q(is_active=False, last_act=SWITCHED_OFF)).order_by("-is_active", "id"))
    failing = [webhook for webhook in found if webhook.is_active]
    return TroubledWebhooks(failing[:most], [webhook for webhook in found if not webhook.is_active])


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
