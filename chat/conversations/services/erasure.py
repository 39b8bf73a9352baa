"""Erases conversations with every copy of what was said in them: the one way by which they go.

Copies are the events that webhooks were told, the answers kept for requests that are sent twice, the logs of answers
in Redis, and what apps above this one have made and name with `on_erased`: the files of exports.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from redis.exceptions import RedisError

from chat.enums import MessageRole
from chat.models import Conversation, Message
from chat.turns.live import bell
from chat.turns.live.store import TurnKey, erase_logs
from chatcms.webhooks.services import forget_conversations
from tenants.context import current_tenant_id
from tenants.services import idempotency

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Erased:
    """What has been erased, for those who have copies; `by_age`: nobody asked for it, its time had come."""

    began_at: datetime
    by_age: bool


_elsewhere: list[Callable[[Erased], None]] = []


def on_erased(forget: Callable[[Erased], None]) -> None:
    """Have `forget` called, in the transaction, whenever conversations of the current tenant are erased."""
    _elsewhere.append(forget)


def erase(ids: Collection[uuid.UUID], *, by_age: bool = False) -> None:
    """Delete conversations of the current tenant with all copies, in the caller's transaction; usage figures stay.

    What an answer under way still writes into Redis is dropped there. While Redis is away its logs stay, for 15
    minutes at most.
    """
    rows = Conversation.objects.filter(pk__in=ids)
    began = list(rows.order_by("started_at").values_list("started_at", flat=True)[:1])
    if not began:
        return
    messages = list(Message.objects.filter(conversation__in=ids).only("pk", "role", "setting"))
    forget_conversations(ids)
    idempotency.forget_mentions(current_tenant_id(), {*ids, *(message.pk for message in messages)})
    _erase_logs_after_commit([one for one in messages if one.role == MessageRole.ASSISTANT])
    for forget in _elsewhere:
        forget(Erased(began[0], by_age))
    for one in ids:
        bell.ring_after_commit(one)
    rows.delete()


def erase_conversations_of(bot_id: uuid.UUID) -> None:
    """Delete the conversations of a bot of the current tenant, which is about to be deleted itself."""
    erase(list(Conversation.objects.filter(bot=bot_id).values_list("pk", flat=True)))


def _erase_logs_after_commit(answers: list[Message]) -> None:
    tenant_id = current_tenant_id()
    keys = [TurnKey(tenant_id, one.pk, attempt) for one in answers for attempt in range(one.attempt + 1)]

    def forget() -> None:
        try:
            erase_logs(keys)
        except (RedisError, OSError) as error:
            logger.warning("Logs of erased answers stay for 15 minutes at most: %s", type(error).__name__)

    transaction.on_commit(forget, robust=True)
