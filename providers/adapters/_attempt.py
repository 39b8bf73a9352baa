"""One streamed answer of a remote vendor: its bytes, its clock, and what its failures mean to the reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Protocol, TypeVar

import httpx2

from providers.adapters._decoding import Decoder
from providers.adapters._sse import MAX_EVENT_BYTES, EventParser, EventTooLargeError
from providers.exceptions import (
    ProviderBadResponse,
    ProviderError,
    ProviderStreamInterrupted,
    ProviderTimeout,
)
from providers.messages import Finish, ImagePart, PartDelta, StreamEvent, Tally, Usage
from providers.types import ChatRequest, Timeouts, TimeoutStage

T = TypeVar("T")

_CHARACTERS_PER_TOKEN = 4
_TOKENS_PER_IMAGE = 800
_DRAIN_SECONDS = 0.1


class Vendor(Protocol):
    """What an attempt needs of the vendor's adapter."""

    @property
    def caught(self) -> tuple[type[Exception], ...]:
        """The errors that `name_failure` can name."""
        ...

    def respond(self, request: ChatRequest) -> AbstractAsyncContextManager[httpx2.Response]:
        """Send the request; the context holds the response, whose body is unread, and closes it."""
        ...

    def decoder(self, request: ChatRequest) -> Decoder:
        """Return what understands the answer to a request."""
        ...

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
        self._document: bytearray | None = None
        self._has_bytes = False
        self._pending: ProviderError | None = None
        self._characters = 0
        self._usage: Usage | None = None
        self.decoder = vendor.decoder(request)

    def seconds_left(self) -> float:
        return self._ends_at - self._loop.time()

    async def open(self) -> None:
        """Send the request and wait for the head of the answer. Raises `ProviderError`."""
        context = self._vendor.respond(self._request)
        response = await self._guarded(lambda: self._stack.enter_async_context(context))
        self._chunks: AsyncIterator[bytes] = response.aiter_raw()

    async def next_events(self) -> list[StreamEvent]:
        """Return what the next read brought that brought something; [] when the answer is complete.

        Raises `ProviderError`; one that came in the same read as words waits until those were returned.
        """
        while not self.decoder.done:
            if self._pending is not None:
                raise self._pending
            chunk = await self._guarded(lambda: anext(self._chunks, b""))
            self._pending = self._decode(chunk)
            if not chunk:
                self._accept_end()
            self._complete()
            if events := [*self._counted(), *self.decoder.take()]:
                self._characters += sum(len(event.text) for event in events if isinstance(event, PartDelta))
                return events
        return []

    def _counted(self) -> Iterator[Tally]:
        """What the vendor has counted since the last time, once the model has begun and unless the end comes with it."""
        usage, is_under_way = self.decoder.usage, self.decoder.started and not self.decoder.done
        if usage is not None and usage != self._usage and is_under_way:
            self._usage = usage
            yield Tally(usage)

    def _complete(self) -> None:
        """Complete the answer's parts, once all of it is there."""
        if self.decoder.done and self._pending is None:
            self.decoder.finish()

    def _decode(self, chunk: bytes) -> ProviderError | None:
        """Read what came; return what went wrong in it."""
        try:
            self._read(chunk)
        except ProviderError as error:
            failure: ProviderError = error
        except (ValueError, KeyError, TypeError, IndexError, AttributeError, EventTooLargeError):
            failure = ProviderBadResponse()
        else:
            return None
        return self._as_seen_by_reader(failure)

    def _read(self, chunk: bytes) -> None:
        """Give the decoder the events, or the one document that servers send which know no streams."""
        if not self._has_bytes and (first := chunk.lstrip()):
            self._has_bytes = True
            # no line of an event stream begins so
            self._document = bytearray() if first.startswith(b"{") else None
        if self._document is None:
            for data in self._parser.feed(chunk) if chunk else self._parser.finish():
                if self.decoder.done:
                    return
                self.decoder.decode(data)
            return
        self._document += chunk
        if len(self._document) > MAX_EVENT_BYTES:
            raise EventTooLargeError
        if not chunk:
            self.decoder.decode_whole(bytes(self._document))

    def _accept_end(self) -> None:
        """The vendor closed the stream: that is an end only if it said so before."""
        if self._pending is None and self.decoder.reason is not None:
            self.decoder.done = True
        elif self._pending is None and not self.decoder.done:
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

    def finish(self) -> Finish:
        """Return the last event, with the vendor's count of tokens or our guess."""
        return Finish(self.decoder.reason or "stop", self.decoder.usage or self._guess())

    def _guess(self) -> Usage:
        messages = self._request.messages
        images = sum(isinstance(part, ImagePart) for message in messages for part in message.parts)
        asked = _tokens(sum(len(message.text) for message in messages)) + images * _TOKENS_PER_IMAGE
        return Usage(asked, _tokens(self._characters), estimated=True)

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
