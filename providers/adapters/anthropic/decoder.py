"""Understands answers in Anthropic's wire format: the events of a streamed message, or one message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.adapters._decoding import Decoder
from providers.adapters._lenient import count, dumps, mapping, text
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

    def _event(self, event: Mapping[str, Any]) -> None:
        index = _index_of(event)
        match event.get("type"):
            case "content_block_start":
                self._start(index, mapping(event.get("content_block")))
            case "content_block_delta":
                self.started = True
                self._delta(index, mapping(event.get("delta")))
            case "content_block_stop":
                self.writer.end(index)
            case "message_start":
                self._count(mapping(mapping(event.get("message")).get("usage")))
            case "message_delta":
                self._count(mapping(event.get("usage")))
                self._stop(mapping(event.get("delta")))
            case "message_stop":
                self._end()

    def _whole(self, document: Mapping[str, Any]) -> None:
        content = document.get("content")
        if not isinstance(content, list | str):
            raise ProviderBadResponse()
        self._count(mapping(document.get("usage")))
        for index, block in enumerate(content if isinstance(content, list) else [content]):
            self._block(index, {"type": "text", "text": block} if isinstance(block, str) else mapping(block))
        self._stop(document)

    def _block(self, index: int, block: Mapping[str, Any]) -> None:
        self.started = True
        self._start(index, block)
        if self.writer.is_calling(index) and block.get("input"):
            given = block["input"]
            self.writer.call(index, arguments=given if isinstance(given, str) else dumps(given))
        self.writer.end(index)

    def _start(self, index: int, block: Mapping[str, Any]) -> None:
        match block.get("type", "text"):
            case "text":
                self.writer.say(TextPart, text(block.get("text")))
            case "thinking":
                self.writer.say(ThinkingPart, text(block.get("thinking")))
                if signature := text(block.get("signature")):
                    self.writer.seal(signature)
            case "redacted_thinking":
                self.started = True
                self.writer.redacted(text(block.get("data")))
            case "tool_use":
                self.started = True
                self.writer.call(index, id_=text(block.get("id")), name=text(block.get("name")))

    def _delta(self, index: int, delta: Mapping[str, Any]) -> None:
        match delta.get("type", "text_delta"):
            case "text_delta":
                self.writer.say(TextPart, text(delta.get("text")))
            case "thinking_delta":
                self.writer.say(ThinkingPart, text(delta.get("thinking")))
            case "signature_delta" if signature := text(delta.get("signature")):
                self.writer.seal(signature)
            case "input_json_delta" if self.writer.is_calling(index):
                self.writer.call(index, arguments=text(delta.get("partial_json")))

    def _stop(self, said: Mapping[str, Any]) -> None:
        reason = text(said.get("stop_reason"))
        if not reason:
            return
        self.reason = _REASONS.get(reason, "stop")
        if reason == "refusal":
            self.writer.say(RefusalPart, text(mapping(said.get("stop_details")).get("explanation")))

    def _count(self, found: Mapping[str, Any]) -> None:
        """The prompt is counted at the start, the answer at the end, and both may be corrected there.

        The vendor's count of input leaves out what is read from its cache or written there.
        """
        counted = {name: count(found.get(name)) for name in _COUNTS}
        counted["thinking_tokens"] = count(mapping(found.get("output_tokens_details")).get("thinking_tokens"))
        # Gateways say 0 of what they say elsewhere; the first count of output is only a beginning.
        self._counts |= {
            name: tokens for name, tokens in counted.items() if tokens or (name == "output_tokens" and name in found)
        }
        if not any(self._counts.values()):
            return
        read, written = self._counts.get(_READ, 0), self._counts.get(_WRITTEN, 0)
        self.usage = Usage(
            input_tokens=self._counts.get("input_tokens", 0) + read + written,
            output_tokens=self._counts.get("output_tokens", 0),
            cache_read_tokens=read,
            cache_write_tokens=written,
            reasoning_tokens=min(self._counts.get("thinking_tokens", 0), self._counts.get("output_tokens", 0)),
        )


def _index_of(event: Mapping[str, Any]) -> int:
    index = event.get("index")
    return index if isinstance(index, int) else 0
