"""The adapter to Anthropic."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import httpx2

from providers.adapters._clients import ClientPool, http_client
from providers.adapters._models import find
from providers.adapters._remote import RemoteAdapter, found_in
from providers.adapters.anthropic.decoder import AnthropicDecoder
from providers.adapters.anthropic.encoder import encode
from providers.adapters.anthropic.models import CATALOGUE, UNKNOWN
from providers.exceptions import ProviderBadRequest
from providers.types import AdapterFeatures, ChatRequest, ModelInfo

_POOL: ClientPool[anthropic.AsyncAnthropic] = ClientPool()

_VERSION_HEADER = frozenset({"anthropic-version"})
_VERSION = {"anthropic-version": "2026-10-21"}
# The present version knows no temperature; this one does, for the models that do
_VERSION_WITH_TEMPERATURE = "2023-06-01"
# the SDK's own way to ask for a response whose body it has not read
_UNREAD = {"X-Stainless-Raw-Response": "stream", "accept": "text/event-stream", **_VERSION}
_MODELS_PER_PAGE = 1000


class AnthropicAdapter(RemoteAdapter):
    """Speaks to Anthropic through the official SDK. Anthropic has no embeddings."""

    kind = "anthropic"
    features = AdapterFeatures(remote=True, embeddings=False, needs_key=True, accepts_base_url=True)
    default_base_url = "https://api.anthropic.com"
    sdk_error = anthropic.AnthropicError
    status_error = anthropic.APIStatusError

    def _complete_address(self, address: str) -> str:
        """Leave out the `/v1` that people add and the SDK adds too."""
        return address.removesuffix("/v1")

    def describe(self, model: str) -> ModelInfo:
        """Return what is known of a model; an unknown one is taken for a new one that reasons."""
        return find(CATALOGUE, model, UNKNOWN)

    def decoder(self, request: ChatRequest) -> AnthropicDecoder:
        """Return what understands the answer."""
        return AnthropicDecoder()

    def _encode(self, request: ChatRequest) -> dict[str, Any]:
        return encode(request, self.profile_for(request))

    @asynccontextmanager
    async def respond(self, body: dict[str, Any], place: str) -> AsyncIterator[httpx2.Response]:
        """Send the request; see `Vendor`."""
        headers = dict(_UNREAD)
        if "temperature" in body:
            headers["anthropic-version"] = _VERSION_WITH_TEMPERATURE
        async with _POOL.lease(self._config, self._build_client) as client:
            response = await client.post(
                f"{place}/v1/messages", cast_to=httpx2.Response, body=body, options={"headers": headers}
            )
            try:
                yield response
            finally:
                await response.aclose()

    def _build_client(self) -> anthropic.AsyncAnthropic:
        """Build the SDK's client so that nothing it reads of the environment reaches the wire."""
        return anthropic.AsyncAnthropic(
            api_key=self._key,
            base_url=self._base_url,
            max_retries=0,
            timeout=httpx2.Timeout(None, connect=self._config.timeouts.connect),
            http_client=http_client(self._config, self._authorize, also_sent=_VERSION_HEADER),
        )

    def _authorize(self, headers: httpx2.Headers) -> None:
        if headers.get("anthropic-version") == _VERSION_WITH_TEMPERATURE:
            headers["x-api-key"] = self._key
        else:
            headers["authorization"] = f"Bearer {self._key}"

    async def _embed_batch(self, place: str, model: str, texts: Sequence[str]) -> object:
        raise ProviderBadRequest("Anthropic offers no embeddings. Choose another provider for the documents.")

    async def _list(self, place: str) -> object:
        async with _POOL.lease(self._config, self._build_client) as client:
            response = await client.get(
                f"{place}/v1/models?limit={_MODELS_PER_PAGE}", cast_to=httpx2.Response, options={"headers": _VERSION}
            )
        return found_in(response.content)

    async def aclose(self) -> None:
        """Close the pooled connections of this address and key in the running loop."""
        await _POOL.close(self._config)
