"""One streamed answer of a remote vendor: its bytes, its clock, and what its failures mean to the reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol, TypeVar

import httpx2

from providers.adapters._sse import EventParser, EventTooLargeError
from providers.exceptions import (
    ProviderBadResponse,
    ProviderError,
    ProviderStreamInterrupted,
    ProviderTimeout,
)
from providers.types import ChatRequest, Finished, FinishReason, Timeouts, TimeoutStage, Usage

T = TypeVar("T")

_CHARACTERS_PER_TOKEN = 4
_DRAIN_SECONDS = 0.1


class Decoder(Protocol):
    """Understands the events of one vendor's stream."""

    started: bool  # the model has begun, if only to think
    done: bool  # the vendor said that this was all
    reason: FinishReason | None
    usage: Usage | None

    def decode(self, data: bytes) -> str:
        """Return the text in one event, "" if none. Raises `ProviderError`, `ValueError` or `KeyError`."""
        ...


class Vendor(Protocol):
    """What an attempt needs of the vendor's adapter."""

    @property
    def caught(self) -> tuple[type[Exception], ...]:
        """The errors that `name_failure` can name."""
        ...

    def respond(self, request: ChatRequest) -> AbstractAsyncContextManager[httpx2.Response]:
        """Send the request; the context holds the response, whose body is unread, and closes it."""
        ...

    def decoder(self) -> Decoder: ...

    def name_failure(self, error: Exception) -> ProviderError: ...


class Attempt:
    """One try at one answer; `ends_at` is the moment, in the loop's time, at which all patience ends."""

    def __init__(self, vendor: Vendor, request: ChatRequest, timeouts: Timeouts, ends_at: float) -> None:
        self._vendor = vendor
        self._request = request
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._ends_at = ends_at
        self._first_token_by = self._loop.time() + timeouts.first_token
        self._stack = AsyncExitStack()
        self._parser = EventParser()
        self._pending: ProviderError | None = None
        self._characters = 0
        self.decoder = vendor.decoder()

    def seconds_left(self) -> float:
        return self._ends_at - self._loop.time()

    async def open(self) -> None:
        """Send the request and wait for the head of the answer. Raises `ProviderError`."""
        context = self._vendor.respond(self._request)
        response = await self._guarded(lambda: self._stack.enter_async_context(context))
        self._chunks: AsyncIterator[bytes] = response.aiter_raw()

    async def next_text(self) -> str:
        """Return the text of the next read that brought some; "" when the answer is complete.

        Raises `ProviderError`; one that came in the same read as text waits until that text was returned.
        """
        while not self.decoder.done:
            if self._pending is not None:
                raise self._pending
            chunk = await self._guarded(lambda: anext(self._chunks, b""))
            text = self._decode(chunk)
            if text:
                self._characters += len(text)
                return text
            if not chunk:
                self._accept_end()
        return ""

    def _decode(self, chunk: bytes) -> str:
        pieces: list[str] = []
        decoder = self.decoder
        try:
            for data in self._parser.feed(chunk) if chunk else self._parser.finish():
                if decoder.done:
                    break
                pieces.append(decoder.decode(data))
        except ProviderError as error:
            failure: ProviderError | None = error
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, EventTooLargeError):
            failure = ProviderBadResponse()
        else:
            failure = None
        if failure is not None:
            self._pending = self._as_seen_by_reader(failure)
        return "".join(pieces)

    def _accept_end(self) -> None:
        """The vendor closed the stream: that is an end only if it said so before."""
        if self._pending is None and self.decoder.reason is not None:
            self.decoder.done = True
        elif self._pending is None:
            self._pending = self._as_seen_by_reader(ProviderBadResponse())

    async def _guarded(self, step: Callable[[], Awaitable[T]]) -> T:
        """Take a step within its time; every failure comes out as a `ProviderError` without a past."""
        stage, until = self._patience()
        try:
            async with asyncio.timeout_at(until):
                return await step()
        except TimeoutError:
            failure: ProviderError = ProviderTimeout(stage)
        except self._vendor.caught as error:
            failure = self._vendor.name_failure(error)
        raise self._as_seen_by_reader(failure)

    def _patience(self) -> tuple[TimeoutStage, float]:
        if self.decoder.started:
            stage: TimeoutStage = "between_chunks"
            until = self._loop.time() + self._timeouts.between_chunks
        else:
            stage, until = "first_token", self._first_token_by
        return ("total", self._ends_at) if self._ends_at <= until else (stage, until)

    def _as_seen_by_reader(self, failure: ProviderError) -> ProviderError:
        """After the first token every failure but a timeout is an interruption."""
        if not self.decoder.started or isinstance(failure, (ProviderTimeout, ProviderStreamInterrupted)):
            return failure
        return ProviderStreamInterrupted(cause=failure.code)

    def finished(self) -> Finished:
        """Return the last event, with the vendor's count of tokens or our guess."""
        return Finished(self.decoder.reason or "stop", self.decoder.usage or self._guess())

    def _guess(self) -> Usage:
        asked = sum(len(message.content) for message in self._request.messages)
        return Usage(_tokens(asked), _tokens(self._characters), estimated=True)

    async def drain(self) -> None:
        """Read the few bytes after the end, so that the connection can be used again."""
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                async for _ in self._chunks:
                    pass
        except (TimeoutError, httpx2.HTTPError):
            return

    async def aclose(self) -> None:
        """Close the upstream response, if it is still open, and give the client back."""
        await self._stack.aclose()


def _tokens(characters: int) -> int:
    return -(-characters // _CHARACTERS_PER_TOKEN)
