"""What the dashboard tells of bots, as parts of one query."""

from __future__ import annotations

from django.db.models import Exists

from bots.models import BotSighting


def any_sighting() -> Exists:
    """Whether a site has shown a bot."""
    return Exists(BotSighting.objects.all())
