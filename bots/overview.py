"""What the dashboard tells of bots, as parts of one query."""

from __future__ import annotations

from django.db.models import Exists
from django.db.models.functions import Coalesce

from bots.models import Bot, BotSighting
from chatcms.core.folded import counted


def bots_kept() -> Coalesce:
    """How many bots there are, archived ones left out."""
    return counted(Bot.objects.unarchived())


def any_sighting() -> Exists:
    """Whether a site has shown a bot."""
    return Exists(BotSighting.objects.all())
