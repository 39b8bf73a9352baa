"""Encodes server-sent events and keeps a quiet stream alive."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from typing import Any

import orjson

CONTENT_TYPE = "text/event-stream; charset=utf-8"
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-cache, no-transform",
    "X-Accel-Buffering": "no",
    "X-Content-Type-Options": "nosniff",
}
HEARTBEAT = b": ping\n\n"
HEARTBEAT_SECONDS = 12.0
_LINE_BREAK = re.compile(rb"\r\n|\r|\n")


def encode_event(name: str, data: Mapping[str, Any], event_id: str | int | None = None) -> bytes:
    """Encode one named event with a JSON body, `event:`/`id:`/`data:` lines and the blank line that ends it."""
    head = b"event: " + name.encode() + b"\n"
    if event_id is not None:
        head += b"id: " + str(event_id).encode() + b"\n"
    return head + encode_data(orjson.dumps(data))


def encode_data(body: bytes) -> bytes:
    """Encode an unnamed event; every line of `body` becomes a `data:` line, whatever ends it."""
    if b"\n" in body or b"\r" in body:
        return b"".join(b"data: " + line + b"\n" for line in _LINE_BREAK.split(body)) + b"\n"
    return b"data: " + body + b"\n\n"


async def with_heartbeat(
    events: AsyncIterator[bytes], *, seconds: float = HEARTBEAT_SECONDS
) -> AsyncIterator[bytes]:
    """Pass `events` on, with a comment line whenever nothing came for `seconds`.

    The source is read by a task of its own, so that a pause never cancels the read in progress; when the
    reader goes away the task is cancelled and awaited, which runs the source's own clean-up. What has piled
    up while the reader was busy goes out in one piece. The queue is bounded by the length of one answer.
    """
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()
    pump = asyncio.create_task(_pump(events, queue))
    try:
        while True:
            try:
                async with asyncio.timeout(seconds):
                    first = await queue.get()
            except TimeoutError:
                yield HEARTBEAT
                continue
            pieces, ended = _drain(first, queue)
            if pieces:
                yield b"".join(pieces)
            if ended:
                break
        await pump
    finally:
        if not pump.done():
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)


def _drain(first: bytes | None, queue: asyncio.Queue[bytes | None]) -> tuple[list[bytes], bool]:
    pieces: list[bytes] = []
    item = first
    while item is not None:
        pieces.append(item)
        if queue.empty():
            return pieces, False
        item = queue.get_nowait()
    return pieces, True


async def _pump(events: AsyncIterator[bytes], queue: asyncio.Queue[bytes | None]) -> None:
    try:
        async for item in events:
            queue.put_nowait(item)
    finally:
        queue.put_nowait(None)
