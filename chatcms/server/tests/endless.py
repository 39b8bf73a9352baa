"""An application with answers that are longer than any buffer: a stream in pieces, and a file in one piece."""

from __future__ import annotations

import asyncio
import os
from typing import Any

PIECE = b"x" * 65_536
PIECES = 400
_ENDED = os.open(os.environ["ENDED"], os.O_WRONLY | os.O_APPEND) if "ENDED" in os.environ else 2


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer; leave a line when the answer has ended, however it did."""
    path = scope["path"]
    try:
        await _answer(path, send, receive)
    finally:
        os.write(_ENDED, f"{path}\n".encode())


async def _answer(path: str, send: Any, receive: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    if path == "/stream":
        gone = asyncio.ensure_future(_gone(receive))
        while not gone.done():
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
            await asyncio.sleep(0)
    elif path == "/file":
        for number in range(1, PIECES + 1):
            await send({"type": "http.response.body", "body": PIECE, "more_body": number < PIECES})
    else:
        await send({"type": "http.response.body", "body": b"here"})


async def _gone(receive: Any) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
