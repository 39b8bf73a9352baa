"""What is kept in Redis of answers under way: the log of each attempt, and a sign of life of who makes it.

The log is a stream of events in JSON. The sign of life is a key that its process renews; other processes leave word
in it: `stop` asks the process to end the answer, `lost` tells it that the answer has been taken over. Redis may lose
all of it: answers are then made and saved as ever, and only cannot be resumed before their end.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from redis import Redis
from redis.asyncio import Redis as AsyncRedis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

OWNER_SECONDS = 4.0
CLAIM_SECONDS = 5.0
LOG_SECONDS = 900.0
ENDED_LOG_SECONDS = 10.0
QUICK_SECONDS = 0.4
BLOCK_SECONDS = 1.0
ON, STOP, LOST = b"on", b"stop", b"lost"
LIVE = "turns:live"

# Keys: the logs to write to, then the signs of life to renew. One round trip for all that a process has to say. A log
# lasts as long as its process gives signs of life (its key is that of the sign without `:owner`), however long a model
# says nothing.
_COMMIT = """
local logs = tonumber(ARGV[1])
for i = 1, logs do
    if redis.call('EXISTS', KEYS[i] .. ':erased') == 0 then
        redis.call('XADD', KEYS[i], '*', 'n', ARGV[3 * i - 1], 'e', ARGV[3 * i])
        redis.call('PEXPIRE', KEYS[i], ARGV[3 * i + 1])
    end
end
local said = {}
for i = logs + 1, #KEYS do
    local at = 1 + 3 * logs + 2 * (i - logs) - 1
    local life, name = ARGV[at], ARGV[at + 1]
    local word = redis.call('GET', KEYS[i])
    said[i - logs] = word or 'on'
    if life == '0' or word == 'lost' then
        if word ~= 'lost' then redis.call('DEL', KEYS[i]) end
        redis.call('SREM', 'turns:live', name)
    else
        redis.call('SET', KEYS[i], word or 'on', 'PX', life)
        redis.call('PEXPIRE', string.sub(KEYS[i], 1, -7), ARGV[#ARGV])
        if not word then redis.call('SADD', 'turns:live', name) end
    end
end
return said
"""
_STOP = """
local word = redis.call('GET', KEYS[1])
if word == 'on' then redis.call('SET', KEYS[1], 'stop', 'KEEPTTL') end
return word == 'on' or word == 'stop'
"""
_ERASE = """
for i = 1, #KEYS do
    redis.call('DEL', KEYS[i])
    redis.call('SET', KEYS[i] .. ':erased', '1', 'PX', ARGV[1])
    local owner = KEYS[i] .. ':owner'
    if redis.call('GET', owner) == 'on' then redis.call('SET', owner, 'stop', 'KEEPTTL') end
end
"""
_ERASED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class TurnKey:
    """Names one attempt at one answer."""

    tenant_id: uuid.UUID
    message_id: uuid.UUID
    attempt: int = 0

    def __str__(self) -> str:
        return f"{self.tenant_id}:{self.message_id}:{self.attempt}"

    @property
    def log(self) -> str:
        """The key of its log."""
        return f"turn:{self}"

    @property
    def owner(self) -> str:
        """The key of its sign of life."""
        return f"turn:{self}:owner"

    @classmethod
    def parse(cls, text: str) -> TurnKey:
        """Return the key that `str` wrote."""
        tenant, message, attempt = text.split(":")
        return cls(uuid.UUID(tenant), uuid.UUID(message), int(attempt))


@dataclass(frozen=True, slots=True)
class LogEntry:
    """Events to be added to a log, of which the first has the number `first` in it."""

    key: TurnKey
    first: int
    events: bytes
    seconds: float = LOG_SECONDS


class Store:
    """The way to Redis from one event loop; every method raises `RedisError` or `OSError` when Redis is away."""

    def __init__(self) -> None:
        self._quick = _client(QUICK_SECONDS)
        self._patient = _client(BLOCK_SECONDS * 3)
        self._commit = self._quick.register_script(_COMMIT)
        self._stop = self._quick.register_script(_STOP)

    async def commit(self, entries: Sequence[LogEntry], signs: Sequence[tuple[TurnKey, float]]) -> list[bytes]:
        """Add to logs and renew signs of life (seconds; 0 ends one); return what was left in each sign."""
        keys = [entry.key.log for entry in entries] + [key.owner for key, _ in signs]
        args: list[Any] = [len(entries)]
        for entry in entries:
            args += (entry.first, entry.events, int(entry.seconds * 1000))
        for key, seconds in signs:
            args += (int(seconds * 1000), str(key))
        args.append(int(LOG_SECONDS * 1000))
        said: list[bytes] = await self._commit(keys=keys, args=args)
        return said

    async def read(self, key: TurnKey, after: bytes, *, wait: bool) -> list[tuple[bytes, int, bytes]]:
        """Return what a log has after an entry: id, number of the first event, events; waits up to a second for it."""
        block = int(BLOCK_SECONDS * 1000) if wait else None
        found: Any = await self._patient.xread({key.log: after}, count=200, block=block)
        return [_entry(one) for one in found[0][1]] if found else []

    async def is_owned(self, key: TurnKey) -> bool:
        """Say whether a process is making this attempt."""
        return await self._quick.get(key.owner) in {ON, STOP}

    async def claim(self, key: TurnKey) -> bool:
        """Take an attempt over whose process is gone: True for exactly one of those who try."""
        taken = await self._quick.set(key.owner, LOST, nx=True, px=int(CLAIM_SECONDS * 1000))
        return bool(taken)

    async def ask_to_stop(self, key: TurnKey) -> bool:
        """Leave word for the process that makes this attempt; False when there is none."""
        return bool(await self._stop(keys=[key.owner]))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._quick.aclose()
        await self._patient.aclose()


def ask_to_stop(key: TurnKey) -> None:
    """Leave word for the process that makes an attempt, for synchronous code."""
    with sync_client() as client:
        client.eval(_STOP, 1, key.owner)


_stores: WeakKeyDictionary[asyncio.AbstractEventLoop, Store] = WeakKeyDictionary()


def store() -> Store:
    """Return the store of the running event loop."""
    loop = asyncio.get_running_loop()
    if loop not in _stores:
        _stores[loop] = Store()
    return _stores[loop]


def is_made(key: TurnKey) -> bool:
    """Say whether a process gives signs of life of an attempt, for synchronous code."""
    with sync_client() as client:
        return client.get(key.owner) in {ON, STOP}


def lost_turns() -> list[TurnKey]:
    """Return the attempts that nobody gives a sign of life of, for synchronous code."""
    with sync_client() as client:
        members: Iterable[bytes] = client.smembers(LIVE)
        keys = [TurnKey.parse(member.decode()) for member in members]
        signs: list[Any] = client.mget([key.owner for key in keys]) if keys else []
    return [key for key, sign in zip(keys, signs, strict=True) if sign not in {ON, STOP}]


def forget(keys: Iterable[TurnKey]) -> None:
    """Take attempts off the list of those under way."""
    if names := [str(key) for key in keys]:
        with sync_client() as client:
            client.srem(LIVE, *names)


def erase_logs(keys: Sequence[TurnKey]) -> None:
    """Delete logs, have nothing more written to them, and ask the processes that make these answers to stop."""
    with sync_client() as client:
        for at in range(0, len(keys), _ERASED_AT_ONCE):
            some = keys[at : at + _ERASED_AT_ONCE]
            client.eval(_ERASE, len(some), *(key.log for key in some), int(LOG_SECONDS * 1000))


def logged(key: TurnKey) -> list[tuple[bytes, int, bytes]]:
    """Return all that a log has, for synchronous code."""
    with sync_client() as client:
        found: Any = client.xrange(key.log)
    return [_entry(one) for one in found]


def _entry(found: Any) -> tuple[bytes, int, bytes]:
    entry_id, values = found
    return entry_id, int(values[b"n"]), values[b"e"]


def _client(seconds: float) -> AsyncRedis:
    return AsyncRedis.from_url(
        settings.REDIS_URL,
        socket_timeout=seconds,
        socket_connect_timeout=QUICK_SECONDS,
        retry=AsyncRetry(NoBackoff(), 0),
        protocol=2,
    )


def listening_client() -> AsyncRedis:
    """Return a separate client, which waits for messages without a timeout."""
    return AsyncRedis.from_url(
        settings.REDIS_URL,
        socket_timeout=None,
        socket_connect_timeout=QUICK_SECONDS,
        retry=AsyncRetry(NoBackoff(), 0),
        protocol=2,
    )


def sync_client() -> Redis:
    """Return a client for synchronous code, to be closed."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
