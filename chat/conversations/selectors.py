"""Finds conversations to choose from."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from bots.slugs import uuid_of
from chat.conversations import wordsearch
from chat.models import Conversation
from chat.selectors import conversations_of, held_by
from tenants.types import Actor


def conversations_to_choose_from(
    actor: Actor, *, bot: str = "", since: datetime | None = None, search: str = ""
) -> QuerySet[Conversation]:
    """Return what the caller finds on the list: an identified visitor's earlier conversations with the bot too.

    For one of those a visitor needs its own token. `bot` is an id or slug, `since` is about the last message,
    and `search` is for words of the messages.
    """
    rows: QuerySet[Conversation] = held_by(actor) if actor.ref else conversations_of(actor)
    if bot:
        bot_id = uuid_of(bot)
        rows = rows.filter(bot=bot_id) if bot_id else rows.filter(bot__slug=bot.lower())
    if since:
        rows = rows.filter(last_message_at__gte=since)
    return wordsearch.conversations_with(rows, search) if search else rows
