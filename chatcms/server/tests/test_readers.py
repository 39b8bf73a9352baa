"""Answers that nobody reads end, and free what they hold, over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from chatcms.server.tests.wire import head
from chatcms.tests import live
from chatcms.tests.waiting import wait_until

APPLICATION = "chatcms.server.tests.endless:application"


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A server of an application whose answers are long; the file gets a line for each that has ended."""
    ended = tmp_path_factory.mktemp("ended") / "ended.txt"
    ended.touch()
    with live.web_server(application=APPLICATION, extra={"RESPONSE_READ_SECONDS": "1", "ENDED": str(ended)}) as address:
        yield address, ended


@contextmanager
def deaf(address: str) -> Iterator[socket.socket]:
    """A client that has room for next to nothing."""
    parts = urlsplit(address)
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect((parts.hostname, parts.port))
        yield connection


@pytest.mark.parametrize("path", ["/stream", "/file"])
def test_an_answer_that_nobody_reads_is_ended(endless: tuple[str, Path], path: str) -> None:
    address, ended = endless
    before = ended.read_text().count(path)
    with deaf(address) as connection:
        connection.sendall(head("GET", path))
        wait_until(lambda: ended.read_text().count(path) > before, "the end of the answer")
        wait_until(lambda: _is_reset(connection), "the end of the connection")


def _is_reset(connection: socket.socket) -> bool:
    """Whether the server is gone: it takes no more requests on this connection."""
    try:
        connection.sendall(b"x")
    except OSError:
        return True
    return False


def test_an_answer_that_is_read_slowly_goes_on(endless: tuple[str, Path]) -> None:
    address, _ = endless
    taken = 0
    with deaf(address) as connection:
        connection.sendall(head("GET", "/file"))
        while piece := connection.recv(65536):
            taken += len(piece)
            if taken > 8_000_000:
                break
    assert taken > 8_000_000
