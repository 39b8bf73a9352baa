"""What is being worked on, and what was published once."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from bots.models.bot import Bot
from chatcms.core.db.models import UUIDModel

MAX_NOTE = 200


class BotDraft(models.Model):
    """What is being worked on: settings that differ from what is published, as `bots.versioned` has them in JSON.

    A bot without such changes has none. `edited_by` is an actor of whatever kind, `edited_by_label` its name then.
    """

    bot = models.OneToOneField(Bot, on_delete=models.CASCADE, primary_key=True, related_name="draft")
    changes = models.JSONField()
    edited_by = models.UUIDField(null=True)
    edited_by_label = models.CharField(max_length=255, blank=True, default="", db_default="")
    edited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "bot_drafts"

    def __str__(self) -> str:
        return f"Draft of {self.bot_id}"


class BotVersion(UUIDModel):
    """What was published once, whole, as `bots.versioned` has it in JSON; never changed. The newest is in force."""

    bot = models.ForeignKey(Bot, on_delete=models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    settings = models.JSONField()
    note = models.CharField(max_length=MAX_NOTE, blank=True, default="", db_default="")
    published_by = models.UUIDField(null=True)
    published_by_label = models.CharField(max_length=255, blank=True, default="", db_default="")
    published_at = models.DateTimeField(default=timezone.now)

    class Meta:
        db_table = "bot_versions"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["bot", "number"], name="bot_versions_one_per_number"),
        ]

    def __str__(self) -> str:
        return f"Version {self.number}"
