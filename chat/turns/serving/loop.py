"""Joins Django's synchronous world, where a response is prepared, to the event loop, where it is made."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Protocol

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from tenants.context import release_connection


class LoopResponse(HttpResponse, ABC):
    """What a synchronous view returns whose response is made on the event loop, without thread and connection."""

    @abstractmethod
    async def made(self) -> HttpResponseBase:
        """Make the response; the headers of this one are added to it."""

    def abandon(self) -> None:
        """Nobody is there to get the response any more."""


_prepared: set[asyncio.Future[HttpResponseBase]] = set()


def on_the_loop(view: Callable[..., HttpResponseBase]) -> Callable[..., Coroutine[Any, Any, HttpResponseBase]]:
    """Make a synchronous view asynchronous: it runs in a thread, and a `LoopResponse` of its is made on the event loop.

    A caller who goes away in that moment leaves nothing half done: a turn that has been started is ended.
    """

    def prepared(*args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(*args, **kwargs)
        finally:
            release_connection()

    @wraps(view)
    async def answered(*args: Any, **kwargs: Any) -> HttpResponseBase:
        preparing = asyncio.ensure_future(sync_to_async(prepared)(*args, **kwargs))
        _prepared.add(preparing)
        preparing.add_done_callback(_prepared.discard)
        try:
            response = await asyncio.shield(preparing)
        except asyncio.CancelledError:
            preparing.add_done_callback(_abandon)
            raise
        return await _made(response) if isinstance(response, LoopResponse) else response

    return answered


async def _made(response: LoopResponse) -> HttpResponseBase:
    made = await response.made()
    for name, value in response.items():
        if name != "Content-Type":
            made.headers.setdefault(name, value)
    return made


def _abandon(preparing: asyncio.Future[HttpResponseBase]) -> None:
    if preparing.cancelled() or preparing.exception():
        return
    if isinstance(response := preparing.result(), LoopResponse):
        response.abandon()


class Leavable(Protocol):
    """What somebody reads from who may go away."""

    def leave(self) -> None:
        """The reader leaves; does not wait."""
        ...


def leave_with(response: StreamingHttpResponse, reader: Leavable) -> None:
    """Leave the reader when the response is closed: also one that nobody ever reads from is, in some thread."""
    loop = asyncio.get_running_loop()

    def leave() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(reader.leave)

    response._resource_closers.append(leave)  # type: ignore[attr-defined]
