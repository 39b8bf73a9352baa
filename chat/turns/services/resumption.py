"""Gives an answer to a reader who comes back: from the process that makes it, from what is saved, or by a restart."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from redis.exceptions import RedisError

from chat.enums import MessageStatus
from chat.models import Message
from chat.turns.entrance import Known
from chat.turns.events import Done, Failed, Restarted, TurnEvent
from chat.turns.live.log import follow
from chat.turns.live.reader import AnswerReading, events_of
from chat.turns.live.store import TurnKey, store
from chat.turns.services.abandonment import abandon, key_of
from chat.turns.services.replay import events_of_answer
from chat.turns.services.restart import may_go_on, restart
from chat.turns.services.run import begin
from chatcms.core.exceptions import AppError
from tenants.context import TenantLike, in_tenant
from tenants.types import Actor

logger = logging.getLogger(__name__)

# How long to wait before looking again when somebody else has just taken the answer over, or Redis is away.
PAUSE_SECONDS = 0.3
BEGINNING_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is saved of an answer: its present attempt, and its events when nothing more is to come."""

    key: TurnKey
    is_streaming: bool
    may_go_on: bool
    conversation_id: UUID
    events: list[TurnEvent] = field(default_factory=list)


def reading(known: Known) -> AnswerReading:
    """Open an answer once more, from its beginning; see `resume`."""
    answer = known.answer
    source = resume(by=known.by, tenant=known.tenant, message_id=answer.pk, again=known.is_repeated)
    return AnswerReading(source, conversation_id=answer.conversation_id, message_id=answer.pk)


async def resume(
    *, by: Actor, tenant: TenantLike, message_id: UUID, again: bool = False
) -> AsyncGenerator[TurnEvent, None]:
    """Yield all events of an answer, whichever process makes it; the last one is `Done` or `Failed`.

    While a process makes it, what comes is what that one says. When that one is gone, or its reader went away and so
    ended it, the answer restarts here, once, however many ask for it; `Restarted` then comes before its first
    event. `again` restarts one that failed, too.
    """
    while True:
        kept = await in_tenant(tenant, _kept, tenant, message_id, again)
        if not kept.may_go_on and not kept.is_streaming:
            for event in kept.events:
                yield event
            return
        async with aclosing(_attempt(kept, by=by, tenant=tenant, again=again)) as events:
            async for event in events:
                yield event
                if isinstance(event, Done | Failed):
                    return
        # Asked for once: should it fail again, that is its end.
        again = False
        yield Restarted()


async def _attempt(kept: _Kept, *, by: Actor, tenant: TenantLike, again: bool) -> AsyncGenerator[TurnEvent, None]:
    """Yield what the present attempt gives, or a new one if nobody makes it; ends early when somebody else does."""
    if kept.is_streaming:
        try:
            if await _is_made(kept.key):
                async with aclosing(follow(kept.key)) as events:
                    async for event in events:
                        yield event
                return
            if not await store().claim(kept.key):
                await asyncio.sleep(PAUSE_SECONDS)
                return
        except (RedisError, OSError) as error:
            logger.warning("An answer cannot be followed: %s", type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
            return
    try:
        turn = await in_tenant(tenant, partial(restart, by=by, tenant=tenant, key=kept.key, again=again))
    except AppError as error:
        yield Failed(kept.key.message_id, kept.conversation_id, error, incomplete=False)
        return
    if turn is None:
        if kept.is_streaming and not kept.may_go_on:
            await in_tenant(tenant, abandon, kept.key)
        return
    async with aclosing(events_of(begin(turn))) as events:
        async for event in events:
            yield event


async def _is_made(key: TurnKey) -> bool:
    """Say whether a process makes an attempt; one that has just begun may not have given a sign of life yet."""
    for _ in range(int(BEGINNING_SECONDS / PAUSE_SECONDS)):
        if await store().is_owned(key):
            return True
        await asyncio.sleep(PAUSE_SECONDS)
    return await store().is_owned(key)


def _kept(tenant: TenantLike, message_id: UUID, again: bool) -> _Kept:
    message = Message.objects.select_related("conversation").get(pk=message_id)
    is_streaming = message.status == MessageStatus.STREAMING
    goes_on = may_go_on(message, again=again)
    events = [] if goes_on or is_streaming else events_of_answer(message)
    return _Kept(key_of(tenant, message), is_streaming, goes_on, message.conversation_id, events)
