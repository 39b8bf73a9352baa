"""The door for what proxies say: takes the scheme from a trusted one, and notes client addresses that are not read.

A reverse proxy in front changes what a request looks like: every request comes from the proxy's address, over plain
HTTP. `TRUSTED_PROXIES` and `BEHIND_TLS_PROXY` say how much of what it adds is true.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.cache import caches
from redis.exceptions import RedisError

from chatcms.core.http.addresses import CLIENT_HEADERS, FORWARDED_FOR, FORWARDED_PROTO, entry_of_trusted_proxy

Scope = dict[str, Any]
ASGIApp = Callable[[Scope, Any, Any], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

logger = logging.getLogger(__name__)

NOTE = "proxies:unread"
NOTE_SECONDS = 7 * 24 * 3600
# How often a process writes the note: a request must not cost a visit to Redis for it.
NOTE_EVERY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Unread:
    """The last request whose sender was named in a header that is not read: when (Unix seconds), from which peer."""

    at: float
    peer: str
    proxies: int

    @property
    def advice(self) -> str:
        """What it means, and what to set."""
        if self.proxies <= 0:
            return (
                f"Requests from {self.peer} name their client in a forwarded header, which is not read because "
                "TRUSTED_PROXIES is 0: all of them count as one client. If that is your reverse proxy, let it add to "
                "X-Forwarded-For and set TRUSTED_PROXIES to the number of proxies in front."
            )
        return (
            f"Requests from {self.peer} name their client in another header than X-Forwarded-For, which alone is read: "
            "all of them count as one client. Let your reverse proxy add to X-Forwarded-For."
        )


_noted_at = float("-inf")
_noting: asyncio.Task[None] | None = None


def with_proxies(application: ASGIApp) -> ASGIApp:
    """Return an application whose requests have the scheme that the client used."""

    async def at_the_door(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            scope = {**scope, "scheme": _scheme(scope)}
            _note_what_is_not_read(scope)
        await application(scope, receive, send)

    return at_the_door


def attention() -> str:
    """Return what has to be set so that clients are told apart; "" when all is well, as far as requests have shown.

    Raises `RedisError` or `OSError` when the note cannot be read.
    """
    if unread := last_unread():
        return unread.advice
    if settings.BEHIND_TLS_PROXY and settings.TRUSTED_PROXIES <= 0:
        return (
            "BEHIND_TLS_PROXY is on and TRUSTED_PROXIES is 0: all clients count as one. Set TRUSTED_PROXIES to the "
            "number of proxies in front."
        )
    return ""


def last_unread() -> Unread | None:
    """Return the note of the last week about the present setting; None without one."""
    noted: Any = caches["global"].get(NOTE)
    return Unread(**noted) if noted and noted["proxies"] == settings.TRUSTED_PROXIES else None


def _scheme(scope: Scope) -> str:
    own = str(scope.get("scheme", "http"))
    if not settings.BEHIND_TLS_PROXY:
        return own
    sent = _joined(scope["headers"], FORWARDED_PROTO)
    # Without a count of proxies the peer is still one: the operator says that TLS ends there.
    said = (entry_of_trusted_proxy(sent) or sent.rpartition(",")[2].strip()).lower()
    return said if said in {"http", "https"} else own


def _note_what_is_not_read(scope: Scope) -> None:
    global _noted_at, _noting  # noqa: PLW0603 - one for the process
    now = time.monotonic()
    if now - _noted_at < NOTE_EVERY_SECONDS or not _is_unread(scope["headers"]):
        return
    _noted_at = now
    peer = str((scope.get("client") or ("a socket",))[0])
    unread = Unread(time.time(), peer, settings.TRUSTED_PROXIES)
    logger.warning("%s", unread.advice)
    # The request does not wait for it: Redis may be slow.
    _noting = asyncio.create_task(sync_to_async(_keep)(unread))


def _is_unread(headers: Headers) -> bool:
    """Say whether a header names the client and none is read: no proxy is trusted, or it sends another header."""
    names = {name for name, _ in headers} & CLIENT_HEADERS
    return bool(names) and (settings.TRUSTED_PROXIES <= 0 or FORWARDED_FOR not in names)


def _keep(unread: Unread) -> None:
    try:
        caches["global"].set(NOTE, asdict(unread), timeout=NOTE_SECONDS)
    except (RedisError, OSError) as error:
        logger.warning("This could not be noted while Redis does not answer: %s", type(error).__name__)


def _joined(headers: Headers, wanted: bytes) -> str:
    return ",".join(value.decode("latin-1") for name, value in headers if name == wanted)
