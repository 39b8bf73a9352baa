"""Shapes of the events that webhooks are sent: what all have, and what this app tells itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_field

from chatcms.core.api import serializers
from chatcms.core.api.openapi_events import Fields
from chatcms.webhooks.enums import EventType


@dataclass(frozen=True, slots=True)
class Told:
    """What a webhook is told of, and how that looks: the serializer of the whole event."""

    kind: EventType
    summary: str
    description: str
    serializer: type[serializers.Serializer[Any]]


def told(type_: EventType, data: type[Fields], *, when: str) -> Told:
    """Return an event of this type, whose `data` the serializer or field describes; `when` it is sent."""
    fields = {
        "id": serializers.UUIDField(
            help_text="The id of the event, also in the header `webhook-id`: by it you tell one that comes twice."
        ),
        "type": serializers.Constant(type_.value, help_text="What kind of event it is."),
        "created_at": serializers.DateTimeField(help_text="When it happened."),
        "tenant": serializers.CharField(help_text="The slug of the tenant."),
        "data": data(help_text="What happened."),
        "__doc__": when,
        "__module__": __name__,
    }
    words = type_.value.replace(".", "_").split("_")
    name = "".join(word.capitalize() for word in words)
    serializer = type(f"{name}WebhookSerializer", (serializers.Serializer,), fields)
    return Told(type_, str(type_.label), when, serializer)


class PingDataSerializer(serializers.Serializer[Any]):
    """A test."""

    webhook_id = serializers.UUIDField(help_text="The webhook that is tested.")


class CountReachedSerializer(serializers.Serializer[Any]):
    """A number that the plan allows is used up."""

    quota = serializers.ChoiceField(
        choices=[
            ("messages", "Questions in a month."),
            ("bots", "How many bots there are."),
            ("datasets", "How many datasets there are."),
            ("documents", "How many documents there are."),
            ("storage_bytes", "Bytes of uploaded files."),
        ],
        help_text="What is used up.",
    )
    used = serializers.IntegerField(help_text="How many there are.")
    limit = serializers.IntegerField(help_text="How many the plan allows.")
    resets_at = serializers.DateTimeField(
        allow_null=True, help_text="When all of them are there again; null for what has to be given back."
    )


class MoneyReachedSerializer(serializers.Serializer[Any]):
    """What may be spent is used up; an answer was refused for it."""

    quota = serializers.ChoiceField(
        choices=[("budget", "A budget of the tenant's own."), ("plan", "What the plan allows.")],
        help_text="Whose limit it is.",
    )
    budget_id = serializers.UUIDField(allow_null=True, help_text="The budget; null for the plan's limit.")
    bot_id = serializers.UUIDField(allow_null=True, help_text="The bot that it bounds; null: all of them together.")
    period = serializers.ChoiceField(
        choices=[("day", "Day"), ("month", "Month")], help_text="For how long the amount must last; in UTC."
    )
    amount = serializers.CharField(
        help_text="How much may be spent in each period, in US dollars, as a decimal number."
    )
    resets_at = serializers.DateTimeField(help_text="When the next period begins.")


@extend_schema_field(
    PolymorphicProxySerializer(
        component_name="QuotaReachedData",
        serializers=[CountReachedSerializer, MoneyReachedSerializer],
        resource_type_field_name=None,
    )
)
class QuotaReachedField(serializers.Field[Any, Any, Any, Any]):
    """A number or an amount."""


EVENTS = [
    told(
        EventType.QUOTA_REACHED,
        QuotaReachedField,
        when="A number of the plan's is used up, or an answer was refused because money is. Once for each period.",
    ),
    told(
        EventType.PING,
        PingDataSerializer,
        when="Somebody asked for a test. It is sent whatever the webhook listens to.",
    ),
]
