"""Writes a turn as OpenAI does: `chat.completion`, or chunks that end with `[DONE]`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse

from chat.money.pricing import UsageKnown
from chat.turns.api.openai.annotations import annotations_of, consulted_by
from chat.turns.api.openai.asked import OpenAIRequest
from chat.turns.api.openai.conversation import CONVERSATION_HEADER
from chat.turns.engine.gathered import Gathered, gather
from chat.turns.events import MODEL, Delta, Done, Failed, Refused, ToolCalled, TurnEvent
from chat.turns.live.reader import AnswerReader
from chat.turns.serving.audience import error_for, telling
from chat.turns.serving.events import shown_citation
from chat.turns.serving.faces import EventWriter, StreamedFace, WholeFace
from chatcms.core.api import problems, sse
from chatcms.core.api.openaierrors import from_problem
from providers.messages import RefusalPart, ToolCallPart
from tenants.types import Actor

# How long to hold the status back for the first word: what fails before it gets its proper HTTP status.
FIRST_WORD_SECONDS = 10.0
DONE = sse.encode_data(b"[DONE]")


class CompletionFace(WholeFace):
    """A turn as one `chat.completion`."""

    def __init__(self, asked: OpenAIRequest, *, by: Actor) -> None:
        super().__init__(by=by)
        self.asked = asked

    def document(self, reader: AnswerReader, events: Sequence[TurnEvent]) -> dict[str, Any]:
        """Return the `chat.completion`."""
        return _Answer(reader, self.asked, self.by, gather(events)).whole()

    def failure(self, failed: Failed) -> HttpResponse:
        """Return the error in OpenAI's shape."""
        return failure(failed, self.by)

    def headers(self, reader: AnswerReader) -> Mapping[str, str]:
        """Name the conversation."""
        return named(reader)


class ChunksFace(StreamedFace):
    """A turn as chunks."""

    first_word_seconds = FIRST_WORD_SECONDS

    def __init__(self, asked: OpenAIRequest, *, by: Actor) -> None:
        super().__init__(by=by)
        self.asked = asked

    def writer(self, reader: AnswerReader) -> EventWriter:
        """Return what writes the chunks."""
        return _Answer(reader, self.asked, self.by, Gathered())

    def failure(self, failed: Failed) -> HttpResponse:
        """Return the error in OpenAI's shape."""
        return failure(failed, self.by)

    def headers(self, reader: AnswerReader) -> Mapping[str, str]:
        """Name the conversation."""
        return named(reader)


def named(reader: AnswerReader) -> dict[str, str]:
    """Return the headers that name the conversation of an answer."""
    return {CONVERSATION_HEADER: str(reader.conversation_id)}


class _Answer:
    """One answer on its way out."""

    def __init__(self, reader: AnswerReader, asked: OpenAIRequest, by: Actor, gathered: Gathered) -> None:
        self._tell = telling(by)
        self._by = by
        self._reader = reader
        self._asked = asked
        self._calls = 0
        self._has_begun = False
        self.gathered = gathered
        self._common = {
            "id": f"chatcmpl-{reader.message_id.hex}",
            "created": int(time.time()),
            "model": asked.model,
            "system_fingerprint": None,
        }

    def whole(self) -> dict[str, Any]:
        """Return the `chat.completion`."""
        return {
            **self._common,
            "object": "chat.completion",
            "choices": [
                {"index": 0, "message": self._message(), "logprobs": None, "finish_reason": self._finish_reason()}
            ],
            "usage": self._usage(),
            "chatcms": self._extras(),
        }

    def encode(self, event: TurnEvent) -> bytes:
        """Return what an event adds to the stream, the first one after the chunk that names the role."""
        chunk = self._chunk(self._tell(event))
        if self._has_begun:
            return chunk
        self._has_begun = True
        return self._encode({"role": "assistant", "content": "", "refusal": None}) + chunk

    def _chunk(self, event: TurnEvent) -> bytes:
        if isinstance(event, Failed):
            return sse.encode_data(orjson.dumps(from_problem(problems.problem_of(event.error))[1]))
        self.gathered.note(event)
        match event:
            case Delta(text):
                return self._encode({"refusal" if self._is_no_model else "content": text})
            case ToolCalled(part):
                self._calls += 1
                return self._encode(self._called(part, self._calls - 1))
            case Refused(text):
                return self._encode({"refusal": text})
            case Done():
                return self._tail()
        return b""

    @property
    def _is_no_model(self) -> bool:
        """Whether JSON was asked for, and no model was, so that the words are none."""
        return self._asked.wants.output is not None and self.gathered.retrieved.prompt_tokens == 0

    def _message(self) -> dict[str, Any]:
        calls = [part for part in self.gathered.parts if isinstance(part, ToolCallPart)]
        refusal, text = refusal_and_text(self.gathered, self._asked)
        message: dict[str, Any] = {
            "role": "assistant",
            "content": text or (None if calls or refusal else ""),
            "refusal": refusal or None,
            "annotations": self._annotations(),
        }
        if calls and self._asked.by_function:
            message["function_call"] = _function(calls[0])
        elif calls:
            message["tool_calls"] = [_call(part) for part in calls]
        return message

    def _called(self, part: ToolCallPart, index: int) -> dict[str, Any]:
        if self._asked.by_function:
            return {"function_call": _function(part)} if index == 0 else {}
        return {"tool_calls": [{"index": index, **_call(part)}]}

    def _tail(self) -> bytes:
        annotations = self._annotations()
        tail = self._encode({"annotations": annotations}) if annotations else b""
        tail += self._encode({}, self._finish_reason(), chatcms=self._extras())
        if self._asked.include_usage:
            last = {**self._common, "object": "chat.completion.chunk", "choices": [], "usage": self._usage()}
            tail += sse.encode_data(orjson.dumps(last))
        return tail + DONE

    def _encode(self, delta: dict[str, Any], finish_reason: str | None = None, **extra: Any) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}
        chunk = {**self._common, "object": "chat.completion.chunk", "choices": [choice], **extra}
        if self._asked.include_usage:
            chunk["usage"] = None
        return sse.encode_data(orjson.dumps(chunk))

    def _annotations(self) -> list[dict[str, Any]]:
        found = annotations_of(self.gathered, self.gathered.text, by=self._by)
        return [{"type": "url_citation", "url_citation": one.shown()} for one in found]

    def _finish_reason(self) -> str | None:
        """Why the answer ends, in the protocol's words: it knows nobody who stops one."""
        if self.gathered.done is None:
            return None
        if any(isinstance(part, ToolCallPart) for part in self.gathered.parts):
            return "function_call" if self._asked.by_function else "tool_calls"
        reason = self.gathered.done.finish_reason
        return "stop" if reason in {"stopped", "tool_calls"} else reason

    def _usage(self) -> dict[str, Any] | None:
        usage = self.gathered.usage
        return None if usage is None else _usage_of(usage)

    def _extras(self) -> dict[str, Any]:
        """What OpenAI's protocol has no place for, under a key that its clients ignore."""
        return extras_of(self.gathered, self._reader.conversation_id, self._reader.message_id)


def extras_of(gathered: Gathered, conversation_id: UUID, message_id: UUID) -> dict[str, Any]:
    """Return what OpenAI's protocols have no place for: where the turn was saved, and its sources as we have them."""
    return {
        "conversation_id": str(conversation_id),
        "message_id": str(message_id),
        "has_evidence": gathered.done.has_evidence if gathered.done else None,
        "citations": [shown_citation(source) for source in gathered.cited],
        "consulted": [shown_citation(source) for source in consulted_by(gathered)],
    }


def refusal_and_text(gathered: Gathered, asked: OpenAIRequest) -> tuple[str, str]:
    """Return the words in which the answer declines, and the others.

    What a bot says without its model where JSON was asked for is no JSON, and so a refusal, which clients look for.
    """
    if asked.wants.output and gathered.done and gathered.done.answered_by != MODEL:
        return gathered.text, ""
    refusal = "".join(part.text for part in gathered.parts if isinstance(part, RefusalPart))
    return refusal, gathered.text.removesuffix(refusal) if refusal else gathered.text


def failure(event: Failed, by: Actor) -> HttpResponse:
    """Return a failed turn as an HTTP error in OpenAI's shape."""
    status, body, headers = from_problem(problems.problem_of(error_for(by, event.error)))
    return HttpResponse(orjson.dumps(body), status=status, headers=headers, content_type="application/json")


def _usage_of(usage: UsageKnown) -> dict[str, Any]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cache_read_tokens, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": usage.reasoning_tokens,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }


def _call(part: ToolCallPart) -> dict[str, Any]:
    return {"id": part.id, "type": "function", "function": _function(part)}


def _function(part: ToolCallPart) -> dict[str, str]:
    return {"name": part.name, "arguments": part.arguments}
