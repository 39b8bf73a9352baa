"""Understands answers in OpenAI's wire format: `chat.completion.chunk` events, or one `chat.completion`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from providers.adapters._decoding import Decoder
from providers.adapters._failures import from_event
from providers.adapters._lenient import count, dumps, listed, mapping, text
from providers.adapters._thinking import ThinkingFilter
from providers.exceptions import ProviderBadResponse
from providers.messages import FinishReason, RefusalPart, ThinkingPart, Usage

_REASONS: dict[str, FinishReason] = {
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "sensitive": "content_filter",
    "recitation": "content_filter",
    "prohibited_content": "content_filter",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
}
# Some servers write one of these until the answer has ended
_NOT_YET = frozenset({"", "null", "none"})
_FAILED = frozenset({"error", "network_error", "abort"})
# servers of thinking models tell their thoughts in one of these
_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_USAGE_PLACES = ("usage", "x_groq", "delta", "message")
# the members of a thought, or of a part of the content, that hold its words
_WORDS = ("text", "thinking", "reasoning", "summary", "content", "value", "refusal")
_THINKING_PARTS = frozenset({"thinking", "reasoning", "thought"})
# parts that show where the words come from
_SILENT_PARTS = frozenset({"reference", "tool_reference", "image_url", "document_url", "redacted_thinking"})
# where a choice says no number of its own
_UNSAID = -1


class OpenAIDecoder(Decoder):
    """Reads text, thoughts, refusals, calls of tools, and usage.

    `waits_for_thoughts` is for models that may send the closing tag of a thought only; see `ThinkingFilter`.
    """

    def __init__(self, *, waits_for_thoughts: bool = False) -> None:
        super().__init__()
        self._text = ThinkingFilter(self.writer, waits=waits_for_thoughts)
        self._said: list[str] = []
        self._choice = _UNSAID
        self._call_key, self._call_id = 0, ""

    def finish(self) -> None:
        """The answer is complete, and so are its parts."""
        self._text.finish()
        super().finish()

    def _event(self, event: Mapping[str, Any]) -> None:
        self._count(event)
        if (choice := self._first_choice(event)) is not None:
            self._count(choice)
            self._take_choice(choice)

    def _whole(self, document: Mapping[str, Any]) -> None:
        if "choices" not in document:
            raise ProviderBadResponse()
        self._event(document)

    def _count(self, found: Mapping[str, Any]) -> None:
        """Read what was used, wherever it stands; a count of nothing is none."""
        for place in _USAGE_PLACES:
            inner = mapping(found.get(place))
            if usage := usage_of(inner if place == "usage" else mapping(inner.get("usage"))):
                self.usage = usage

    def _first_choice(self, event: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """Return what an event says of the first choice: one answer was asked for, and there may be more."""
        choices = [each for each in listed(event.get("choices")) if isinstance(each, Mapping)]
        choices.sort(key=_index_of)
        if self._choice == _UNSAID and choices:
            self._choice = _index_of(choices[0])
        return next((each for each in choices if _index_of(each) in (self._choice, _UNSAID)), None)

    def _take_choice(self, choice: Mapping[str, Any]) -> None:
        reason = text(choice.get("finish_reason")).lower()
        if reason in _FAILED:
            raise from_event(choice)
        ended = reason not in _NOT_YET
        self._message(self._said_in(choice, ended=ended))
        if ended:
            self.reason = _REASONS.get(reason, "stop")

    def _said_in(self, choice: Mapping[str, Any], *, ended: bool) -> Mapping[str, Any]:
        """Return what a choice says, under whichever name; the whole answer after its pieces is not said again."""
        for name in ("delta", "message"):
            said = choice.get(name)
            if isinstance(said, str):
                return {"content": said}
            if isinstance(said, Mapping) and said:
                return self._rest_of(said) if name == "message" and ended and self._said else said
        return {"content": choice.get("text") or choice.get("content")}

    def _rest_of(self, said: Mapping[str, Any]) -> Mapping[str, Any]:
        before, content = "".join(self._said), said.get("content")
        if isinstance(content, str) and content.startswith(before):
            return {"content": content.removeprefix(before)}
        return said

    def _message(self, said: Mapping[str, Any]) -> None:
        for name in _THOUGHTS:
            if thought := _words_of(said.get(name)):
                self._think(thought)
                break
        self._content(said.get("content"))
        if refusal := text(said.get("refusal")):
            self._refuse(refusal)
        if called := said.get("function_call"):
            self._call({"index": 0, "function": called})
        for call in listed(said.get("tool_calls")):
            self._call(mapping(call))

    def _content(self, content: Any) -> None:
        """Take words, or a list of parts that hold words, thoughts, or where the words come from."""
        for part in content if isinstance(content, list) else [content]:
            kind = text(part.get("type")).lower() if isinstance(part, Mapping) else ""
            if kind in _SILENT_PARTS or not (words := _words_of(part)):
                continue
            if kind in _THINKING_PARTS:
                self._think(words)
            elif kind == "refusal":
                self._refuse(words)
            else:
                self._speak(words)

    def _speak(self, words: str) -> None:
        self.started = True
        self._said.append(words)
        self._text.feed(words)

    def _think(self, thought: str) -> None:
        self.started = True
        self._text.thought_elsewhere()
        self.writer.say(ThinkingPart, thought)

    def _refuse(self, words: str) -> None:
        self.started = True
        self._text.finish()
        self.writer.say(RefusalPart, words)

    def _call(self, call: Mapping[str, Any]) -> None:
        """Begin a call of a tool, or add to it; without a number it is the next one, or more of the last one."""
        self.started = True
        self._text.finish()
        function = mapping(call.get("function"))
        id_ = text(call.get("id"))
        index = call.get("index")
        if isinstance(index, int | str) and str(index).isdigit():
            self._call_key = int(index)
        elif (id_ or text(function.get("name"))) and id_ != self._call_id and self.writer.is_calling(self._call_key):
            self._call_key += 1
        self._call_id = id_ or self._call_id
        arguments = function.get("arguments")
        self.writer.call(
            self._call_key,
            id_=id_,
            name=text(function.get("name")),
            arguments=arguments if isinstance(arguments, str) else dumps(arguments) if arguments else "",
        )


def _index_of(choice: Mapping[str, Any]) -> int:
    index = choice.get("index")
    return index if isinstance(index, int) and index >= 0 else _UNSAID


def _words_of(value: Any) -> str:
    """Return the words in a text, in an object that holds one, or in a list of these."""
    if isinstance(value, list):
        return "".join(map(_words_of, value))
    if isinstance(value, Mapping):
        return next((words for name in _WORDS if (words := _words_of(value.get(name)))), "")
    return text(value)


def usage_of(found: Mapping[str, Any]) -> Usage | None:
    """Read what was used; a vendor's details are parts of its counts of prompt and answer. None for no counts."""
    prompt = mapping(found.get("prompt_tokens_details") or found.get("input_tokens_details"))
    answer = mapping(found.get("completion_tokens_details") or found.get("output_tokens_details"))
    said = count(found.get("completion_tokens")) or count(found.get("output_tokens"))
    asked = count(found.get("prompt_tokens")) or count(found.get("input_tokens"))
    asked = asked or max(0, count(found.get("total_tokens")) - said)
    if not asked and not said:
        return None
    read = min(asked, count(prompt.get("cached_tokens")) or count(found.get("prompt_cache_hit_tokens")))
    return Usage(
        input_tokens=asked,
        output_tokens=said,
        cache_read_tokens=read,
        cache_write_tokens=min(asked - read, count(prompt.get("cache_write_tokens"))),
        reasoning_tokens=min(said, count(answer.get("reasoning_tokens"))),
    )
