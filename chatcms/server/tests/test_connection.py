"""Heads that are slow, endless, crowded or broken, over real sockets."""

from __future__ import annotations

import pytest

from chatcms.server.tests.conftest import Server
from chatcms.server.tests.wire import connected, exchanged, head, read, sent

pytestmark = pytest.mark.django_db(transaction=True)
HEALTH = head("GET", "/v1/health")


def healthy(server: Server) -> bool:
    return sent(server.address, HEALTH).status in {200, 503}


def test_half_open_requests_end_by_themselves(server: Server) -> None:
    with connected(server.address) as connection:
        answer = exchanged(connection, [b"GET /v1/health HTTP/1.1\r\nHost: loc"])
        assert answer.status == 408
        assert connection.recv(1) == b""


@pytest.mark.parametrize("beginning", [b"", b"\r\n", b"\r\n\r\n"], ids=["silent", "blank", "blanks"])
def test_a_connection_without_a_request_is_closed(server: Server, beginning: bytes) -> None:
    with connected(server.address) as connection:
        assert exchanged(connection, [beginning]).status in {0, 408}


def test_a_second_request_on_a_kept_connection_has_a_clock_too(server: Server) -> None:
    with connected(server.address) as connection:
        assert exchanged(connection, [HEALTH]).status in {200, 503}
        assert exchanged(connection, [b"GET / HTTP/1.1\r\n"]).status == 408


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"GET / HTTP/1.1\r\n" + b"".join(b"X-%d: 1\r\n" % n for n in range(3_000)) + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nX-Endless: " + b"a" * 300_000,
    ],
    ids=["many headers", "a long header", "a long address", "an endless header"],
)
def test_a_large_head_is_refused(server: Server, bytes_sent: bytes) -> None:
    answer = sent(server.address, bytes_sent)
    assert (answer.status, answer.json["code"]) == (431, "head_too_large")
    assert healthy(server)


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"nonsense\r\n\r\n",
        head("POST", "/v1/auth/token", {"Content-Length": "4", "Transfer-Encoding": "chunked"}) + b"0\r\n\r\n",
        head("POST", "/v1/auth/token", {"Content-Length": "-1"}),
        head("POST", "/v1/auth/token", {"Content-Length": "1, 2"}) + b"ab",
        head("POST", "/v1/auth/token", {"Transfer-Encoding": "chunked"}) + b"zz\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
    ids=["nonsense", "two lengths", "negative", "two numbers", "no chunk", "raw bytes"],
)
def test_what_is_no_http_is_refused(server: Server, bytes_sent: bytes) -> None:
    assert sent(server.address, bytes_sent).status == 400
    assert healthy(server)


def test_a_trailer_is_no_header(server: Server) -> None:
    trailer = b"2\r\n{}\r\n0\r\nX-Request-ID: from-a-trailer\r\n\r\n"
    headers = {"Transfer-Encoding": "chunked", "Content-Type": "application/json"}
    answer = sent(server.address, head("POST", "/v1/auth/token", headers), trailer)
    assert answer.status == 400
    assert "from-a-trailer" not in answer.head


def test_the_connection_is_good_for_the_next_request_after_an_early_refusal(server: Server) -> None:
    body = b"x" * 3_000_000
    with connected(server.address) as connection:
        begun = head("POST", "/v1/auth/token", {"Content-Length": str(len(body))})
        assert exchanged(connection, [begun, body]).status == 413
        connection.sendall(HEALTH)
        assert read(connection).status in {200, 503}
