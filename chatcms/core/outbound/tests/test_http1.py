"""The HTTP/1.1 transport reads what servers really send, and lets go of a connection the moment it should."""

from __future__ import annotations

import asyncio
import gzip
import socket
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx2
import pytest

from chatcms.core.outbound.egress import EgressPolicy, Purpose, async_client
from chatcms.core.outbound.http1 import ResponseRefusedError
from chatcms.tests.waiting import PATIENCE_SECONDS, delay, settle

OK = b"HTTP/1.1 200 OK\r\n"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A server of one script; counts its connections and notes when each was closed by the other side."""

    serve: Serve
    port: int = 0
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0] or 0)
                self.requests.append(head + await reader.readexactly(length))
                self.asked.set()
                await self.serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            self.closed.set()
        finally:
            writer.close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@asynccontextmanager
async def running(
    serve: Serve | bytes, *, max_bytes: int = 1 << 20
) -> AsyncIterator[tuple[Server, httpx2.AsyncClient]]:
    """A server that answers each request by `serve` (or those bytes), and a client that may reach it."""

    async def write(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert isinstance(serve, bytes)
        writer.write(serve)
        await writer.drain()

    script = Server(write if isinstance(serve, bytes) else serve)
    server = await asyncio.start_server(script.handle, "127.0.0.1", 0)
    script.port = server.sockets[0].getsockname()[1]
    policy = EgressPolicy(Purpose.FETCH, frozenset({f"127.0.0.1:{script.port}"}), max_bytes=max_bytes)
    try:
        async with async_client(policy, timeout=httpx2.Timeout(2.0)) as client:
            yield script, client
    finally:
        server.close()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (OK + b"Content-Length: 5\r\n\r\nhello", "hello"),
        (
            OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nTrailer: z\r\n\r\n",
            "hello",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\nhello", "hello"),
        (b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + b"Content-Length: 5\r\n\r\nhello", "hello"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", ""),
        (OK + b"content-encoding: identity\r\nCONTENT-LENGTH: 0\r\n\r\n", ""),
    ],
)
async def test_an_answer_is_read_whole_and_its_connection_used_again(answer: bytes, text: str) -> None:
    async with running(answer) as (server, client):
        for _ in range(3):
            assert (await client.post(server.url, json={"a": 1})).text == text
    assert server.connections == 1
    assert [request.partition(b"\r\n\r\n")[2] for request in server.requests] == [b'{"a":1}'] * 3


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"\r\nhello")
        writer.close()

    async with running(serve) as (server, client):
        assert (await client.get(server.url)).text == "hello"
        assert (await client.get(server.url)).text == "hello"
    assert server.connections == 2


async def test_the_answer_to_head_has_no_body() -> None:
    async with running(OK + b"Content-Length: 5\r\n\r\n") as (server, client):
        response = await client.head(server.url)
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"HTTP/1.1 200",
        OK + b"Content-Length: 50\r\n\r\nhello",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
    ],
)
async def test_an_answer_that_is_cut_off_is_an_error(beginning: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(beginning)
        writer.close()

    async with running(serve) as (server, client):
        with pytest.raises(httpx2.RemoteProtocolError):
            await client.get(server.url)


async def test_a_reset_connection_is_an_error() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"\r\nhello")
        await delay(0.02)
        linger = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        writer.transport.abort()

    async with running(serve) as (server, client):
        with pytest.raises(httpx2.ReadError):
            await client.get(server.url)


def packed(encoding: str, body: bytes) -> bytes:
    return OK + f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


HELLO = b"hello " * 100_000


@pytest.mark.parametrize(
    "answer",
    [
        packed("gzip", gzip.compress(HELLO)),
        packed("GZip", gzip.compress(HELLO[:3]) + gzip.compress(HELLO[3:])),
        packed("x-gzip", gzip.compress(HELLO) + b"\0" * 8),
        packed("deflate", zlib.compress(HELLO)),
        packed("deflate", raw_deflate(HELLO)),
        packed("utf-8", HELLO),
        packed("none", HELLO),
    ],
)
async def test_an_answer_that_comes_compressed_unasked_is_unpacked(answer: bytes) -> None:
    async with running(answer) as (server, client):
        for _ in range(2):
            response = await client.get(server.url)
            assert response.content == HELLO
    assert server.connections == 1


async def test_a_compressed_answer_is_read_as_it_comes() -> None:
    packer = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    first = packer.compress(b"data: one\n\n") + packer.flush(zlib.Z_SYNC_FLUSH)
    more = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Encoding: gzip\r\n\r\n" + first)
        await more.wait()
        writer.write(packer.compress(b"data: two\n\n") + packer.flush())
        writer.close()

    async with running(serve) as (server, client), client.stream("GET", server.url) as response:
        chunks = response.aiter_raw()
        assert await anext(chunks) == b"data: one\n\n"
        more.set()
        assert await anext(chunks) == b"data: two\n\n"


@pytest.mark.parametrize(
    "answer",
    [
        packed("gzip", gzip.compress(b"z" * 1_100_000)),
        packed("gzip", gzip.compress(HELLO)[:50] + b"junk" * 50),
        packed("deflate", b"\xff" * 20),
        packed("br", b"xx"),
        packed("zstd", b"xx"),
        packed("gzip, gzip", gzip.compress(gzip.compress(HELLO))),
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"<html>no head</html>\r\n\r\n",
        OK + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        OK + b"Transfer-Encoding: chunked\r\n\r\nnot a number\r\n",
        OK + b"Content-Length: 2\r\nContent-Encoding: gzip\r\n\r\nxx",
        OK + b"X: " + b"y" * 70_000 + b"\r\n\r\n",
        OK + b"Content-Length: 2000000\r\n\r\n" + b"z" * 1_100_000,
        OK + b"Content-Length: 2\r\n\r\nhi" + OK + b"Content-Length: 4\r\n\r\nevil",
    ],
)
async def test_what_is_not_a_plain_bounded_answer_is_refused_and_its_connection_closed(answer: bytes) -> None:
    async with running(answer) as (server, client):
        with pytest.raises(ResponseRefusedError):
            await client.get(server.url)
        await asyncio.wait_for(server.closed.wait(), PATIENCE_SECONDS)


async def test_bytes_that_nobody_asked_for_close_the_connection() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 2\r\n\r\nhi")
        await delay(0.02)
        writer.write(OK + b"Content-Length: 4\r\n\r\nevil")

    async with running(serve) as (server, client):
        assert (await client.get(server.url)).text == "hi"
        await asyncio.wait_for(server.closed.wait(), PATIENCE_SECONDS)
        assert (await client.get(server.url)).text == "hi"


async def test_a_connection_that_the_server_closed_while_idle_is_not_used() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 2\r\n\r\nhi")
        await delay(0.02)
        writer.close()

    async with running(serve) as (server, client):
        for _ in range(3):
            assert (await client.get(server.url)).text == "hi"
            await settle()
    assert server.connections == 3


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Stream a piece every few milliseconds until the other side goes."""
    writer.write(OK + b"Transfer-Encoding: chunked\r\n\r\n")
    while not reader.at_eof():
        writer.write(b"3\r\ntic\r\n")
        await writer.drain()
        await delay(0.005)


async def test_closing_an_answer_early_closes_the_connection() -> None:
    async with running(endless) as (server, client):
        async with client.stream("GET", server.url) as response:
            assert (await anext(response.aiter_raw())).startswith(b"tic")
        await asyncio.wait_for(server.closed.wait(), PATIENCE_SECONDS)


@pytest.mark.parametrize("moment", ["head", "body"])
async def test_cancelling_the_reader_closes_the_connection(moment: str) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with running(silent if moment == "head" else endless) as (server, client):

        async def read() -> None:
            async with client.stream("GET", server.url) as response:
                async for _ in response.aiter_raw():
                    pass

        task = asyncio.create_task(read())
        await server.asked.wait()
        await settle(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.closed.wait(), PATIENCE_SECONDS)


async def test_silence_is_a_read_timeout() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(OK + b"Content-Length: 9\r\n\r\nhi")
        await reader.read()

    async with running(serve) as (server, client):
        with pytest.raises(httpx2.ReadTimeout):
            await client.get(server.url, timeout=httpx2.Timeout(1, read=0.05))


async def test_a_reader_that_is_slow_slows_the_sender_down() -> None:
    sent = 0

    async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(OK + b"\r\n")
        while sent < 64 << 20:
            writer.write(b"x" * 65536)
            await writer.drain()
            sent += 65536
        writer.close()

    async with running(flood, max_bytes=1 << 30) as (server, client):
        request = client.build_request("GET", server.url)
        response = await client.send(request, stream=True)
        await settle()
        held_back = sent
        total = sum([len(piece) async for piece in response.aiter_raw()])
    assert held_back < 32 << 20
    assert total == 64 << 20


async def test_requests_at_the_same_time_have_connections_of_their_own() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await delay(0.05)
        writer.write(OK + b"Content-Length: 2\r\n\r\nhi")

    async with running(serve) as (server, client):
        await asyncio.gather(*[client.get(server.url) for _ in range(5)])
        await asyncio.gather(*[client.get(server.url) for _ in range(5)])
    assert server.connections == 5


@pytest.mark.parametrize(
    "headers",
    [{"authorization": "Bearer a\r\nX-Evil: 1"}, {"x": "a\nb"}, {"x": "a\0b"}, {"a b": "c"}, {"a:": "c"}],
)
async def test_a_header_cannot_smuggle_in_another(headers: dict[str, str]) -> None:
    async with running(OK + b"Content-Length: 2\r\n\r\nhi") as (server, client):
        with pytest.raises(httpx2.LocalProtocolError):
            await client.get(server.url, headers=headers)
    assert server.requests == []


async def test_a_body_made_piece_by_piece_is_sent_with_its_length() -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"ab"
        yield b"cd"

    async with running(OK + b"Content-Length: 2\r\n\r\nhi") as (server, client):
        await client.post(server.url, content=pieces())
    assert b"\r\nContent-Length: 4\r\n" in server.requests[0]
    assert b"chunked" not in server.requests[0].lower()
