"""Tests of encoding events and of keeping a quiet stream alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatcms.core.api import sse
from chatcms.tests.waiting import settle
from tenants import standing


def _read(block: bytes) -> dict[str, str]:
    """What a browser makes of an event."""
    fields: dict[str, list[str]] = {}
    text = block.decode().removesuffix("\n\n")
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        name, _, value = line.partition(":")
        fields.setdefault(name, []).append(value.removeprefix(" "))
    return {name: "\n".join(values) for name, values in fields.items()}


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])), st.integers(1, 10**9))
def test_any_text_comes_back_from_an_event(text: str, number: int) -> None:
    fields = _read(sse.encode_event("delta", {"text": text}, number))

    assert (fields["event"], fields["id"]) == ("delta", str(number))
    assert orjson.loads(fields["data"]) == {"text": text}


def test_an_event_without_an_id_has_none() -> None:
    assert sse.encode_event("done", {}) == b"event: done\ndata: {}\n\n"


@pytest.mark.parametrize("body", [b"a\nb", b"a\rb", b"a\r\nb"])
def test_each_line_of_a_body_is_a_line_of_data(body: bytes) -> None:
    assert sse.encode_data(body) == b"data: a\ndata: b\n\n"


class _Source:
    """A stream that waits to be let go on, and knows how it ended."""

    def __init__(self, *items: int, error: Exception | None = None) -> None:
        self.items, self.error = items, error
        self.go_on = asyncio.Event()
        self.ended = ""

    async def events(self) -> AsyncGenerator[int, None]:
        try:
            for item in self.items:
                yield item
            await self.go_on.wait()
            if self.error:
                raise self.error
            yield 99
            self.ended = "whole"
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise


class _Writer:
    def encode(self, item: int) -> bytes:
        return f"<{item}>".encode()


async def test_what_comes_together_goes_out_in_one_piece() -> None:
    source = _Source(1, 2, 3)
    source.go_on.set()

    assert [piece async for piece in sse.stream(sse.Pump(source.events()), _Writer())] == [b"<1><2><3><99>"]
    assert source.ended == "whole"


async def test_a_silence_is_filled_with_comments_and_interrupts_nothing() -> None:
    source = _Source(1)
    pieces = []

    async for piece in sse.stream(sse.Pump(source.events()), _Writer(), seconds=0.01):
        pieces.append(piece)
        if pieces.count(sse.HEARTBEAT) == 2:
            source.go_on.set()

    assert pieces[0] == b"<1>"
    assert pieces[-1] == b"<99>"
    assert source.ended == "whole"


async def test_a_reader_who_closes_the_stream_cancels_the_source_and_waits_for_it() -> None:
    source = _Source(1)
    stream = sse.stream(sse.Pump(source.events()), _Writer())
    assert await anext(stream) == b"<1>"

    await stream.aclose()  # type: ignore[attr-defined]

    assert source.ended == "cancelled"


async def test_a_cancelled_reader_cancels_the_source() -> None:
    source = _Source(1)

    async def read() -> None:
        async for _ in sse.stream(sse.Pump(source.events()), _Writer()):
            pass

    reading = asyncio.create_task(read())
    await settle(0.01)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert source.ended == "cancelled"


async def test_an_error_of_the_source_comes_after_what_it_had_yielded() -> None:
    source = _Source(1, error=LookupError("gone"))
    source.go_on.set()
    pieces = []

    with pytest.raises(LookupError):
        async for piece in sse.stream(sse.Pump(source.events()), _Writer()):
            pieces.append(piece)

    assert pieces == [b"<1>"]


async def test_a_pump_may_be_closed_twice() -> None:
    pump = sse.Pump(_Source(1).events())

    await pump.aclose()
    await pump.aclose()


def test_a_heartbeat_comes_at_least_every_fifteen_seconds(settings: Any) -> None:
    assert settings.STREAM_HEARTBEAT_SECONDS < 15
    assert settings.STREAM_HEARTBEAT_SECONDS + settings.STREAM_RECHECK_SECONDS < standing.UNKNOWN_SECONDS < 60
    assert sse.HEARTBEAT.startswith(b":")
