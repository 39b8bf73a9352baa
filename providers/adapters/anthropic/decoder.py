"""Understands answers in Anthropic's wire format: the events of a streamed message, or one message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from providers.adapters._decoding import Decoder
from providers.adapters._failures import from_event
from providers.exceptions import ProviderBadResponse
from providers.messages import FinishReason, RefusalPart, TextPart, ThinkingPart, Usage

_REASONS: dict[str, FinishReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
    "tool_use": "tool_calls",
}
_READ, _WRITTEN = "cache_read_input_tokens", "cache_creation_input_tokens"
_COUNTS = ("input_tokens", _READ, _WRITTEN, "output_tokens")


class AnthropicDecoder(Decoder):
    """Reads text, thoughts with their seals, calls of tools, refusals, and usage."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[str, int] = {}

    def decode(self, data: bytes) -> None:
        """Take one event."""
        event = orjson.loads(data)
        kind = event["type"]
        if kind == "content_block_start":
            self._start(event.get("index", 0), event["content_block"])
        elif kind == "content_block_delta":
            self.started = True
            self._delta(event.get("index", 0), event["delta"])
        elif kind == "content_block_stop":
            self.writer.end(event.get("index", 0))
        elif kind == "message_start":
            self._count(event["message"].get("usage") or {})
        elif kind == "message_delta":
            self._count(event.get("usage") or {})
            self._stop(event["delta"])
        elif kind == "message_stop":
            self.done = True
            self.reason = self.reason or "stop"
        elif kind == "error":
            raise from_event(event)

    def decode_whole(self, data: bytes) -> None:
        """Take one message."""
        message = orjson.loads(data)
        if message.get("type") == "error":
            raise from_event(message)
        if not isinstance(message.get("content"), list):
            raise ProviderBadResponse()
        self._count(message.get("usage") or {})
        for index, block in enumerate(message["content"]):
            self._block(index, block)
        self._stop(message)
        self.done = True
        self.reason = self.reason or "stop"

    def _block(self, index: int, block: Mapping[str, Any]) -> None:
        self.started = True
        self._start(index, block)
        if self.writer.is_calling(index) and block.get("input"):
            self.writer.call(index, arguments=orjson.dumps(block["input"]).decode())
        self.writer.end(index)

    def _start(self, index: int, block: Mapping[str, Any]) -> None:
        match block["type"]:
            case "text":
                self.writer.say(TextPart, block.get("text") or "")
            case "thinking":
                self.writer.say(ThinkingPart, block.get("thinking") or "")
                if block.get("signature"):
                    self.writer.seal(block["signature"])
            case "redacted_thinking":
                self.started = True
                self.writer.redacted(block["data"])
            case "tool_use":
                self.started = True
                self.writer.call(index, id_=block["id"], name=block["name"])

    def _delta(self, index: int, delta: Mapping[str, Any]) -> None:
        match delta["type"]:
            case "text_delta":
                self.writer.say(TextPart, delta["text"])
            case "thinking_delta":
                self.writer.say(ThinkingPart, delta["thinking"])
            case "signature_delta":
                self.writer.seal(delta["signature"])
            case "input_json_delta" if self.writer.is_calling(index):
                self.writer.call(index, arguments=delta["partial_json"])

    def _stop(self, said: Mapping[str, Any]) -> None:
        reason = said.get("stop_reason")
        if not reason:
            return
        self.reason = _REASONS.get(reason, "stop")
        if reason == "refusal":
            self.writer.say(RefusalPart, (said.get("stop_details") or {}).get("explanation") or "")

    def _count(self, found: Mapping[str, Any]) -> None:
        """The prompt is counted at the start, the answer at the end, and both may be corrected there.

        The vendor's count of input leaves out what is read from its cache or written there.
        """
        thought = (found.get("output_tokens_details") or {}).get("thinking_tokens")
        counted = {name: int(found.get(name) or 0) for name in _COUNTS} | {"thinking_tokens": int(thought or 0)}
        self._counts |= {name: count for name, count in counted.items() if count}
        read, written = self._counts.get(_READ, 0), self._counts.get(_WRITTEN, 0)
        self.usage = Usage(
            input_tokens=self._counts.get("input_tokens", 0) + read + written,
            output_tokens=self._counts.get("output_tokens", 0),
            cache_read_tokens=read,
            cache_write_tokens=written,
            reasoning_tokens=min(self._counts.get("thinking_tokens", 0), self._counts.get("output_tokens", 0)),
        )
