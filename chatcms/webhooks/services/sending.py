"""Sends one event to one webhook and notes what came back: at least once, in no transaction."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from datetime import timedelta

import httpx2
import orjson
from asgiref.sync import async_to_sync
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from chatcms.core.db import sealing
from chatcms.core.errortext import ErrorText
from chatcms.core.outbound import egress
from chatcms.core.outbound.egress import EgressPolicy, EgressRefusedError, Purpose
from chatcms.core.text.safety import storable
from chatcms.jobs.exceptions import JobTargetDoneError, JobTargetGoneError
from chatcms.webhooks import signing
from chatcms.webhooks.enums import DeliveryState
from chatcms.webhooks.exceptions import NotDeliveredError, WebhookIsOffError
from chatcms.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery, WebhookEvent
from chatcms.webhooks.selectors import SWITCHED_OFF
from chatcms.webhooks.services.managing import PURPOSE, context_of
from tenants import audit
from tenants.context import current_tenant_id, release_connection
from tenants.models import Tenant
from tenants.selectors import owner_emails
from tenants.services import mail
from tenants.types import SYSTEM

# Seconds before each further attempt: about twenty hours in all.
PAUSES = (10, 60, 300, 1800, 7200, 21_600, 43_200)
KEPT_FOR = timedelta(days=30)

_TIMEOUT = httpx2.Timeout(10.0)
_LONGEST_RESPONSE = 1000
_GONE = 410


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came back: a status and the beginning of the body, or what went wrong."""

    milliseconds: int
    status: int | None = None
    response: str = ""
    error: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def deliver(delivery_id: uuid.UUID) -> None:
    """The job: send, note the attempt; raise `NotDeliveredError` when it is to be tried again.

    A delivery that is gone, done, or whose webhook is off has nothing to be sent. A receiver that says that it is
    gone for good (410) is told nothing any more: its webhook is switched off.
    """
    delivery = WebhookDelivery.objects.select_related("webhook", "event").filter(pk=delivery_id).first()
    if delivery is None or delivery.state != DeliveryState.PENDING:
        return
    if not delivery.webhook.is_active:
        _close(delivery, error="The webhook is switched off.")
        return
    request = _request(delivery.webhook, delivery.event)
    # Whoever is slow to answer keeps no connection of ours.
    release_connection()
    outcome = async_to_sync(_send)(delivery.webhook.url, *request)
    _note(delivery, outcome)
    if outcome.status == _GONE:
        _close(delivery, error="The receiver is gone (410).")
        _switch_off(delivery.webhook, reason="gone")
    elif not outcome.is_taken:
        raise NotDeliveredError(outcome.error or ErrorText("The receiver answered %(status)s.", status=outcome.status))


def give_up(delivery_id: uuid.UUID, reason: str) -> None:
    """No attempt is left; a webhook that took nothing since this delivery was made is switched off."""
    delivery = WebhookDelivery.objects.select_related("webhook").filter(pk=delivery_id).first()
    if delivery is None or delivery.state != DeliveryState.PENDING:
        return
    _close(delivery, error=reason)
    taken = delivery.webhook.deliveries.filter(delivered_at__gte=delivery.created_at)
    if not taken.exists():
        _switch_off(delivery.webhook, reason="unreachable")


def revive(delivery_id: uuid.UUID) -> None:
    """Mark a delivery whose job is tried again as pending.

    Raises `JobTargetGoneError`, `JobTargetDoneError`, or `WebhookIsOffError`: nothing is sent to a webhook that is off.
    """
    delivery = WebhookDelivery.objects.select_for_update().filter(pk=delivery_id).first()
    if delivery is None:
        raise JobTargetGoneError("This delivery has been deleted. Deliveries are kept for 30 days.")
    if delivery.state == DeliveryState.DELIVERED:
        raise JobTargetDoneError("The receiver has taken this event. There is nothing to try again.")
    if not delivery.webhook.is_active:
        raise WebhookIsOffError
    delivery.state, delivery.last_error = DeliveryState.PENDING, ""
    delivery.save(update_fields=["state", "last_error", "updated_at"])


def forget_old() -> int:
    """Delete events older than `KEPT_FOR` with their deliveries, in the tenant in force; return how many."""
    return WebhookEvent.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def body_of(event: WebhookEvent, *, tenant_slug: str) -> bytes:
    """Return what is sent of an event, as JSON."""
    return orjson.dumps(
        {
            "id": event.pk,
            "type": event.type,
            "created_at": event.created_at,
            "tenant": tenant_slug,
            "data": event.payload,
        }
    )


def _request(webhook: Webhook, event: WebhookEvent) -> tuple[bytes, dict[str, str]]:
    slug = Tenant.objects.values_list("slug", flat=True).get(pk=current_tenant_id())
    body = body_of(event, tenant_slug=slug)
    secret = sealing.decrypt(webhook.secret, purpose=PURPOSE, context=context_of(webhook))
    signed = signing.headers(secret=secret, event_id=event.pk, timestamp=int(time.time()), body=body)
    return body, {**signed, "content-type": "application/json", "user-agent": "ChatCMS-Webhooks/1"}


async def _send(url: str, body: bytes, headers: dict[str, str]) -> _Outcome:
    began = time.perf_counter()

    def elapsed() -> int:
        return round((time.perf_counter() - began) * 1000)

    policy = EgressPolicy.of(Purpose.WEBHOOK)
    try:
        async with (
            egress.async_client(policy, timeout=_TIMEOUT) as client,
            client.stream("POST", url, content=body, headers=headers) as response,
        ):
            status, start = response.status_code, b""
            async for piece in response.aiter_bytes():
                start += piece
                if len(start) >= _LONGEST_RESPONSE:
                    break
    except EgressRefusedError as error:
        return _Outcome(elapsed(), error=error.detail)
    except httpx2.TimeoutException:
        return _Outcome(elapsed(), error="The receiver did not answer in time.")
    except httpx2.HTTPError:
        return _Outcome(elapsed(), error="The receiver could not be reached, or broke the connection off.")
    text = storable(start[:_LONGEST_RESPONSE].decode("utf-8", "replace"))
    return _Outcome(elapsed(), status, text[:_LONGEST_RESPONSE])


def _note(delivery: WebhookDelivery, outcome: _Outcome) -> None:
    with transaction.atomic():
        WebhookAttempt.objects.create(
            delivery=delivery,
            status=outcome.status,
            milliseconds=outcome.milliseconds,
            error=outcome.error[:300],
            response=outcome.response,
        )
        WebhookDelivery.objects.filter(pk=delivery.pk).update(
            attempt_count=F("attempt_count") + 1,
            last_status=outcome.status,
            last_error=outcome.error[:300],
            state=DeliveryState.DELIVERED if outcome.is_taken else delivery.state,
            delivered_at=timezone.now() if outcome.is_taken else None,
            updated_at=timezone.now(),
        )


def _close(delivery: WebhookDelivery, *, error: str) -> None:
    WebhookDelivery.objects.filter(pk=delivery.pk, state=DeliveryState.PENDING).update(
        state=DeliveryState.FAILED, last_error=error[:300], updated_at=timezone.now()
    )


def _switch_off(webhook: Webhook, *, reason: str) -> None:
    with transaction.atomic():
        if Webhook.objects.filter(pk=webhook.pk, is_active=True).update(is_active=False, updated_at=timezone.now()):
            audit.record(SWITCHED_OFF, by=SYSTEM, target=webhook, reason=reason)
            _tell_owners(webhook)


def _tell_owners(webhook: Webhook) -> None:
    tenant = Tenant.objects.get(pk=current_tenant_id())
    link = mail.Ours(f"{settings.PUBLIC_URL}/t/{tenant.slug}/settings/webhooks/{webhook.pk}/")
    for email in owner_emails(tenant.pk):
        mail.send_after_commit(
            mail.compose("webhook_off", to=email, tenant=tenant.name, url=mail.Ours(webhook.url), link=link)
        )
