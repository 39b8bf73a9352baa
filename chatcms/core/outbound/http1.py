"""An HTTP/1.1 transport for httpx2 on asyncio and httptools; `chatcms.core.outbound.egress` says where it may connect.

httpx2's own transport parses in Python and wakes once per chunk, at several times the processor time of a
whole streamed answer. Here llhttp parses, and all that one read brought is handed over as one piece.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from typing import cast

import httptools
import httpx2

from chatcms.core.outbound.inflate import PLAIN, InflateError, Inflater

Origin = tuple[str, str, int]
Dial = Callable[[httpx2.URL, float | None], Awaitable["Connection"]]

_MAX_HEAD_BYTES = 64 * 1024
_HIGH_WATER = 256 * 1024
_IDLE_SECONDS = 30.0
_MAX_IDLE_PER_ORIGIN = 64
_DEFAULT_PORTS = {"http": 80, "https": 443}
_ABOUT_PACKED = frozenset({b"content-encoding", b"content-length"})
_NAME = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_TARGET = re.compile(rb"[\x21-\x7e]+")


class ResponseRefusedError(httpx2.TransportError):
    """The answer is not HTTP/1.1, too large, or compressed in a way that cannot be unpacked."""


class _Answer:
    """What llhttp says of the answer to one request; `error` is set where it cannot be taken."""

    def __init__(self, *, max_bytes: int, bodyless: bool) -> None:
        self.parser = httptools.HttpResponseParser(self)
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.chunks: list[bytes] = []
        self.buffered = 0
        self.head_done = False
        self.complete = False
        self.keep_alive = False
        self.ends_with_connection = False
        self.error: httpx2.TransportError | None = None
        self._bodyless = bodyless
        self._inflater: Inflater | None = None
        self._bytes_left = max_bytes
        self._head_bytes_left = _MAX_HEAD_BYTES

    def feed(self, data: bytes) -> None:
        try:
            self.parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self.refuse("the answer is not HTTP/1.1")

    def take(self) -> bytes:
        data = self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks)
        self.chunks = []
        self.buffered = 0
        return data

    def refuse(self, why: str) -> None:
        self.error = self.error or ResponseRefusedError(why)

    def raise_if_refused(self) -> None:
        if self.error is not None:
            raise self.error

    def on_message_begin(self) -> None:
        if self.head_done:
            self.refuse("a second answer came to one request")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head_bytes_left -= len(name) + len(value)
        if self._head_bytes_left < 0:
            self.refuse("the answer's headers are too large")
        else:
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        status = self.parser.get_status_code()
        if 100 <= status < 200:
            self.headers = []
            return
        names = {name.lower(): value.lower() for name, value in self.headers}
        if (encoding := names.get(b"content-encoding", b"").strip()) not in PLAIN and not self._bodyless:
            self._unpack(encoding)
        self.status = status
        self.ends_with_connection = b"content-length" not in names and b"transfer-encoding" not in names
        self.keep_alive = self.parser.should_keep_alive() and not self._bodyless
        self.head_done = True
        self.complete = self._bodyless

    def _unpack(self, encoding: bytes) -> None:
        """Unpack the body here, within the limit of its size; whoever reads it is told of none of that."""
        try:
            self._inflater = Inflater(encoding)
        except InflateError:
            self.refuse("the answer is compressed")
        self.headers = [(name, value) for name, value in self.headers if name.lower() not in _ABOUT_PACKED]

    def on_body(self, data: bytes) -> None:
        if self._inflater is None:
            self._add(data)
            return
        try:
            for piece in self._inflater.feed(data):
                self._add(piece)
                if self.error is not None:
                    return
        except InflateError:
            self.refuse("the answer's compression is broken")

    def _add(self, data: bytes) -> None:
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            self.refuse("the answer is too large")
            return
        self.buffered += len(data)
        self.chunks.append(data)

    def on_message_complete(self) -> None:
        if self._inflater is not None and not self._inflater.is_whole:
            self.refuse("the answer's compression is broken off")
        if self.head_done:
            self.complete = True


class Connection(asyncio.Protocol):
    """One connection to one origin; it carries one exchange at a time."""

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._answer: _Answer | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._idle_timer: asyncio.TimerHandle | None = None
        self._broken: httpx2.TransportError = httpx2.RemoteProtocolError(
            "the connection was closed before the answer was complete"
        )
        self.closed = False

    async def exchange(self, request: bytes, answer: _Answer, timeout: float | None) -> None:
        """Write the request and wait for the status and headers of its answer."""
        self._answer = answer
        self._transport.write(request)
        while not answer.head_done:
            await self._more(answer, timeout)
        answer.raise_if_refused()

    async def read(self, answer: _Answer, timeout: float | None) -> bytes:
        """Return all of the body that has arrived, waiting for some; b"" at its end."""
        while not answer.chunks:
            answer.raise_if_refused()
            if answer.complete:
                return b""
            await self._more(answer, timeout)
        if answer.buffered > _HIGH_WATER and not self.closed:
            self._transport.resume_reading()
        return answer.take()

    def abort(self) -> None:
        """Close at once, whatever is on its way."""
        self.closed = True
        self.wake_from_rest()
        self._transport.abort()

    def rest(self) -> None:
        """Wait for the next exchange, but not for long."""
        self._answer = None
        self._idle_timer = self._loop.call_later(_IDLE_SECONDS, self.abort)

    def wake_from_rest(self) -> None:
        """Stop the clock of the rest."""
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None

    async def _more(self, answer: _Answer, timeout: float | None) -> None:
        answer.raise_if_refused()
        if self.closed:
            raise self._broken
        waiter = self._waiter = self._loop.create_future()
        timer = None if timeout is None else self._loop.call_later(timeout, _expire, waiter)
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        answer = self._answer
        if answer is None or answer.complete:
            self.abort()  # nobody asked for it: what it means could only be guessed
            return
        answer.feed(data)
        if answer.error is not None:
            self.abort()
        elif answer.buffered > _HIGH_WATER:
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = True
        answer = self._answer
        if exc is not None:
            self._broken = httpx2.ReadError("the connection was reset")
        elif answer is not None and answer.head_done and answer.ends_with_connection:
            answer.complete = True
        self._wake()


def _expire(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_exception(httpx2.ReadTimeout("nothing came in time"))


class _Body(httpx2.AsyncByteStream):
    """The body of one answer; closing it early closes the connection."""

    def __init__(
        self, connection: Connection, answer: _Answer, timeout: float | None, give_back: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._answer = answer
        self._timeout = timeout
        self._give_back: Callable[[], None] | None = give_back

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while data := await self._connection.read(self._answer, self._timeout):
            yield data

    async def aclose(self) -> None:
        if self._give_back is not None:
            self._give_back()
            self._give_back = None


class Http1Transport(httpx2.AsyncBaseTransport):
    """A keep-alive pool of the connections that `dial` opens. It belongs to one event loop.

    Follows no redirect, retries nothing, reads no environment. The `timeout` extension's `connect` and
    `read` are honoured. `max_bytes` bounds the body of one answer.
    """

    def __init__(self, dial: Dial, *, max_bytes: int) -> None:
        self._dial = dial
        self._max_bytes = max_bytes
        self._idle: dict[Origin, deque[Connection]] = {}

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send the request and return its answer, whose body is still on its way."""
        timeouts = request.extensions.get("timeout", {})
        data = _encode(request, await request.aread())
        url = request.url
        origin = (url.scheme, url.host, url.port or _DEFAULT_PORTS.get(url.scheme, 0))
        connection = self._take(origin) or await self._dial(url, timeouts.get("connect"))
        answer = _Answer(max_bytes=self._max_bytes, bodyless=request.method == "HEAD")
        try:
            await connection.exchange(data, answer, timeouts.get("read"))
        except BaseException:
            connection.abort()
            raise
        give_back = partial(self._give_back, origin, connection, answer)
        stream = _Body(connection, answer, timeouts.get("read"), give_back)
        return httpx2.Response(answer.status, headers=answer.headers, stream=stream, request=request)

    def _give_back(self, origin: Origin, connection: Connection, answer: _Answer) -> None:
        """Keep the connection for the next request, or close it if its answer was not read to the end."""
        idle = self._idle.setdefault(origin, deque())
        reusable = answer.complete and answer.keep_alive and answer.error is None and not connection.closed
        if reusable and len(idle) < _MAX_IDLE_PER_ORIGIN:
            connection.rest()
            idle.append(connection)
        else:
            connection.abort()

    def _take(self, origin: Origin) -> Connection | None:
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if not connection.closed:
                connection.wake_from_rest()
                return connection
        return None

    async def aclose(self) -> None:
        """Close the connections that rest."""
        for idle in self._idle.values():
            for connection in idle:
                connection.abort()
        self._idle.clear()


def _encode(request: httpx2.Request, body: bytes) -> bytes:
    """Write the request as bytes; raises `LocalProtocolError` for one that could smuggle in another."""
    target = request.url.raw_path
    method = request.method.encode("ascii", "replace")
    if not _TARGET.fullmatch(target) or not _NAME.fullmatch(method):
        raise httpx2.LocalProtocolError("the request line holds a byte that is not allowed")
    lines = [method + b" " + target + b" HTTP/1.1"]
    for name, value in request.headers.raw:
        if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
            raise httpx2.LocalProtocolError("a header holds a byte that is not allowed")
        if name.lower() not in {b"transfer-encoding", b"content-length"}:
            lines.append(name + b": " + value)
    if body or request.method not in {"GET", "HEAD"}:
        lines.append(b"Content-Length: " + str(len(body)).encode())
    return b"\r\n".join(lines) + b"\r\n\r\n" + body
