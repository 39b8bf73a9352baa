"""Heads that are slow, endless, crowded or broken, over real sockets."""

from __future__ import annotations

from contextlib import suppress

import pytest

from chatcms.server.tests.conftest import Server
from chatcms.server.tests.wire import chunked, connected, exchanged, head, read, sent

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


TARGETS = [b"a:443", b":80", b"?", b"#", b"http://", b"http://[::1/", b"http://x:99999/", b"*", b"//", b"/%", b"/%00"]


@pytest.mark.parametrize("method", [b"GET", b"OPTIONS", b"CONNECT", b"PRI", b"M-SEARCH"])
def test_an_odd_target_is_answered(server: Server, method: bytes) -> None:
    for target in TARGETS:
        answer = sent(server.address, method + b" " + target + b" HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert 400 <= answer.status < 500 or (method, answer.status) == (b"OPTIONS", 200), target
    assert "Traceback" not in server.log.read_text()


OFFERS = {
    "h2c": {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAEAAEAA"},
    "websocket": {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="},
    "both at once": {"Connection": "upgrade", "Upgrade": "h2c, websocket"},
}
BODY = b'{"refresh": "none"}'


@pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS.keys())
@pytest.mark.parametrize("in_chunks", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize("at_once", [True, False], ids=["one piece", "byte by byte"])
def test_a_body_after_the_offer_of_another_protocol_is_the_bodys(
    server: Server, offer: dict[str, str], in_chunks: bool, at_once: bool
) -> None:
    length = {"Transfer-Encoding": "chunked"} if in_chunks else {"Content-Length": str(len(BODY))}
    headers = {"Content-Type": "application/json", **offer, **length}
    whole = head("POST", "/v1/auth/token/refresh", headers) + (chunked(BODY) if in_chunks else BODY)
    with connected(server.address) as connection:
        pieces = [whole] if at_once else [whole[at : at + 1] for at in range(len(whole))]
        assert exchanged(connection, pieces).status == 401
        assert exchanged(connection, [HEALTH]).status in {200, 503}


def test_requests_that_are_sent_ahead_are_answered_in_turn_and_not_without_end(server: Server) -> None:
    assert answers_to(server, HEALTH * 20) == 20
    assert answers_to(server, HEALTH * 2000) < 2000
    assert healthy(server)


def answers_to(server: Server, ahead: bytes) -> int:
    """How many answers come to requests that are sent ahead, the last of which asks to close."""
    closing = head("GET", "/livez", {"Connection": "close"})
    received = b""
    with connected(server.address) as connection, suppress(ConnectionError):
        connection.sendall(ahead[len(HEALTH) :] + closing)
        while piece := connection.recv(65536):
            received += piece
    return received.count(b"HTTP/1.1 ")


def test_a_body_that_breaks_off_into_nonsense_gets_one_answer(server: Server) -> None:
    begun = head("POST", "/v1/auth/token", {"Transfer-Encoding": "gzip, chunked"}) + b"zz\r\nnonsense"
    assert sent(server.address, begun).status in {400, 415}
    assert "Traceback" not in server.log.read_text()


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
