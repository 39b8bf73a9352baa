"""The shapes of webhooks and deliveries, as JSON."""

from __future__ import annotations

from typing import Any

from chatcms.core.api import serializers
from chatcms.webhooks.enums import LISTENED, DeliveryState, EventType
from chatcms.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A webhook; its secret is never shown again."""

    events = serializers.ListField(
        child=serializers.ChoiceField(choices=LISTENED),
        allow_empty=False,
        max_length=len(LISTENED),
        help_text="What it is told of; `*` for everything, also what later versions add.",
    )

    class Meta:
        model = Webhook
        fields = [
            "id", "url", "description", "events", "is_active", "secret_last_four", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "secret_last_four", "created_at", "updated_at"]
        help_texts = {
            "description": "What it is for, in your own words; may be empty.",
            "is_active": (
                "Whether it is told of anything; switched off by hand, or since it took nothing for about twenty hours."
            ),
            "secret_last_four": "The last four characters of its secret, to tell secrets apart.",
            "url": "Where events are sent.",
        }


class NewWebhookSerializer(serializers.Serializer[Any]):
    """Where to send which events."""

    url = serializers.URLField(
        max_length=500, help_text="Where events are sent: an address that takes a POST, reachable from this server."
    )
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=LISTENED),
        allow_empty=False,
        max_length=len(LISTENED),
        help_text="What it is told of; `*` for everything, also what later versions add.",
    )
    description = serializers.CharField(
        max_length=200, required=False, allow_blank=True, default="", help_text="What it is for, in your own words."
    )


class SecretSerializer(serializers.Serializer[Any]):
    """A secret, this once."""

    secret = serializers.CharField(help_text="Keep it now: it is shown only in this answer.")


class CreatedWebhookSerializer(WebhookSerializer):
    """A new webhook with its secret, this once."""

    secret = serializers.CharField(read_only=True, help_text="Keep it now: it is shown only in this answer.")

    class Meta(WebhookSerializer.Meta):
        fields = [*WebhookSerializer.Meta.fields, "secret"]


class DeliverySerializer(serializers.ModelSerializer[WebhookDelivery]):
    """The telling of one event to one webhook."""

    type = serializers.ChoiceField(
        choices=EventType.choices, source="event.type", read_only=True, help_text="What happened."
    )

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "webhook_id", "event_id", "type", "state", "attempt_count", "last_status", "last_error",
            "created_at", "delivered_at",
        ]  # fmt: skip
        read_only_fields = fields
        help_texts = {
            "attempt_count": "How often it was tried.",
            "delivered_at": "When the receiver took it; null until it does.",
            "event_id": "The event: what the receiver gets as `id` and as the header `webhook-id`.",
            "last_error": "What went wrong with the last attempt; empty if nothing, or if the receiver answered.",
            "last_status": "The HTTP status of the last answer; null when none has come.",
            "state": "How far it has got.",
            "webhook_id": "The webhook that is told.",
        }


class AttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    """One request of ours, and what came back."""

    class Meta:
        model = WebhookAttempt
        fields = ["at", "status", "milliseconds", "error", "response"]
        read_only_fields = fields
        help_texts = {
            "at": "When the request was made.",
            "error": "What went wrong when no answer came; else empty.",
            "milliseconds": "How long it took.",
            "response": "The first 1,000 characters of the answer.",
            "status": "The HTTP status of the answer; null when none came.",
        }


class WholeDeliverySerializer(DeliverySerializer):
    """A delivery with what was sent and every attempt, the last one first."""

    payload = serializers.DictField(
        source="event.payload",
        read_only=True,
        help_text="What is sent as `data`: see the webhook of that event in this document.",
    )
    attempts = AttemptSerializer(
        many=True, read_only=True, help_text="Every request that was made, the last one first."
    )

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "payload", "attempts"]
        read_only_fields = fields


class DeliveryQuery(serializers.Serializer[Any]):
    """Narrows down the deliveries of a webhook."""

    state = serializers.ChoiceField(
        choices=DeliveryState.choices, required=False, help_text="Only deliveries that have got so far."
    )
    type = serializers.ChoiceField(
        choices=EventType.choices, required=False, help_text="Only deliveries of such events."
    )
