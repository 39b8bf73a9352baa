"""Understands the events of Anthropic's streamed messages."""

from __future__ import annotations

from typing import Any

import orjson

from providers.adapters._failures import from_event
from providers.types import FinishReason, Usage

_REASONS: dict[str, FinishReason] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
_INPUT_COUNTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class AnthropicDecoder:
    """Reads text and usage; thoughts only show that the model has begun."""

    def __init__(self) -> None:
        self.started = False
        self.done = False
        self.reason: FinishReason | None = None
        self.usage: Usage | None = None

    def decode(self, data: bytes) -> str:
        """Return the text in one event. Raises `ProviderError`, `ValueError` or `KeyError`."""
        event = orjson.loads(data)
        kind = event["type"]
        if kind == "content_block_delta":
            self.started = True
            delta = event["delta"]
            return str(delta["text"]) if delta["type"] == "text_delta" else ""
        if kind == "message_start":
            self._count(event["message"].get("usage") or {})
        elif kind == "message_delta":
            self._count(event.get("usage") or {})
            reason = event["delta"].get("stop_reason")
            if reason:
                self.reason = _REASONS.get(reason, "stop")
        elif kind == "message_stop":
            self.done = True
            self.reason = self.reason or "stop"
        elif kind == "error":
            raise from_event(event)
        return ""

    def _count(self, found: dict[str, Any]) -> None:
        """The prompt is counted at the start, the answer at the end, and both may be corrected there."""
        known = self.usage or Usage(0, 0)
        prompt = sum(int(found.get(name) or 0) for name in _INPUT_COUNTS)
        self.usage = Usage(
            prompt or known.prompt_tokens, int(found.get("output_tokens") or 0) or known.completion_tokens
        )
