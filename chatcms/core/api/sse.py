"""Encodes server-sent events and keeps a quiet stream alive."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Generic, Protocol, TypeVar

import orjson
from django.conf import settings

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
T_contra = TypeVar("T_contra", contravariant=True)

CONTENT_TYPE = "text/event-stream; charset=utf-8"
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
HEARTBEAT = b": ping\n\n"
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")


def encode_event(name: str, data: Mapping[str, Any], event_id: str | int | None = None) -> bytes:
    """Encode one named event with a JSON body, `event:`/`id:`/`data:` lines and the blank line that ends it."""
    if event_id is None:
        return b"event: %b\n%b" % (name.encode(), encode_data(orjson.dumps(data)))
    return b"event: %b\nid: %b\n%b" % (name.encode(), str(event_id).encode(), encode_data(orjson.dumps(data)))


def encode_data(body: bytes) -> bytes:
    """Encode an unnamed event; every line of `body` becomes a `data:` line, whatever ends it."""
    if b"\n" in body or b"\r" in body:
        return b"".join(b"data: " + line + b"\n" for line in _LINE_BREAK.split(body)) + b"\n"
    return b"data: " + body + b"\n\n"


class Pump(Generic[T]):
    """Reads a source in a task of its own, so that whoever waits for it may stop waiting at any time.

    A pause never cancels the read in progress. What piles up while the reader is busy is handed over at once;
    it is bounded by the length of one answer. `aclose` cancels the read and waits until the source has cleaned up.
    """

    def __init__(self, source: AsyncGenerator[T, None]) -> None:
        self._items: deque[T] = deque()
        self._news = asyncio.Event()
        self._task = asyncio.create_task(self._read(source))

    async def _read(self, source: AsyncGenerator[T, None]) -> None:
        try:
            async with aclosing(source) as items:
                async for item in items:
                    self._items.append(item)
                    self._news.set()
        finally:
            self._news.set()

    async def batch(self, seconds: float) -> list[T] | None:
        """Return what has come, after at most `seconds` ([] if nothing has); None when the source is at its end.

        Raises what the source raised, after all it had yielded.
        """
        if not self._items and not self._task.done():
            self._news.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._news.wait()
            except TimeoutError:
                return []
        if not self._items:
            await self._task
            return None
        items = list(self._items)
        self._items.clear()
        return items

    async def aclose(self) -> None:
        """End the read, at once if it is under way; safe to call again."""
        self.leave()
        await asyncio.gather(self._task, return_exceptions=True)

    def leave(self) -> None:
        """End the read without waiting for it."""
        if not self._task.done():
            self._task.cancel()


class Batches(Protocol[T_co]):
    """What a stream is read from: a `Pump`, or what behaves like one."""

    async def batch(self, seconds: float) -> Sequence[T_co] | None: ...
    async def aclose(self) -> None: ...


class Writer(Protocol[T_contra]):
    """What writes the items of a stream; it may give nothing for one."""

    def encode(self, item: T_contra, /) -> bytes: ...


async def stream(source: Batches[T], writer: Writer[T], *, seconds: float | None = None) -> AsyncIterator[bytes]:
    """Yield the items encoded, those that came together in one piece, and a comment line in each silence.

    What the writer gives nothing for is silence too. Silence is `seconds` long, or as long as the settings say.
    """
    seconds = settings.STREAM_HEARTBEAT_SECONDS if seconds is None else seconds
    said_at = time.monotonic()
    try:
        while (items := await source.batch(seconds)) is not None:
            piece = b"".join([writer.encode(item) for item in items])
            if not piece and time.monotonic() - said_at >= seconds:
                piece = HEARTBEAT
            if piece:
                said_at = time.monotonic()
                yield piece
    finally:
        await source.aclose()
