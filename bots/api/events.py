"""Shapes of the events that webhooks are sent about bots."""

from __future__ import annotations

from typing import Any

from chatcms.core.api import serializers
from chatcms.webhooks.api.events import told
from chatcms.webhooks.enums import EventType


class ToldBotSerializer(serializers.Serializer[Any]):
    """Which bot it is."""

    id = serializers.UUIDField(help_text="The bot.")
    slug = serializers.CharField(help_text="Its name in addresses.")
    name = serializers.CharField(help_text="What it is called.")


class BotPublishedDataSerializer(serializers.Serializer[Any]):
    """A version of a bot that answers from now on."""

    bot = ToldBotSerializer(help_text="The bot.")
    version = serializers.IntegerField(help_text="The number of the version; the first one of a bot is 1.")
    note = serializers.CharField(allow_blank=True, help_text="What whoever published it noted; empty if nothing.")
    published_by = serializers.UUIDField(
        allow_null=True, help_text="The user or key that published it; null when the product did."
    )
    published_at = serializers.DateTimeField(help_text="When it was published.")
    url = serializers.CharField(help_text="Where its settings are: `GET` it with a key that may read.")


EVENTS = [
    told(
        EventType.BOT_PUBLISHED,
        BotPublishedDataSerializer,
        when="Another version of a bot answers from now on; the first one when the bot is made.",
    )
]
