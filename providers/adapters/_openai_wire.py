"""The OpenAI API as OpenAI and everyone who copied it speak it: chat, embeddings, models."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import httpx2
import numpy as np
import openai
import orjson

from providers.adapters._attempt import Decoder
from providers.adapters._clients import ClientPool, http_client
from providers.adapters._failures import from_event
from providers.adapters._remote import THINKING_ALLOWANCE, RemoteAdapter, sayable
from providers.exceptions import ProviderBadResponse
from providers.types import ChatRequest, FinishReason, ModelInfo, Usage

# the SDK's own way to ask for a response whose body it has not read
_UNREAD = {"X-Stainless-Raw-Response": "stream", "accept": "text/event-stream"}
_REASONS: dict[str, FinishReason] = {"length": "length", "content_filter": "content_filter"}


class OpenAIDecoder:
    """Understands `chat.completion.chunk` events."""

    def __init__(self) -> None:
        self.started = False
        self.done = False
        self.reason: FinishReason | None = None
        self.usage: Usage | None = None

    def decode(self, data: bytes) -> str:
        """Return the text in one event. Raises `ProviderError`, `ValueError` or `KeyError`."""
        if data.startswith(b"[DONE]"):
            self.done = True
            self.reason = self.reason or "stop"
            return ""
        event = orjson.loads(data)
        if "choices" not in event or event.get("error"):
            raise from_event(event) if event.get("error") else ProviderBadResponse()
        if event.get("usage"):
            self.usage = _usage(event["usage"])
        text = ""
        for choice in event["choices"]:
            delta = choice.get("delta") or {}
            text += delta.get("content") or ""
            # servers of thinking models tell their thoughts in one of these
            if text or delta.get("reasoning_content") or delta.get("reasoning") or delta.get("refusal"):
                self.started = True
            text += delta.get("refusal") or ""
            if choice.get("finish_reason"):
                self.reason = _REASONS.get(choice["finish_reason"], "stop")
        return text


def _usage(found: dict[str, Any]) -> Usage:
    return Usage(int(found.get("prompt_tokens") or 0), int(found.get("completion_tokens") or 0))


_POOL: ClientPool[openai.AsyncOpenAI] = ClientPool()


class OpenAIWireAdapter(RemoteAdapter):
    """An adapter to a vendor that speaks the OpenAI API."""

    sdk_error = openai.OpenAIError
    status_error = openai.APIStatusError
    max_tokens_name: ClassVar[str]

    def _complete_address(self, address: str) -> str:
        """Add the `/v1` that people leave out."""
        return address if httpx2.URL(address).path.strip("/") else f"{address}/v1"

    def decoder(self) -> Decoder:
        return OpenAIDecoder()

    @asynccontextmanager
    async def respond(self, request: ChatRequest) -> AsyncIterator[httpx2.Response]:
        """Send the request; see `Vendor`."""
        async with self._lease() as client:
            response = await client.post(
                "/chat/completions",
                cast_to=httpx2.Response,
                body=self._body(request),
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

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        info = self.describe(request.model)
        body: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": m.role, "content": sayable(m.content)} for m in request.messages],
            "stream": True,
        }
        if request.temperature is not None and info.supports_temperature:
            body["temperature"] = request.temperature
        if request.max_tokens is not None:
            body[self.max_tokens_name] = request.max_tokens + (THINKING_ALLOWANCE if info.reasons else 0)
        if request.stop:
            body["stop"] = list(request.stop)
        if self._config.extra.get("stream_options", True):
            body["stream_options"] = {"include_usage": True}
        return body

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
