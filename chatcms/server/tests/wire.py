"""Speaks HTTP/1.1 byte by byte, as clients and attackers do that no library imitates."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SECONDS = 60
MB = 1024 * 1024


@dataclass(frozen=True)
class Answer:
    """An answer; status 0 stands for a connection that closed without one."""

    status: int
    head: str
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@contextmanager
def connected(address: str) -> Iterator[socket.socket]:
    parts = urlsplit(address)
    with socket.create_connection((parts.hostname or "", parts.port or 80), timeout=SECONDS) as connection:
        yield connection


def head(method: str, path: str, headers: dict[str, str] | None = None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def chunked(data: bytes, *, size: int = 7) -> bytes:
    pieces = [chunk(data[at : at + size]) for at in range(0, len(data), size)]
    return b"".join(pieces) + b"0\r\n\r\n"


def sent(address: str, *pieces: bytes) -> Answer:
    """Send the bytes and read the answer to its end."""
    with connected(address) as connection:
        return exchanged(connection, pieces)


def exchanged(connection: socket.socket, pieces: Iterable[bytes]) -> Answer:
    """Send the pieces as long as they are taken; read one answer."""
    try:
        for piece in pieces:
            connection.sendall(piece)
    except OSError:
        pass
    return read(connection)


def read(connection: socket.socket, *, is_head: bool = False) -> Answer:
    """Read one answer that tells its length, or is chunked; past interim ones. One to HEAD has no body."""
    try:
        with connection.makefile("rb") as stream:
            return _read(stream, is_head=is_head)
    except ConnectionResetError:
        return Answer(0, "", b"")


def _read(stream: Any, *, is_head: bool) -> Answer:
    line = stream.readline()
    if not line:
        return Answer(0, "", b"")
    text, fields = "", {}
    while (field := stream.readline()) not in {b"\r\n", b""}:
        text += field.decode("latin-1").lower()
        name, _, value = field.decode("latin-1").partition(":")
        fields[name.lower()] = value.strip()
    status = int(line.split()[1])
    if status == 100:
        return _read(stream, is_head=is_head)
    if is_head or status in {204, 304}:
        return Answer(status, text, b"")
    if fields.get("transfer-encoding") != "chunked":
        return Answer(status, text, stream.read(int(fields.get("content-length", 0))))
    body = b""
    while size := int(stream.readline(), 16):
        body += stream.read(size)
        stream.readline()
    return Answer(status, text, body)


def request(
    address: str,
    method: str,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    in_chunks: bool = False,
) -> Answer:
    """Send one request, with a Content-Length or in small chunks."""
    length = {"Transfer-Encoding": "chunked"} if in_chunks else {"Content-Length": str(len(body))}
    return sent(address, head(method, path, {**(headers or {}), **length}), chunked(body) if in_chunks else body)
