"""Lets questions in as far as the tenant's plan and the bot's day have room for them."""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from bots.models import Bot
from chat.enums import MessageStatus
from chat.models import Message, Usage
from chat.money.selectors import messages_this_month
from chat.money.services import ledger
from chat.turns.exceptions import (
    DailyQuestionsUsedUpError,
    MessagesUsedUpError,
)
from chatcms.core.db import locks
from chatcms.webhooks.services import tell_if_reached
from tenants.models import Tenant
from tenants.types import Actor


@contextmanager
def place_in_plan(tenant: Tenant) -> Iterator[None]:
    """Let the block save a question if the plan has room for it; without a limit there is nothing to ask."""
    limit = tenant.plan.max_monthly_messages if tenant.plan else None
    if limit is None:
        yield
        return
    # One at a time per tenant, so that two questions at once cannot both take the last place.
    with locks.lent_name(".messages"):
        used = messages_this_month()
        if used >= limit:
            raise MessagesUsedUpError(limit=limit)
        yield
        tell_if_reached(quota="messages", used=used + 1, limit=limit, resets_at=ledger.next_month())


@contextmanager
def place_in_day(bot: Bot, by: Actor) -> Iterator[None]:
    """Let the block save a visitor's question if the bot's limit for today has room for it."""
    limit = bot.daily_visitor_questions
    if by.type != "visitor" or limit is None:
        yield
        return
    with locks.lent_name(str(bot.pk)):
        if visitor_questions_today(bot.pk) >= limit:
            now = timezone.now()
            tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            raise DailyQuestionsUsedUpError(retry_after=math.ceil((tomorrow - now).total_seconds()))
        yield


def visitor_questions_today(bot_id: uuid.UUID) -> int:
    """Return how many answers of today (UTC) a bot gave visitors: settled or under way, those made again included.

    A visitor may delete the conversation; what was used in it still counts.
    """
    used = Usage.objects.filter(day=timezone.now().date(), bot_id=bot_id)
    settled = used.filter(Q(message__isnull=True) | Q(message__conversation__actor_type="visitor")).count()
    under_way = Message.objects.filter(status=MessageStatus.STREAMING, conversation__bot=bot_id)
    return settled + under_way.filter(conversation__actor_type="visitor").count()
