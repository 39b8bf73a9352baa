"""Ends an answer where it is, whichever process makes it."""

from __future__ import annotations

import asyncio
import logging
from uuid import UUID

from redis.exceptions import RedisError

from chat.enums import MessageStatus
from chat.models import Message
from chat.turns.exceptions import AnswerNotUnderWayError
from chat.turns.live.committer import committer
from chat.turns.live.store import TurnKey, store
from chat.turns.services.abandonment import abandon
from tenants.context import TenantLike, in_tenant

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1
PATIENCE_SECONDS = 5.0


def check_under_way(message: Message) -> None:
    """Raise `AnswerNotUnderWayError` when an answer has ended already."""
    if message.status != MessageStatus.STREAMING:
        raise AnswerNotUnderWayError


async def stop(tenant: TenantLike, key: TurnKey) -> None:
    """Ask the process that makes the answer to end it; return when it is saved, or after some seconds.

    What there is of it stays, with the usage settled; its reader gets the closing events. An answer that nobody
    makes any more is marked as failed.
    """
    if not await _told(key):
        await in_tenant(tenant, abandon, key)
        return
    for _ in range(int(PATIENCE_SECONDS / POLL_SECONDS)):
        if not await in_tenant(tenant, _is_streaming, key.message_id):
            return
        await asyncio.sleep(POLL_SECONDS)


async def _told(key: TurnKey) -> bool:
    if (here := committer().find(key.message_id)) is not None:
        here.stop()
        return True
    try:
        return await store().ask_to_stop(key)
    except (RedisError, OSError) as error:
        logger.warning("Another process cannot be told to stop an answer: %s", type(error).__name__)
        return True


def _is_streaming(message_id: UUID) -> bool:
    return Message.objects.filter(pk=message_id, status=MessageStatus.STREAMING).exists()
