"""Wakes those who watch a conversation when something has happened in it, whichever process did it.

A ring carries nothing but the conversation's name: what has happened is in the database. So nothing is lost with
Redis but time, since a watcher looks now and then all the same.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from uuid import UUID
from weakref import WeakKeyDictionary

from django.db import transaction
from redis.exceptions import RedisError

from chat.turns.live.store import listening_client, sync_client
from tenants.context import current_tenant_id

logger = logging.getLogger(__name__)

CHANNEL = "conversations"
PAUSE_SECONDS = 2.0
BEGINNING_SECONDS = 1.0
LISTEN_SECONDS = 5.0


def ring(tenant_id: UUID, conversation_id: UUID) -> None:
    """Tell every process that something has happened in a conversation; never raises."""
    try:
        with sync_client() as client:
            client.publish(CHANNEL, _name(tenant_id, conversation_id))
    except (RedisError, OSError) as error:
        logger.warning("Those who watch a conversation are told late: %s", type(error).__name__)


def ring_after_commit(conversation_id: UUID) -> None:
    """Ring for a conversation of the current tenant once the caller has committed."""
    tenant_id = current_tenant_id()
    transaction.on_commit(lambda: ring(tenant_id, conversation_id), robust=True)


class Ear:
    """Hears the bell for one event loop, over one connection, as long as somebody watches a conversation."""

    def __init__(self) -> None:
        self._watched: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._hears = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def on(self, tenant_id: UUID, conversation_id: UUID) -> AsyncIterator[asyncio.Event]:
        """Lend an event that is set at each ring for the conversation; the waiter clears it."""
        name, rung = _name(tenant_id, conversation_id), asyncio.Event()
        self._watched[name].add(rung)
        if self._task is None:
            # In its own context: it belongs to no request.
            self._task = asyncio.create_task(self._listen(), context=Context())
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(BEGINNING_SECONDS):
                    await self._hears.wait()
            yield rung
        finally:
            self._watched[name].discard(rung)
            if not self._watched[name]:
                del self._watched[name]
            if not self._watched and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (RedisError, OSError) as error:
                logger.warning("The bell of conversations is not heard: %s", type(error).__name__)
            self._hears.clear()
            await asyncio.sleep(PAUSE_SECONDS)

    async def _hear(self) -> None:
        async with listening_client() as client, client.pubsub(ignore_subscribe_messages=True) as pubsub:
            await pubsub.subscribe(CHANNEL)
            try:
                self._hears.set()
                while True:
                    message = await pubsub.get_message(timeout=LISTEN_SECONDS)
                    if message is not None:
                        self._wake(message["data"].decode())
            finally:
                self._hears.clear()

    def _wake(self, name: str) -> None:
        for rung in self._watched.get(name, ()):
            rung.set()


_ears: WeakKeyDictionary[asyncio.AbstractEventLoop, Ear] = WeakKeyDictionary()


def ear() -> Ear:
    """Return the ear of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _ears:
        _ears[loop] = Ear()
    return _ears[loop]


def _name(tenant_id: UUID, conversation_id: UUID) -> str:
    return f"{tenant_id}:{conversation_id}"
