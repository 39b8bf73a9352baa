"""Keeps a vendor's client, with its warm connections, for each address and key within an event loop.

Building an SDK's client and a TLS connection takes longer than a whole streamed answer.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar
from weakref import WeakKeyDictionary

import httpx2

from chatcms.core.outbound import egress
from providers.types import ProviderConfig

_MAX_CLIENTS_PER_LOOP = 64
# What every SDK may send: an organization, a project, custom headers could only come from the environment
_HEADERS = frozenset(
    {
        "accept",
        "accept-encoding",
        "connection",
        "content-length",
        "content-type",
        "host",
        "idempotency-key",
        "user-agent",
    }
)


class Closable(Protocol):
    """What every SDK's client can do."""

    async def close(self) -> None: ...


ClientT = TypeVar("ClientT", bound=Closable)


def http_client(
    config: ProviderConfig, authorize: Callable[[httpx2.Headers], None], *, also_sent: frozenset[str] = frozenset()
) -> httpx2.AsyncClient:
    """Build the HTTP client that an SDK is given: it goes where it may, and carries the key that `authorize` sets."""

    async def keep_to_our_own(request: httpx2.Request) -> None:
        headers = request.headers
        for name in list(headers):
            if name not in _HEADERS and name not in also_sent and not name.startswith("x-stainless-"):
                del headers[name]
        authorize(headers)

    client = egress.async_client(
        egress.EgressPolicy(egress.Purpose.PROVIDER, config.allow_private_hosts),
        timeout=httpx2.Timeout(None, connect=config.timeouts.connect),
    )
    client.event_hooks = {"request": [keep_to_our_own]}
    return client


@dataclass
class _Entry(Generic[ClientT]):
    client: ClientT
    users: int = 0
    evicted: bool = False


class ClientPool(Generic[ClientT]):
    """A bounded pool of clients of one SDK, per event loop; a client in use is never closed."""

    def __init__(self) -> None:
        self._loops: WeakKeyDictionary[asyncio.AbstractEventLoop, OrderedDict[tuple[object, ...], _Entry[ClientT]]] = (
            WeakKeyDictionary()
        )

    @asynccontextmanager
    async def lease(self, config: ProviderConfig, build: Callable[[], ClientT]) -> AsyncIterator[ClientT]:
        """Lend the running loop the client of this address and key, which `build` makes if there is none."""
        entries = self._loops.setdefault(asyncio.get_running_loop(), OrderedDict())
        key = _identity(config)
        entry = entries.get(key)
        if entry is None:
            entry = entries[key] = _Entry(build())
        entries.move_to_end(key)
        entry.users += 1
        try:
            if len(entries) > _MAX_CLIENTS_PER_LOOP:
                await self._evict(entries.popitem(last=False)[1])
            yield entry.client
        finally:
            entry.users -= 1
            if entry.evicted and not entry.users:
                await entry.client.close()

    async def close(self, config: ProviderConfig) -> None:
        """Close the client of this address and key in the running loop, once nobody uses it."""
        entries = self._loops.get(asyncio.get_running_loop(), OrderedDict())
        entry = entries.pop(_identity(config), None)
        if entry is not None:
            await self._evict(entry)

    @staticmethod
    async def _evict(entry: _Entry[ClientT]) -> None:
        entry.evicted = True
        if not entry.users:
            await entry.client.close()


def _identity(config: ProviderConfig) -> tuple[object, ...]:
    digest = hashlib.sha256(config.api_key.encode("utf-8", "replace")).digest()
    return (config.kind, config.base_url, digest, config.timeouts.connect, config.allow_private_hosts)
