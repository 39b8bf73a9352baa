"""Answers that a test puts into the fake provider's mouth, byte by byte, and the requests that they answered."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Then = Literal["close", "hang", "reset"]
EVENTS = (("content-type", "text/event-stream"),)
JSON = (("content-type", "application/json"),)


@dataclass(frozen=True)
class Reply:
    """One answer: bytes, each written by itself, and seconds to wait between them; and what happens after them."""

    pieces: tuple[bytes | float, ...]
    status: int = 200
    headers: tuple[tuple[str, str], ...] = EVENTS
    then: Then = "close"

    def dump(self) -> dict[str, Any]:
        """Return it as JSON."""
        pieces = [p if isinstance(p, float) else base64.b64encode(p).decode() for p in self.pieces]
        return {"pieces": pieces, "status": self.status, "headers": self.headers, "then": self.then}

    @classmethod
    def load(cls, stored: dict[str, Any]) -> Reply:
        """Read what `dump` returned."""
        pieces = tuple(p if isinstance(p, float) else base64.b64decode(p) for p in stored["pieces"])
        headers = tuple((name, value) for name, value in stored["headers"])
        return cls(pieces, stored["status"], headers, stored["then"])


class Exchange(Protocol):
    """What a script needs of a request."""

    scope: dict[str, Any]
    send: Any
    body: dict[str, Any]

    async def write(self, data: bytes, *, more: bool = True) -> None: ...

    async def pause(self, seconds: float) -> None: ...


@dataclass
class Scripts:
    """By model, or by path for requests that name none: the answers in their order, of which the last one stays."""

    replies: dict[str, list[Reply]] = field(default_factory=dict)
    heard: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def put(self, told: dict[str, Any]) -> None:
        """Take the answers that a test sends."""
        self.replies[told["key"]] = [Reply.load(each) for each in told["replies"]]

    def forget(self) -> None:
        """Forget all answers and requests."""
        self.replies.clear()
        self.heard.clear()

    def next_for(self, exchange: Exchange) -> Reply | None:
        """Return the answer to a request, None where no test has put one."""
        path = str(exchange.scope["path"])
        key = next((key for key in (path, str(exchange.body.get("model"))) if key in self.replies), None)
        if key is None:
            return None
        self.heard.setdefault(key, []).append({"path": path, **exchange.body})
        waiting = self.replies[key]
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]


SCRIPTS = Scripts()


async def perform(exchange: Exchange, reply: Reply, reset: Callable[[dict[str, Any]], None]) -> None:
    """Give an answer."""
    headers = [(name.encode(), value.encode()) for name, value in reply.headers]
    await exchange.send({"type": "http.response.start", "status": reply.status, "headers": headers})
    for piece in reply.pieces:
        if isinstance(piece, float):
            await exchange.pause(piece)
        else:
            await exchange.write(piece)
    if reply.then == "hang":
        await exchange.pause(3600)
    elif reply.then == "reset":
        await exchange.pause(0.02)
        reset(exchange.scope)
    else:
        await exchange.write(b"", more=False)


def says(document: Any, status: int = 200) -> Reply:
    """Return the reply that is a document."""
    return Reply((json.dumps(document).encode(),), status=status, headers=JSON)
