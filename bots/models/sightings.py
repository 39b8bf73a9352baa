"""Where bots have been seen."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from bots import origins
from bots.models.bot import Bot
from chatcms.core.db.models import UUIDModel


class BotSighting(UUIDModel):
    """A page's origin that let visitors talk to a bot, and when it last did, to the minute."""

    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="sightings", db_index=False)
    origin = models.CharField(max_length=origins.MAX_LENGTH)
    first_seen = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "bot_sightings"
        ordering = ["-last_seen"]
        constraints = [
            models.UniqueConstraint(fields=["bot", "origin"], name="bot_sightings_once"),
        ]

    def __str__(self) -> str:
        return f"{self.bot_id} on {self.origin}"
