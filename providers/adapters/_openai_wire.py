"""The OpenAI API as OpenAI and everyone who copied it speak it: chat, embeddings, models."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import numpy as np
import openai

from providers.adapters._clients import ClientPool, http_client
from providers.adapters._openai_decode import OpenAIDecoder
from providers.adapters._openai_encode import encode
from providers.adapters._remote import RemoteAdapter
from providers.exceptions import ProviderBadResponse
from providers.types import ChatRequest, ModelInfo

# the SDK's own way to ask for a response whose body it has not read
_UNREAD = {"X-Stainless-Raw-Response": "stream", "accept": "text/event-stream"}


_POOL: ClientPool[openai.AsyncOpenAI] = ClientPool()


class OpenAIWireAdapter(RemoteAdapter):
    """An adapter to a vendor that speaks the OpenAI API."""

    sdk_error = openai.OpenAIError
    status_error = openai.APIStatusError

    def _complete_address(self, address: str) -> str:
        """Add the `/v1` that people leave out."""
        return address if httpx2.URL(address).path.strip("/") else f"{address}/v1"

    def decoder(self, request: ChatRequest) -> OpenAIDecoder:
        """Return what understands the answer."""
        return OpenAIDecoder()

    @asynccontextmanager
    async def respond(self, request: ChatRequest) -> AsyncIterator[httpx2.Response]:
        """Send the request; see `Vendor`."""
        options = bool(self._config.extra.get("stream_options", True))
        body = encode(request, self.profile_for(request), stream_options=options)
        async with self._lease() as client:
            response = await client.post(
                "/chat/completions",
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

    async def _embed_batch(self, model: str, texts: Sequence[str]) -> list[list[float]]:
        body = {"model": model, "input": list(texts), "encoding_format": "base64"}
        async with self._lease() as client:
            found = await client.post("/embeddings", cast_to=object, body=body)
        rows = sorted(_list_of(found), key=lambda row: int(row["index"]))
        return [_vector(row["embedding"]) for row in rows]

    async def _list(self) -> list[ModelInfo]:
        async with self._lease() as client:
            found = await client.get("/models", cast_to=object)
        return [self.describe(str(row["id"])) for row in _list_of(found)]

    async def aclose(self) -> None:
        """Close the pooled connections of this address and key in the running loop."""
        await _POOL.close(self._config)


def _list_of(found: object) -> list[dict[str, Any]]:
    if not isinstance(found, dict) or not isinstance(found.get("data"), list):
        raise ProviderBadResponse()
    return list(found["data"])


def _vector(value: str | list[float]) -> list[float]:
    """Read a vector as base64 or, from servers that do not know that, as numbers."""
    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value), dtype="<f4").astype(float).tolist()  # type: ignore[no-any-return]
    return [float(number) for number in value]
