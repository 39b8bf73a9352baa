"""Tells the watchers of a conversation what is new in it: whole messages, and who answers.

The database is the truth; a bell says when to look, and now and then a look is taken without one. So a watcher who
comes back to any process gets what it lacks by the place of the last message that it has.
"""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

from chat.enums import MessageStatus
from chat.models import Conversation, Message
from chat.turns.live.bell import ear
from tenants.context import TenantLike, in_tenant

LOOK_SECONDS = 5.0
# Who watches for longer comes back with the credential that is good then.
WATCH_SECONDS = 1800.0


@dataclass(frozen=True, slots=True)
class News:
    """Something new, ready to be sent; a watcher that has it lacks nothing up to the place `mark`."""

    name: str
    data: Any
    mark: int


class WatchedView(Protocol):
    """How messages and the conversation look to a watcher; the tenant is open."""

    def messages(self, messages: Sequence[Message], /) -> Sequence[Any]: ...
    def handling(self, conversation: Conversation, /) -> Any: ...


@dataclass(slots=True)
class _Watch:
    """What a watcher has: every message up to `mark`, of those after it the ones in `given`, and who answers."""

    mark: int
    given: set[int] = field(default_factory=set)
    handling: Any = None


async def watch(
    *, tenant: TenantLike, conversation_id: uuid.UUID, show: WatchedView, after: int | None = None
) -> AsyncGenerator[News, None]:
    """Yield who answers, then every message after the place `after` (None: what is written from now on), as they come.

    A message is given once it is whole; one that is under way is given later than those after it if need be, and
    a watcher that comes back in between gets those once more. Ends when the conversation is deleted, and after
    `WATCH_SECONDS`. Holds no database connection while it waits.
    """
    until = time.monotonic() + WATCH_SECONDS
    seen = await in_tenant(tenant, _begin, conversation_id, after)
    async with ear().on(tenant.id, conversation_id) as rung:
        while time.monotonic() < until:
            rung.clear()
            news = await in_tenant(tenant, _look, conversation_id, seen, show)
            if news is None:
                return
            for one in news:
                yield one
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await rung.wait()


def _begin(conversation_id: uuid.UUID, after: int | None) -> _Watch:
    if after is not None:
        return _Watch(after)
    last = Conversation.objects.filter(pk=conversation_id).values_list("message_count", flat=True).first()
    return _Watch(last or 0)


def _look(conversation_id: uuid.UUID, seen: _Watch, show: WatchedView) -> list[News] | None:
    """Return what is new since the last look, None when the conversation is gone."""
    conversation = Conversation.objects.filter(pk=conversation_id).first()
    if conversation is None:
        return None
    news: list[News] = []
    handling = show.handling(conversation)
    if handling != seen.handling:
        seen.handling = handling
        news.append(News("handling", handling, seen.mark))
    if conversation.message_count > seen.mark:
        news += _new_messages(conversation, seen, show)
    return news


def _new_messages(conversation: Conversation, seen: _Watch, show: WatchedView) -> list[News]:
    rows = list(
        Message.objects.filter(conversation=conversation, seq__gt=seen.mark)
        .exclude(seq__in=seen.given)
        .select_related("conversation", "feedback")
        .prefetch_related("usage")
        .order_by("seq")
    )
    under_way = [row.seq for row in rows if row.status == MessageStatus.STREAMING]
    whole = [row for row in rows if row.status != MessageStatus.STREAMING]
    news: list[News] = []
    for row, data in zip(whole, show.messages(whole), strict=True):
        seen.given.add(row.seq)
        news.append(News("message", data, min([*under_way, row.seq + 1]) - 1))
    seen.mark = min(under_way) - 1 if under_way else max([seen.mark, *seen.given])
    seen.given = {place for place in seen.given if place > seen.mark}
    return news
