"""A request never begins with the context variables of another."""

from __future__ import annotations

import asyncio
import socket
from contextvars import ContextVar
from typing import Any

import pytest

from chatcms.core.http.freshcontext import with_fresh_context
from chatcms.tests.waiting import delay

_left_over: ContextVar[str] = ContextVar("left_over", default="nothing")


async def application(scope: Any, receive: Any, send: Any) -> None:
    await send(_left_over.get())
    _left_over.set("something")


async def test_what_one_request_sets_the_next_does_not_see() -> None:
    seen: list[str] = []

    async def send(value: str) -> None:
        seen.append(value)

    for answer in (application, with_fresh_context(application)):
        _left_over.set("nothing")
        await answer({}, None, send)
        await answer({}, None, send)

    assert seen == ["nothing", "something", "nothing", "nothing"]


async def test_who_gives_a_request_up_ends_it() -> None:
    ended = asyncio.Event()

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        try:
            await delay(3600)
        finally:
            ended.set()

    request = asyncio.ensure_future(with_fresh_context(endless)({}, None, None))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    assert ended.is_set()


@pytest.mark.django_db(transaction=True)
def test_many_requests_at_once_on_one_connection_are_all_answered(website: str) -> None:
    paths = ["/static/css/base.css", "/sign-in/", "/static/js/sse.js", "/v1/health"] * 10
    asked = "".join(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n" for path in paths)

    with socket.create_connection(("127.0.0.1", int(website.rpartition(":")[2]))) as link:
        link.settimeout(20)
        link.sendall(asked.encode())
        received = b""
        while received.count(b"HTTP/1.1 ") < len(paths):
            piece = link.recv(65536)
            assert piece, "the server closed the connection early"
            received += piece

    assert received.count(b"HTTP/1.1 200") == len(paths)
