"""Joins DRF's synchronous world, where a turn is started, to the asynchronous one, where it is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from chat.turns.events import TurnEvent
from chat.turns.live.reader import AnswerReader, Opener
from chatcms.core import sse

T = TypeVar("T")
Face = Callable[[AnswerReader], Awaitable[HttpResponseBase]]


class Continued(HttpResponse):
    """What a view returns whose response is made on the event loop, without thread and connection."""

    def __init__(self, make: Callable[[], Awaitable[HttpResponseBase]]) -> None:
        super().__init__()
        self._make = make

    async def reply(self) -> HttpResponseBase:
        """Return the response, with the headers of this one."""
        answered = await self._make()
        for name, value in self.items():
            if name != "Content-Type":
                answered.headers.setdefault(name, value)
        return answered

    def abandon(self) -> None:
        """Nobody is there to get the response any more."""


class StartedTurn(Continued):
    """What a view returns when its turn has been started.

    `open` begins to read the answer, `face` makes the response of what is read.
    """

    def __init__(self, open: Opener, face: Face, *, replayed: bool = False) -> None:
        super().__init__(self._answered)
        self._open = open
        self._face = face
        if replayed:
            self.headers["Idempotency-Replayed"] = "true"

    def abandon(self) -> None:
        """Nobody is there to read the answer any more."""
        self._open().leave()

    async def _answered(self) -> HttpResponseBase:
        reader = self._open()
        try:
            answered = await self._face(reader)
        except BaseException:
            await reader.aclose()
            raise
        if isinstance(answered, StreamingHttpResponse):
            # Also one that nobody ever reads from is closed, in some thread.
            answered._resource_closers.append(_leaver(reader))  # type: ignore[attr-defined]
        return answered


_starting: set[asyncio.Future[HttpResponseBase]] = set()


async def started(start: Callable[..., HttpResponseBase], *args: Any, **kwargs: Any) -> HttpResponseBase:
    """Call `start` in a thread and go on with what it returns.

    A caller who goes away in that moment leaves nothing half done: a turn that has been started is ended.
    """
    starting = asyncio.ensure_future(sync_to_async(start)(*args, **kwargs))
    _starting.add(starting)
    starting.add_done_callback(_starting.discard)
    try:
        response = await asyncio.shield(starting)
    except asyncio.CancelledError:
        starting.add_done_callback(_abandon)
        raise
    return await response.reply() if isinstance(response, Continued) else response


def _abandon(starting: asyncio.Future[HttpResponseBase]) -> None:
    if starting.cancelled() or starting.exception():
        return
    if isinstance(response := starting.result(), Continued):
        response.abandon()


class _Leavable(Protocol):
    """What somebody reads from who may go away."""

    def leave(self) -> None: ...


def _leaver(reader: _Leavable) -> Callable[[], None]:
    loop = asyncio.get_running_loop()

    def leave() -> None:
        if not loop.is_closed():
            loop.call_soon_threadsafe(reader.leave)

    return leave


def event_stream(
    reader: AnswerReader, encode: Callable[[TurnEvent], bytes], first: Sequence[TurnEvent] = ()
) -> StreamingHttpResponse:
    """Return the response that sends a turn's events as they come, after those read already, with heartbeats."""

    async def pieces() -> AsyncIterator[bytes]:
        if begun := b"".join(map(encode, first)):
            yield begun
        async for piece in sse.stream(reader, encode):
            yield piece

    return StreamingHttpResponse(pieces(), content_type=sse.CONTENT_TYPE, headers=dict(sse.HEADERS))


def endless_stream(source: AsyncGenerator[T, None], encode: Callable[[T], bytes]) -> StreamingHttpResponse:
    """Return the response that sends what a source gives as it comes, with heartbeats, until its reader leaves."""
    pump = sse.Pump(source)
    answered = StreamingHttpResponse(sse.stream(pump, encode), content_type=sse.CONTENT_TYPE, headers=dict(sse.HEADERS))
    # Also one that nobody ever reads from is closed, in some thread.
    answered._resource_closers.append(_leaver(pump))  # type: ignore[attr-defined]
    return answered
