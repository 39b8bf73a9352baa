"""Webhooks, the events they are told of, and each attempt to tell them, in the tenant's schema."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from chatcms.core.db.models import TimestampedModel, UUIDModel
from chatcms.webhooks.enums import EVERYTHING, LISTENED, DeliveryState, EventType


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Selections of webhooks."""

    def listening(self, *types: EventType) -> WebhookQuerySet:
        """Those that are told of one of these events at least."""
        return self.filter(is_active=True, events__overlap=[*types, EVERYTHING])


class Webhook(TimestampedModel):
    """An address of the tenant's that is told of events; `secret` (encrypted) signs what is sent."""

    url = models.URLField(max_length=500)
    description = models.CharField(max_length=200, blank=True, default="", db_default="")
    events = ArrayField(models.CharField(max_length=30, choices=LISTENED), default=list)
    secret = models.TextField(editable=False)
    secret_last_four = models.CharField(max_length=4, editable=False)
    is_active = models.BooleanField(default=True, db_default=True)
    created_by = models.UUIDField(null=True, editable=False)

    objects = WebhookQuerySet.as_manager()

    class Meta:
        db_table = "webhooks"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.url

    @property
    def listens_to(self) -> list[str]:
        """What it is told of, in words."""
        words = {name: str(label) for name, label in LISTENED}
        return [words.get(name, name) for name in self.events]


class WebhookEvent(UUIDModel):
    """Something that happened; `dedupe_key` keeps one that is noticed twice from being told twice."""

    type = models.CharField(max_length=30, choices=EventType)
    payload = models.JSONField()
    dedupe_key = models.CharField(max_length=200, null=True, unique=True)  # noqa: DJ001 - many have none, each is unique
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "webhook_events"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"


class WebhookDelivery(TimestampedModel):
    """The telling of one event to one webhook, until it worked or was given up."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    event = models.ForeignKey(WebhookEvent, on_delete=models.CASCADE, related_name="deliveries")
    state = models.CharField(max_length=10, choices=DeliveryState, default=DeliveryState.PENDING)
    attempt_count = models.PositiveSmallIntegerField(default=0)
    last_status = models.PositiveSmallIntegerField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    delivered_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhook_deliveries"
        ordering = ["-id"]
        indexes = [models.Index(fields=["webhook", "-id"], name="webhook_deliveries_by_webhook")]

    def __str__(self) -> str:
        return f"{self.event_id} to {self.webhook_id}: {self.state}"


class WebhookAttempt(UUIDModel):
    """One request that was made for a delivery, and what came back; never the secret."""

    delivery = models.ForeignKey(WebhookDelivery, on_delete=models.CASCADE, related_name="attempts")
    at = models.DateTimeField(auto_now_add=True)
    status = models.PositiveSmallIntegerField(null=True)
    milliseconds = models.PositiveIntegerField()
    error = models.CharField(max_length=300, blank=True, default="")
    response = models.CharField(max_length=1000, blank=True, default="")

    class Meta:
        db_table = "webhook_attempts"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.status or self.error} at {self.at}"
