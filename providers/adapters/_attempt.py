"""One streamed answer of a remote vendor: its clock, and what its failures mean to the reader."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, Protocol, TypeVar

import httpx2

from providers.adapters._body import AnswerBody
from providers.adapters._decoding import Decoder
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
# What vendors send after the end is on its way already
_USAGE_SECONDS = 1.0


class Vendor(Protocol):
    """What an attempt needs of the vendor's adapter."""

    @property
    def caught(self) -> tuple[type[Exception], ...]:
        """The errors that `name_failure` can name."""
        ...

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """Return the request in the vendor's format, as this server is known to take it."""
        ...

    def respond(self, body: dict[str, Any], place: str) -> AbstractAsyncContextManager[httpx2.Response]:
        """Send the request to `place`; the context holds the response, whose body is unread, and closes it."""
        ...

    def decoder(self, request: ChatRequest) -> Decoder:
        """Return what understands the answer to a request."""
        ...

    def name_failure(self, error: Exception) -> ProviderError: ...


class Attempt:
    """One try at one answer, at one place; `ends_at` is the moment, in the loop's time, at which all patience ends.

    Once the vendor has said how the answer ended it is waited for no more than a moment, for the usage, and nothing
    that comes or fails to come makes a failure of it.
    """

    def __init__(self, vendor: Vendor, request: ChatRequest, place: str, timeouts: Timeouts, ends_at: float) -> None:
        self._vendor = vendor
        self._place = place
        self._request = request
        self._timeouts = timeouts
        self._loop = asyncio.get_running_loop()
        self._ends_at = ends_at
        self._first_token_by = self._loop.time() + timeouts.first_token
        self._settled_by: float | None = None
        self._stack = AsyncExitStack()
        self._answer = AnswerBody()
        self._reads = False
        self._pending: ProviderError | None = None
        self._characters = 0
        self._usage: Usage | None = None
        self.body = vendor.body(request)
        self.decoder = vendor.decoder(request)

    def seconds_left(self) -> float:
        return self._ends_at - self._loop.time()

    async def open(self) -> None:
        """Send the request and wait for the head of the answer. Raises `ProviderError`."""
        context = self._vendor.respond(self.body, self._place)
        response = await self._guarded(lambda: self._stack.enter_async_context(context))
        self._reads = True
        self._chunks: AsyncIterator[bytes] = response.aiter_raw()

    async def next_events(self) -> list[StreamEvent]:
        """Return what the next read brought that brought something; [] when the answer is complete.

        Raises `ProviderError`; one that came in the same read as words waits until those were returned.
        """
        while not self.decoder.done:
            if self._pending is not None:
                raise self._pending
            await self._read_on()
            self._complete()
            said = self.decoder.take()
            self._settle(anew=bool(said))
            if events := [*self._counted(), *said]:
                self._characters += sum(len(event.text) for event in events if isinstance(event, PartDelta))
                return events
        return []

    def _counted(self) -> Iterator[Tally]:
        """What the vendor has counted since the last time, once the model has begun, unless the end comes with it."""
        usage, is_under_way = self.decoder.usage, self.decoder.started and not self.decoder.done
        if usage is not None and usage != self._usage and is_under_way:
            self._usage = usage
            yield Tally(usage)

    def _complete(self) -> None:
        """Complete the answer's parts, once all of it is there."""
        if self.decoder.done and self._pending is None:
            self.decoder.finish()

    async def _read_on(self) -> None:
        """Read once, and note what went wrong, unless the answer was complete before."""
        try:
            chunk = await self._guarded(lambda: anext(self._chunks, b""))
        except ProviderError as failure:
            self._end(failure)
            return
        self._first_token_by = max(self._first_token_by, self._loop.time() + self._timeouts.first_token)
        if chunk:
            self._pending = self._decode(lambda: self._answer.feed(chunk))
        else:
            self._end(self._as_seen_by_reader(ProviderBadResponse()))

    def _end(self, failure: ProviderError) -> None:
        """Nothing more will come: that is an end only if the vendor said so before."""
        malformed = self._decode(self._answer.finish)
        if self.decoder.reason is not None and malformed is None:
            self.decoder.done = True
        elif not self.decoder.done:
            self._pending = failure

    def _settle(self, *, anew: bool) -> None:
        """Begin to wait for what follows the end, or begin anew: a few servers say that they end and go on."""
        if self.decoder.reason is not None and (anew or self._settled_by is None):
            self._settled_by = self._loop.time() + _USAGE_SECONDS

    def _decode(self, read: Callable[[], list[bytes]]) -> ProviderError | None:
        """Take what was read; return what went wrong, which is nothing once the answer has ended."""
        try:
            for data in read():
                if self.decoder.done:
                    return None
                self._take(data)
        except ProviderError as error:
            failure: ProviderError = error
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            failure = ProviderBadResponse()
        else:
            return None
        if self.decoder.reason is not None:
            self.decoder.done = True
            return None
        return self._as_seen_by_reader(failure)

    def _take(self, data: bytes) -> None:
        if self._answer.is_document:
            self.decoder.decode_whole(data)
            return
        try:
            self.decoder.decode(data)
        except (ProviderError, ValueError, KeyError, TypeError, IndexError, AttributeError):
            if self.decoder.reason is None:
                raise

    async def _guarded(self, step: Callable[[], Awaitable[T]]) -> T:
        """Take a step within its time; every failure comes out as a `ProviderError` without a past."""
        stage, until = self._patience()
        try:
            async with asyncio.timeout_at(until):
                return await step()
        except TimeoutError:
            failure: ProviderError = ProviderTimeout(stage, reading=self._reads and not self.decoder.started)
        except self._vendor.caught as error:
            failure = self._vendor.name_failure(error)
        raise self._as_seen_by_reader(failure)

    def _patience(self) -> tuple[TimeoutStage, float]:
        """Return what is waited for, and until when; any sign of life, a comment or a thought, begins it anew."""
        if self._settled_by is not None:
            stage: TimeoutStage = "between_chunks"
            until = self._settled_by
        elif self.decoder.started:
            stage, until = "between_chunks", self._loop.time() + self._timeouts.between_chunks
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
