"""The shapes of webhooks and deliveries, as JSON."""

from __future__ import annotations

from typing import Any

from chatcms.core import serializers
from chatcms.webhooks.enums import DeliveryState, EventType
from chatcms.webhooks.models import Webhook, WebhookAttempt, WebhookDelivery


class WebhookSerializer(serializers.ModelSerializer[Webhook]):
    """A webhook; its secret is never shown again."""

    events = serializers.ListField(
        child=serializers.ChoiceField(choices=EventType.choices), allow_empty=False, max_length=len(EventType)
    )

    class Meta:
        model = Webhook
        fields = [
            "id", "url", "description", "events", "is_active", "secret_last_four", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = ["id", "secret_last_four", "created_at", "updated_at"]


class NewWebhookSerializer(serializers.Serializer[Any]):
    """Where to send which events."""

    url = serializers.URLField(max_length=500)
    events = serializers.ListField(
        child=serializers.ChoiceField(choices=EventType.choices), allow_empty=False, max_length=len(EventType)
    )
    description = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


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

    type = serializers.ChoiceField(choices=EventType.choices, source="event.type", read_only=True)

    class Meta:
        model = WebhookDelivery
        fields = [
            "id", "webhook_id", "event_id", "type", "state", "attempt_count", "last_status", "last_error",
            "created_at", "delivered_at",
        ]  # fmt: skip
        read_only_fields = fields


class AttemptSerializer(serializers.ModelSerializer[WebhookAttempt]):
    """One request of ours, and what came back."""

    class Meta:
        model = WebhookAttempt
        fields = ["at", "status", "milliseconds", "error", "response"]
        read_only_fields = fields


class WholeDeliverySerializer(DeliverySerializer):
    """A delivery with what was sent and every attempt, the last one first."""

    payload = serializers.DictField(source="event.payload", read_only=True)
    attempts = AttemptSerializer(many=True, read_only=True)

    class Meta(DeliverySerializer.Meta):
        fields = [*DeliverySerializer.Meta.fields, "payload", "attempts"]
        read_only_fields = fields


class DeliveryQuery(serializers.Serializer[Any]):
    """Narrows down the deliveries of a webhook."""

    state = serializers.ChoiceField(choices=DeliveryState.choices, required=False)
    type = serializers.ChoiceField(choices=EventType.choices, required=False)
