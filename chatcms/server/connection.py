"""One connection: the head of a request arrives whole, in time and in bounds, or the connection ends.

uvicorn waits forever for the rest of a head and keeps as much of it as is sent, and waits forever for a reader who
reads nothing. `chatcms.server.bodies` bounds the bodies, because only the door knows how much of one a route takes.

No other protocol is spoken here than HTTP/1.1. An offer of another one (`Upgrade: h2c`, as Java's client makes;
WebSocket) is passed over, as the standard has it: the parser would take the request's body for the other protocol's.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, ClassVar

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from chatcms.core.api.problems import problem
from chatcms.core.api.shapes import written
from chatcms.server.limits import (
    HEAD_SECONDS,
    LINGER_SECONDS,
    MAX_HALF_OPEN,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_SENT_AHEAD,
    MAX_UNREAD_BYTES,
    MIN_READ_BYTES,
    READ_SECONDS,
)

_REFUSALS = {
    405: ("method_not_allowed", "No tunnels are dug here. Ask for an address of this server."),
    400: ("malformed_request", "This is not HTTP/1.1. Check the request line, the headers and the chunks of the body."),
    408: ("request_timeout", f"The head of a request must arrive within {HEAD_SECONDS:g} seconds. Send it again."),
    431: ("head_too_large", f"Send at most {MAX_HEADERS} headers and {MAX_HEAD_BYTES // 1024} KB of head."),
}


class BoundedConnection(HttpToolsProtocol):
    """uvicorn's protocol with a clock and a measure for heads, and an end to bodies and answers that nobody reads."""

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
        self._offers_upgrade = False
        self._reader_clock: asyncio.TimerHandle | None = None
        self._unsent_bytes = 0

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
        """Stop the clocks."""
        self._stop_clock()
        self._stop_reader_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what came, unless the connection has been refused."""
        if self._is_refused:
            return
        if self._is_idle and self._clock is None:
            self._start_clock()
        self._is_all_head = True
        self._unset_keepalive_if_required()
        self._parse(data)
        if self._in_head and self._is_all_head and not self._is_refused:
            self._head_bytes += len(data)
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse(431)

    def _parse(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError:
            self._refuse(400)
        except httptools.HttpParserUpgrade as offered:
            if self._is_refused:
                return
            if self.parser.get_method() == b"CONNECT":
                self._refuse(405)
                return
            head, self._offers_upgrade = self._head_without_offer(), False
            self.parser = httptools.HttpRequestParser(self)
            self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
            self._parse(head + data[offered.args[0] :])

    def _head_without_offer(self) -> bytes:
        """Return the head that was parsed, without what it offers; every part of it has passed the parser."""
        version = self.parser.get_http_version().encode()
        lines = [self.parser.get_method() + b" " + self.url + b" HTTP/" + version]
        lines += [name + b": " + value for name, value in self.headers if name not in {b"upgrade", b"http2-settings"}]
        return b"\r\n".join(lines) + b"\r\n\r\n"

    # --- the reader of the answer --------------------------------------------------------------------------

    def pause_writing(self) -> None:
        """Start the reader's clock: the answer waits for it."""
        super().pause_writing()
        self._start_reader_clock()

    def resume_writing(self) -> None:
        """Stop the reader's clock."""
        self._stop_reader_clock()
        super().resume_writing()

    def _start_reader_clock(self) -> None:
        self._stop_reader_clock()
        self._unsent_bytes = self.transport.get_write_buffer_size()
        if self._unsent_bytes:
            self._reader_clock = self.loop.call_later(READ_SECONDS, self._look_at_reader)

    def _stop_reader_clock(self) -> None:
        if self._reader_clock is not None:
            self._reader_clock.cancel()
            self._reader_clock = None

    def _look_at_reader(self) -> None:
        """End the connection of a reader who has taken next to nothing since the last look."""
        unsent = self.transport.get_write_buffer_size()
        # While an answer is being written and does not wait for its reader, what is unsent has been added since.
        is_still = self.flow.write_paused or self._is_idle or self._is_refused
        if unsent and is_still and self._unsent_bytes - unsent < MIN_READ_BYTES:
            self.transport.abort()
        else:
            self._start_reader_clock()

    # --- what the parser says ------------------------------------------------------------------------------

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, but no trailer: no proxy in front has looked at those."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Start the request if its head is in bounds."""
        self._offers_upgrade = self.parser.should_upgrade()
        if self._is_refused or self._offers_upgrade:
            return
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if len(self.headers) > MAX_HEADERS or size > MAX_HEAD_BYTES:
            self._refuse(431)
            return
        if len(self.pipeline) >= MAX_SENT_AHEAD:
            self._refuse(400)
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
        if self._is_refused or self._offers_upgrade:
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
        # Closing, too, waits for what is not sent yet.
        self._start_reader_clock()

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
        is_free = self._take_answer()
        if not (begun and is_free) or self.transport.is_closing():
            self.transport.close()
            self._start_reader_clock()
            return
        self.transport.write(_answer(self.path_asked, status))
        # Closing on a sender resets the connection, and the answer is lost.
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.close)

    def _take_answer(self) -> bool:
        """Say whether no answer is under way; a request that is still being read gets none any more but this."""
        if self._is_idle:
            return True
        if self._in_head or self.cycle.response_started or self.pipeline:
            return False
        self.cycle.disconnected = True
        self.cycle.message_event.set()
        return True

    @property
    def path_asked(self) -> str:
        """The path that the head names, as far as it has been read."""
        return getattr(self, "url", b"").partition(b"?")[0].decode("latin-1")


def _answer(path: str, status: int) -> bytes:
    code, detail = _REFUSALS[status]
    it = written(path, problem(status=status, code=code, detail=detail))
    lines = [
        f"HTTP/1.1 {it.status} {HTTPStatus(it.status).phrase}",
        f"content-type: {it.content_type}",
        f"content-length: {len(it.body)}",
        "connection: close",
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + it.body
