"""The OpenAI API as OpenAI and everyone who copied it speak it: chat, embeddings, models."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import openai

from providers.adapters._clients import ClientPool, http_client
from providers.adapters._openai_decode import OpenAIDecoder
from providers.adapters._openai_encode import encode
from providers.adapters._remote import RemoteAdapter, found_in
from providers.types import ChatRequest

# the SDK's own way to ask for a response whose body it has not read
_UNREAD = {"X-Stainless-Raw-Response": "stream", "accept": "text/event-stream"}
# An address that names a version is complete
_VERSION = re.compile(r"/v\d[a-z0-9]*(?:/|\Z)")

_POOL: ClientPool[openai.AsyncOpenAI] = ClientPool()


class OpenAIWireAdapter(RemoteAdapter):
    """An adapter to a vendor that speaks the OpenAI API."""

    sdk_error = openai.OpenAIError
    status_error = openai.APIStatusError
    spared = frozenset({"temperature", "max_tokens", "max_completion_tokens", "stream_options", "parallel_tool_calls"})

    def _complete_address(self, address: str) -> str:
        """Add the `/v1` that people leave out."""
        return address if httpx2.URL(address).path.strip("/") else f"{address}/v1"

    def _places(self) -> Sequence[str]:
        """Return the address, and what it may be meant for where it names no version, or none but the usual one."""
        address = self._base_url
        if httpx2.URL(address).path == "/v1":
            return (address, address.removesuffix("/v1"))
        return (address,) if _VERSION.search(address) else (address, f"{address}/v1")

    def decoder(self, request: ChatRequest) -> OpenAIDecoder:
        """Return what understands the answer."""
        return OpenAIDecoder()

    def _encode(self, request: ChatRequest) -> dict[str, Any]:
        options = bool(self._config.extra.get("stream_options", True))
        return encode(request, self.profile_for(request), stream_options=options)

    @asynccontextmanager
    async def respond(self, body: dict[str, Any], place: str) -> AsyncIterator[httpx2.Response]:
        """Send the request; see `Vendor`."""
        async with self._lease() as client:
            response = await client.post(
                f"{place}/chat/completions",
                cast_to=httpx2.Response,
                body=body,
                options={"headers": _UNREAD},
            )
            try:
                yield response
            finally:
                await response.aclose()

    @asynccontextmanager
    async def _lease(self) -> AsyncIterator[openai.AsyncOpenAI]:
        async with _POOL.lease(self._config, self._build_client) as client:
            yield client

    def _build_client(self) -> openai.AsyncOpenAI:
        """Build the SDK's client so that nothing it reads of the environment reaches the wire."""
        return openai.AsyncOpenAI(
            api_key=self._key,
            base_url=self._base_url,
            max_retries=0,
            timeout=httpx2.Timeout(None, connect=self._config.timeouts.connect),
            http_client=http_client(self._config, self._authorize),
        )

    def _authorize(self, headers: httpx2.Headers) -> None:
        headers["authorization"] = f"Bearer {self._key}"

    async def _embed_batch(self, place: str, model: str, texts: Sequence[str]) -> object:
        """Ask for numbers, which every server sends; its own vendor sends them shorter as base64."""
        body: dict[str, Any] = {"model": model, "input": list(texts)}
        if place == self.default_base_url:
            body["encoding_format"] = "base64"
        async with self._lease() as client:
            response = await client.post(f"{place}/embeddings", cast_to=httpx2.Response, body=body)
        return found_in(response.content)

    async def _list(self, place: str) -> object:
        async with self._lease() as client:
            response = await client.get(f"{place}/models", cast_to=httpx2.Response)
        return found_in(response.content)

    async def aclose(self) -> None:
        """Close the pooled connections of this address and key in the running loop."""
        await _POOL.close(self._config)
