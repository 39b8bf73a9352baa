"""ASGI `receive`s of a body that the door has dealt with: one that is whole, and one that is withheld."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import IO, Any

Receive = Callable[[], Awaitable[dict[str, Any]]]
PIECE_BYTES = 256 * 1024


class WholeBody:
    """An ASGI `receive` with the whole body at hand; `take` gives the file itself to who can use one."""

    def __init__(self, file: IO[bytes], receive: Receive) -> None:
        self._file = file
        self._receive = receive
        self._is_taken = False

    def take(self) -> IO[bytes]:
        """Return the body as a file, for the caller to close."""
        self._is_taken = True
        return self._file

    async def __call__(self) -> dict[str, Any]:
        """Return the next piece of the body, then what the connection says."""
        if self._is_taken:
            return await self._receive()
        piece = self._file.read(PIECE_BYTES)
        self._is_taken = len(piece) < PIECE_BYTES
        return {"type": "http.request", "body": piece, "more_body": not self._is_taken}


class NoBody:
    """An ASGI `receive` of a body that is withheld: empty. What the sender still sends, nobody asks for."""

    def __init__(self) -> None:
        self._is_read = False

    async def __call__(self) -> dict[str, Any]:
        """Return the empty body, then wait until the answer is given."""
        if self._is_read:
            await asyncio.Event().wait()
        self._is_read = True
        return {"type": "http.request", "body": b"", "more_body": False}
