"""One connection: the head of a request arrives whole, in time and in bounds, or the connection ends.

uvicorn waits forever for the rest of a head and keeps as much of it as is sent. `chatcms.server.bodies` bounds the
bodies, because only the door knows how much of one a route takes.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, ClassVar

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chatcms.server.limits import (
    HEAD_SECONDS,
    LINGER_SECONDS,
    MAX_HALF_OPEN,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_UNREAD_BYTES,
)

_REFUSALS = {
    400: ("malformed_request", "This is not HTTP/1.1. Check the request line, the headers and the chunks of the body."),
    408: ("request_timeout", f"The head of a request must arrive within {HEAD_SECONDS:g} seconds. Send it again."),
    431: ("head_too_large", f"Send at most {MAX_HEADERS} headers and {MAX_HEAD_BYTES // 1024} KB of head."),
}


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's protocol with a clock and a measure for heads, and an end to bodies that nobody reads."""

    # In the order of their clocks, of this process.
    half_open: ClassVar[dict[BoundedConnection, None]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clock: asyncio.TimerHandle | None = None
        self._in_head = True
        # Whether what is being parsed holds nothing but a head: what the end of a body came with is not counted.
        self._is_all_head = True
        self._head_bytes = 0
        self._unread_bytes = 0
        self._is_refused = False

    @property
    def _is_idle(self) -> bool:
        """Whether no request waits for its answer."""
        return self.cycle is None or self.cycle.response_complete

    # --- the connection ------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the clock; where too many connections wait for a head, end the one that has waited longest."""
        super().connection_made(transport)
        if len(self.half_open) >= MAX_HALF_OPEN:
            next(iter(self.half_open))._refuse(408)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the connection has been refused."""
        if self._is_refused:
            return
        if self._is_idle and self._clock is None:
            self._start_clock()
        self._is_all_head = True
        super().data_received(data)
        if self._in_head and self._is_all_head and not self._is_refused:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(431)

    # --- what the parser says ------------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, but no trailer: no proxy in front has looked at those."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request if its head is in bounds."""
        if self._is_refused:
            return
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if len(self.headers) > MAX_HEADERS or size > MAX_HEAD_BYTES:
            self._refuse(431)
            return
        self._in_head = False
        self._head_bytes = self._unread_bytes = 0
        self._stop_clock()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a piece of the body, or drop it when the answer is complete."""
        if self._is_refused:
            return
        if self.cycle.response_complete:
            self._unread_bytes += len(body)
            if self._unread_bytes > MAX_UNREAD_BYTES:
                self.transport.abort()
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Expect the next head; after an early answer uvicorn's own clock has been stopped by the rest of the body."""
        if self._is_refused:
            return
        super().on_message_complete()
        self._in_head = True
        self._is_all_head = False
        if self._is_idle:
            self._start_clock()

    def on_response_complete(self) -> None:
        """Give the rest of a body that the answer did not wait for as much time as a head."""
        super().on_response_complete()
        if not self._in_head:
            self._start_clock()

    def send_400_response(self, msg: str) -> None:
        """Refuse what the parser cannot read."""
        self._refuse(400)

    # --- the clock -----------------------------------------------------------------------------------------

    def _start_clock(self) -> None:
        self._stop_clock()
        self.half_open[self] = None
        self._clock = self.loop.call_later(HEAD_SECONDS, self._refuse, 408)

    def _stop_clock(self) -> None:
        self.half_open.pop(self, None)
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _refuse(self, status: int) -> None:
        """End the connection, with an answer where none is under way and the sender has begun a request."""
        if self._is_refused:
            return
        self._is_refused = True
        self._stop_clock()
        begun = self._head_bytes > 0 or status != 408
        unanswered = self._is_idle if self._in_head else not self.cycle.response_started
        if not (begun and unanswered) or self.transport.is_closing():
            self.transport.close()
            return
        self.transport.write(_answer(status))
        # Closing on a sender resets the connection, and the answer is lost.
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)


def _answer(status: int) -> bytes:
    code, detail = _REFUSALS[status]
    title = HTTPStatus(status).phrase
    kind = f"urn:chatcms:problem:{code}"
    body = orjson.dumps({"type": kind, "title": title, "status": status, "detail": detail, "code": code})
    head = f"HTTP/1.1 {status} {title}\r\ncontent-type: application/problem+json\r\ncontent-length: {len(body)}\r\n"
    return head.encode() + b"connection: close\r\n\r\n" + body
