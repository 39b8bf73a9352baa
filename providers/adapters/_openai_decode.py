"""Understands answers in OpenAI's wire format: `chat.completion.chunk` events, or one `chat.completion`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from providers.adapters._decoding import Decoder
from providers.adapters._failures import from_event
from providers.adapters._thinking import ThinkingFilter
from providers.exceptions import ProviderBadResponse
from providers.messages import FinishReason, RefusalPart, ThinkingPart, Usage

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "content_filter": "content_filter",
    "tool_calls": "tool_calls",
    "function_call": "tool_calls",
}
# servers of thinking models tell their thoughts in one of these
_THOUGHTS = ("reasoning_content", "reasoning")


class OpenAIDecoder(Decoder):
    """Reads text, thoughts, refusals, calls of tools, and usage.

    `waits_for_thoughts` is for models that may send the closing tag of a thought only; see `ThinkingFilter`.
    """

    def __init__(self, *, waits_for_thoughts: bool = False) -> None:
        super().__init__()
        self._text = ThinkingFilter(self.writer, waits=waits_for_thoughts)

    def decode(self, data: bytes) -> None:
        """Take one event."""
        if data.startswith(b"[DONE]"):
            self.done = True
            self.reason = self.reason or "stop"
            return
        self._document(orjson.loads(data), "delta")

    def decode_whole(self, data: bytes) -> None:
        """Take a `chat.completion`."""
        self._document(orjson.loads(data), "message")
        self.done = True
        self.reason = self.reason or "stop"

    def finish(self) -> None:
        """The answer is complete, and so are its parts."""
        self._text.finish()
        super().finish()

    def _document(self, document: Any, member: str) -> None:
        if document.get("error"):
            raise from_event(document)
        if "choices" not in document:
            raise ProviderBadResponse()
        if document.get("usage"):
            self.usage = usage_of(document["usage"])
        for choice in document["choices"]:
            self._message(choice.get(member) or {})
            if choice.get("finish_reason"):
                self.reason = _REASONS.get(choice["finish_reason"], "stop")

    def _message(self, said: Mapping[str, Any]) -> None:
        for name in _THOUGHTS:
            if thought := said.get(name):
                self.started = True
                self._text.thought_elsewhere()
                self.writer.say(ThinkingPart, str(thought))
                break
        if content := said.get("content"):
            self.started = True
            self._text.feed(content)
        if refusal := said.get("refusal"):
            self.started = True
            self._text.finish()
            self.writer.say(RefusalPart, refusal)
        for place, call in enumerate(said.get("tool_calls") or ()):
            self.started = True
            self._text.finish()
            self._call(place, call)

    def _call(self, place: int, call: Mapping[str, Any]) -> None:
        function = call.get("function") or {}
        arguments = function.get("arguments") or ""
        self.writer.call(
            int(call.get("index", place)),
            id_=call.get("id") or "",
            name=function.get("name") or "",
            arguments=arguments if isinstance(arguments, str) else orjson.dumps(arguments).decode(),
        )


def usage_of(found: Mapping[str, Any]) -> Usage:
    """Read what was used; a vendor's details are parts of its counts of prompt and answer."""
    prompt, answer = found.get("prompt_tokens_details") or {}, found.get("completion_tokens_details") or {}
    asked, said = int(found.get("prompt_tokens") or 0), int(found.get("completion_tokens") or 0)
    read = min(asked, int(prompt.get("cached_tokens") or found.get("prompt_cache_hit_tokens") or 0))
    return Usage(
        input_tokens=asked,
        output_tokens=said,
        cache_read_tokens=read,
        cache_write_tokens=min(asked - read, int(prompt.get("cache_write_tokens") or 0)),
        reasoning_tokens=min(said, int(answer.get("reasoning_tokens") or 0)),
    )
