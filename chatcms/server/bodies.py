"""Receives a body: counted as it comes, in time, in memory while it is small, on the disk after a credential only."""

from __future__ import annotations

import asyncio
import time
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol

from django.conf import settings

from chatcms.core.http.wholebody import Receive
from chatcms.server.exceptions import BodyTooSlowError
from chatcms.server.limits import BODY_SECONDS, MIN_BYTES_PER_SECOND
from chatcms.server.mediatypes import PartHeads


class DisconnectedError(Exception):
    """The sender went away before the body was complete."""


class Measure(Protocol):
    """Says whether so many bytes may come; raises what is to be answered when not."""

    async def __call__(self, size: int) -> None: ...


async def received(receive: Receive, *, measure: Measure, boundary: bytes | None) -> IO[bytes]:
    """Return the whole body as a file, at its beginning; the caller closes it.

    Raises `DisconnectedError`, `BodyTooSlowError`, and what `measure` and `PartHeads` raise.
    """
    file: IO[bytes] = SpooledTemporaryFile(settings.FILE_UPLOAD_MAX_MEMORY_SIZE)  # noqa: SIM115 - the caller closes it
    heads = PartHeads(boundary) if boundary else None
    size, deadline = 0, time.monotonic() + BODY_SECONDS
    try:
        while True:
            message = await _next(receive, deadline)
            piece: bytes = message.get("body", b"")
            size += len(piece)
            asked = time.monotonic()
            await measure(size)
            # What the sender had to wait for is not held against it.
            deadline += len(piece) / MIN_BYTES_PER_SECOND + time.monotonic() - asked
            if heads is not None:
                heads.feed(piece)
            file.write(piece)
            if not message.get("more_body", False):
                file.seek(0)
                return file
    except BaseException:
        file.close()
        raise


async def _next(receive: Receive, deadline: float) -> dict[str, Any]:
    patience = min(BODY_SECONDS, deadline - time.monotonic())
    try:
        async with asyncio.timeout(patience):
            message = await receive()
    except TimeoutError:
        raise BodyTooSlowError from None
    if message["type"] == "http.disconnect":
        raise DisconnectedError
    return message
