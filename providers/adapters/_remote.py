"""What all adapters to a remote vendor share: address and key, retries, batches, and the check."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import replace
from time import perf_counter
from typing import Any, ClassVar, TypeVar

import httpx2

from chatcms.core.errortext import ErrorText
from chatcms.core.outbound.egress import EgressPolicy, EgressRefusedError, Purpose, check_url
from providers.adapters import _failures
from providers.adapters._attempt import Attempt
from providers.adapters._decoding import Decoder
from providers.adapters._encoding import sayable
from providers.adapters._lenient import loads
from providers.adapters._listing import models_in
from providers.adapters._quirks import QUIRKS, Adjustment
from providers.adapters._retry import retrying, wait_before_retry
from providers.adapters._vectors import vectors_in
from providers.addresses import cleaned
from providers.exceptions import (
    EgressRefused,
    ProviderBadResponse,
    ProviderCannotList,
    ProviderError,
    ProviderHasNoApi,
    ProviderMisconfigured,
    ProviderModelNotFound,
    ProviderPromptTooLong,
    ProviderTimeout,
    ProviderTooManyTexts,
)
from providers.messages import Message, StreamEvent
from providers.profiles import ModelProfile, check
from providers.types import (
    AdapterFeatures,
    ChatRequest,
    CheckResult,
    EmbedKind,
    ModelInfo,
    ModelKind,
    ProviderConfig,
)

T = TypeVar("T")

TEXT_TOO_LONG = ErrorText(
    "A text is longer than the embedding model reads. Choose a model that reads more, or split documents smaller."
)
_CHECK_TOKENS = 16
_HTTP_ERRORS = (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError)


class RemoteAdapter(ABC):
    """An adapter that talks HTTP; the vendor's part is `_encode`, `respond`, `decoder`, `_embed_batch` and `_list`."""

    kind: ClassVar[str]
    features: ClassVar[AdapterFeatures]
    default_base_url: ClassVar[str] = ""
    sdk_error: ClassVar[type[Exception]]
    status_error: ClassVar[type[Exception]]
    # settings without which a request still asks for the same
    spared: ClassVar[frozenset[str]] = frozenset({"temperature"})

    def __init__(self, config: ProviderConfig) -> None:
        self._config = config
        self._key = self._usable_key(config.api_key)
        self._base_url = self._usable_address(config)

    def _usable_key(self, key: str) -> str:
        if not key and self.features.needs_key:
            raise ProviderMisconfigured("This provider has no key yet. Enter one.")
        if not key.isascii() or not key.isprintable() or key != key.strip():
            raise ProviderMisconfigured("The provider's key holds a character that is not allowed.")
        return key

    def _usable_address(self, config: ProviderConfig) -> str:
        address = (config.base_url or self.default_base_url).strip()
        if not address:
            raise ProviderMisconfigured("This provider has no address yet. Enter one.")
        try:
            check_url(address, EgressPolicy(Purpose.PROVIDER, config.allow_private_hosts))
        except EgressRefusedError as error:
            failure = EgressRefused(error.detail)
        else:
            return self._complete_address(cleaned(address))
        raise failure

    def _complete_address(self, address: str) -> str:
        """Bring an address that people type, without an endpoint, into the form that is called."""
        return address

    def _places(self) -> Sequence[str]:
        """Return where the API may be, the likeliest first."""
        return (self._base_url,)

    @abstractmethod
    def _encode(self, request: ChatRequest) -> dict[str, Any]:
        """Return a request in the vendor's format."""

    @abstractmethod
    def respond(self, body: dict[str, Any], place: str) -> AbstractAsyncContextManager[httpx2.Response]:
        """Send a request to the API at a place; the context holds the streamed response and closes it."""

    @abstractmethod
    def decoder(self, request: ChatRequest) -> Decoder:
        """Return what understands the answer to a request."""

    @abstractmethod
    async def _embed_batch(self, place: str, model: str, texts: Sequence[str]) -> object:
        """Return the document that holds the vectors of texts."""

    @abstractmethod
    async def _list(self, place: str) -> object:
        """Return the document that holds the list of models."""

    @abstractmethod
    def describe(self, model: str) -> ModelInfo:
        """Return what is known of a model, without a call."""

    @abstractmethod
    async def aclose(self) -> None:
        """Close the pooled connections of this address and key in the running loop."""

    def profile_for(self, request: ChatRequest) -> ModelProfile:
        """Return what the model can do: what the request says of it, or else what is known here."""
        return request.profile or self.describe(request.model).profile

    def body(self, request: ChatRequest) -> dict[str, Any]:
        """Return a request in the vendor's format, without what the server is known to reject."""
        return QUIRKS.fitted(self._encode(request), self._base_url)

    async def stream_chat(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Yield the answer as it comes; see `providers.base.Adapter`."""
        check(request, replace(self.describe(request.model), profile=self.profile_for(request)))
        timeouts = self._config.timeouts
        ends_at = asyncio.get_running_loop().time() + timeouts.total
        adjustment = self._adjustment()
        tries = 0
        while True:
            attempt = Attempt(self, request, adjustment.place, timeouts, ends_at)
            try:
                await attempt.open()
                while events := await attempt.next_events():
                    for event in events:
                        yield event
                adjustment.succeeded()
                yield attempt.finish()
                await attempt.drain()
            except ProviderError as error:
                failure = error
            else:
                return
            finally:
                await attempt.aclose()
            if attempt.decoder.started:
                break
            if adjustment.adjusts(failure, attempt.body):
                continue
            tries += 1
            wait = wait_before_retry(failure, attempt=tries, seconds_left=attempt.seconds_left())
            if wait is None:
                break
            await asyncio.sleep(wait)
        raise adjustment.told(failure)

    def _adjustment(self) -> Adjustment:
        return Adjustment(self._places(), self.spared)

    async def embed(self, *, model: str, texts: Sequence[str], kind: EmbedKind) -> list[list[float]]:
        """Return one vector per text, in order; `kind` makes no difference to these vendors.

        Where the vendor says that these are too many at once, half as many are sent from then on.
        """
        size = self.describe(model).max_batch or 1
        vectors: list[list[float]] = []
        while len(vectors) < len(texts):
            # vendors reject an empty text
            batch = [sayable(text) or " " for text in texts[len(vectors) : len(vectors) + size]]
            found = await self._embed_or_halve(model, batch)
            if isinstance(found, ProviderError):
                size = -(-len(batch) // 2)
                continue
            if len(found) != len(batch):
                raise ProviderBadResponse("The provider returned another number of vectors than of texts.")
            vectors += found
        return vectors

    async def _embed_or_halve(self, model: str, batch: list[str]) -> list[list[float]] | ProviderError:
        """Return the vectors of a batch, or the refusal of one that may be taken in halves."""
        try:
            return await self._call(lambda place: self._embed_batch(place, model, batch), vectors_in)
        except (ProviderPromptTooLong, ProviderTooManyTexts) as error:
            failure: ProviderError = error
        if len(batch) > 1:
            return failure
        if isinstance(failure, ProviderPromptTooLong):
            raise ProviderPromptTooLong(TEXT_TOO_LONG, limit_tokens=failure.limit_tokens)
        raise failure

    def embed_sync(self, *, model: str, texts: Sequence[str], kind: EmbedKind) -> list[list[float]]:
        """Do as `embed` in a loop of its own; for threads without one."""

        async def run() -> list[list[float]]:
            try:
                return await self.embed(model=model, texts=texts, kind=kind)
            finally:
                await self.aclose()

        return asyncio.run(run())

    async def list_models(self) -> list[ModelInfo]:
        """Ask the vendor which models this key may use. Raises `ProviderCannotList` for one that has no list."""
        try:
            return await self._call(self._list, lambda found: models_in(found, self.describe))
        except (ProviderHasNoApi, ProviderModelNotFound):
            failure = ProviderCannotList()
        raise failure

    async def check(self, model: str, *, kind: ModelKind = "chat", profile: ModelProfile | None = None) -> CheckResult:
        """Make a real, tiny call and tell in a sentence how it went."""
        start = perf_counter()
        failure: ProviderError | None = None
        try:
            if kind == "embedding":
                await self.embed(model=model, texts=["Hello"], kind="query")
            else:
                await self._say_hello(model, profile)
        except ProviderError as error:
            failure = error
        milliseconds = round((perf_counter() - start) * 1000)
        if failure is not None:
            return CheckResult(False, failure.detail, model, milliseconds, failure.code)
        return CheckResult(True, f"The model {model} answered in {milliseconds} ms.", model, milliseconds)

    async def _say_hello(self, model: str, profile: ModelProfile | None) -> None:
        hello = ChatRequest(model, (Message.of("user", "Say hello."),), max_tokens=_CHECK_TOKENS, profile=profile)
        async with aclosing(self.stream_chat(hello)) as events:
            async for _ in events:
                pass

    async def _call(self, call: Callable[[str], Awaitable[object]], read: Callable[[object], T]) -> T:
        """Make a call without a stream, within `first_token` seconds and with one retry, and read its document."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._config.timeouts.total
        adjustment = self._adjustment()

        async def once() -> T:
            try:
                async with asyncio.timeout(self._config.timeouts.first_token):
                    found = read(await call(adjustment.place))
            except TimeoutError:
                failure: ProviderError = ProviderTimeout("first_token")
            except self.caught as error:
                failure = self.name_failure(error)
            except (ValueError, KeyError, TypeError, AttributeError):
                failure = ProviderBadResponse()
            else:
                adjustment.succeeded()
                return found
            if adjustment.adjusts(failure, {}):
                return await once()
            raise adjustment.told(failure)

        return await retrying(once, seconds_left=lambda: deadline - loop.time())

    @property
    def caught(self) -> tuple[type[Exception], ...]:
        """The errors that `name_failure` can name."""
        return (self.sdk_error, ProviderError, EgressRefusedError, *_HTTP_ERRORS)

    def name_failure(self, error: Exception) -> ProviderError:
        """Turn an SDK's or the transport's error into one of ours."""
        if isinstance(error, ProviderError):
            return error
        if isinstance(error, self.status_error):
            found: Any = error
            return _failures.from_response(found.response)
        return _failures.from_exception(error)


def found_in(content: bytes) -> object:
    """Return the document of an answer. Raises the `ProviderError` that it is, or `ValueError` for what is no JSON."""
    found = loads(content)
    if isinstance(found, Mapping) and _failures.is_error(found):
        raise _failures.from_event(found)
    return found
