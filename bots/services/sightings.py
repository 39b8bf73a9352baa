"""Notes on which sites bots are shown."""

from __future__ import annotations

import logging
import uuid

from django.core.cache import caches
from django.db import connection
from redis.exceptions import RedisError

from bots.models import BotSighting
from chatcms.core.db.ids import uuid7

logger = logging.getLogger(__name__)

# Of each bot and origin, one visit in so many seconds is written down.
EVERY_SECONDS = 60
# A bot that may be shown below `https://*.shop.example` can be seen on any number of names.
KEPT = 100

_NOTE = """
INSERT INTO bot_sightings (id, bot_id, origin, first_seen, last_seen)
VALUES (%s, %s, %s, statement_timestamp(), statement_timestamp())
ON CONFLICT (bot_id, origin) DO UPDATE SET last_seen = excluded.last_seen
RETURNING first_seen = last_seen
"""


def note_sighting(*, bot_id: uuid.UUID, origin: str) -> None:
    """Note that a page of an origin shows a bot of the tenant in force; at most one write a minute for each."""
    if not _is_due(bot_id, origin):
        return
    with connection.cursor() as cursor:
        cursor.execute(_NOTE, [uuid7(), bot_id, origin])
        (is_new,) = cursor.fetchone()
    if is_new:
        _forget_oldest(bot_id)


def _is_due(bot_id: uuid.UUID, origin: str) -> bool:
    try:
        return bool(caches["default"].add(f"seen:{bot_id}:{origin}", 1, EVERY_SECONDS))
    except (RedisError, OSError) as error:
        # The visitor is let in all the same, and the site is noted the next time.
        logger.warning("A sighting is left out: %s", type(error).__name__)
        return False


def _forget_oldest(bot_id: uuid.UUID) -> None:
    newest = BotSighting.objects.filter(bot=bot_id).order_by("-last_seen").values("pk")[:KEPT]
    BotSighting.objects.filter(bot=bot_id).exclude(pk__in=newest).delete()
