"""Tells the tenant's webhooks what became of bots, in the transaction of whoever changed them."""

from __future__ import annotations

from django.conf import settings

from bots.models import Bot, BotVersion
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.services import emit


def tell_published(bot: Bot, version: BotVersion) -> None:
    """A version of a bot is what answers from now on, the first one too."""
    emit(
        type=EventType.BOT_PUBLISHED,
        payload={
            "bot": {"id": bot.pk, "slug": bot.slug, "name": bot.name},
            "version": version.number,
            "note": version.note,
            "published_by": version.published_by,
            "published_at": version.published_at.isoformat(),
            "url": f"{settings.PUBLIC_URL}/v1/tenant/bots/{bot.pk}/versions/{version.number}",
        },
    )
