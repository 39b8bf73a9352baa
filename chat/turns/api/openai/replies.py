"""Writes a turn as OpenAI does: `chat.completion`, or chunks that end with `[DONE]`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from chat.money.pricing import UsageKnown
from chat.turns.api.openai.annotations import annotations_of, consulted_by
from chat.turns.api.openai.asked import Asked
from chat.turns.api.openai.conversation import CONVERSATION_HEADER
from chat.turns.engine.gathered import Gathered
from chat.turns.events import MODEL, Delta, Done, Failed, Refused, ToolCalled, TurnEvent
from chat.turns.live.reader import AnswerReader, events_of, until_word
from chat.turns.serving.audience import error_for, telling
from chat.turns.serving.events import shown_citation
from chatcms.core import problems, sse
from chatcms.core.openaierrors import from_problem
from providers.messages import RefusalPart, ToolCallPart
from tenants.types import Actor

# How long to hold the status back for the first word: what fails before it gets its proper HTTP status.
FIRST_WORD_SECONDS = 10.0
DONE = sse.encode_data(b"[DONE]")


async def whole_completion(reader: AnswerReader, asked: Asked, *, by: Actor) -> HttpResponseBase:
    """Wait for the end of a turn and return it as one `chat.completion`."""
    answer = _Answer(reader, asked, by)
    async for event in events_of(reader):
        answer.note(event)
    if (failed := answer.gathered.failed) is not None:
        return failure(failed, by)
    return HttpResponse(orjson.dumps(answer.whole()), content_type="application/json", headers=named(reader))


async def streamed_completion(reader: AnswerReader, asked: Asked, *, by: Actor) -> HttpResponseBase:
    """Return a turn as a stream of chunks, or as an HTTP error when it fails before its first word."""
    first = await until_word(reader, FIRST_WORD_SECONDS)
    if first and isinstance(first[-1], Failed) and not first[-1].incomplete:
        await reader.aclose()
        return failure(first[-1], by)
    pieces = _chunks(_Answer(reader, asked, by), reader, first)
    return StreamingHttpResponse(pieces, content_type=sse.CONTENT_TYPE, headers={**sse.HEADERS, **named(reader)})


def named(reader: AnswerReader) -> dict[str, str]:
    """Return the headers that name the conversation of an answer."""
    return {CONVERSATION_HEADER: str(reader.conversation_id)}


async def _chunks(answer: _Answer, reader: AnswerReader, first: list[TurnEvent]) -> AsyncIterator[bytes]:
    yield answer.head() + b"".join(map(answer.chunk, first))
    async for piece in sse.stream(reader, answer.chunk):
        yield piece


class _Answer:
    """One answer on its way out."""

    def __init__(self, reader: AnswerReader, asked: Asked, by: Actor) -> None:
        self._tell = telling(by)
        self._by = by
        self._reader = reader
        self._asked = asked
        self._calls = 0
        self.gathered = Gathered()
        self._common = {
            "id": f"chatcmpl-{reader.message_id.hex}",
            "created": int(time.time()),
            "model": asked.model,
            "system_fingerprint": None,
        }

    def note(self, event: TurnEvent) -> None:
        """Remember what the end of the answer tells."""
        self.gathered.note(event)

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

    def head(self) -> bytes:
        """Return the chunk that names the role."""
        return self._encode({"role": "assistant", "content": "", "refusal": None})

    def chunk(self, event: TurnEvent) -> bytes:
        """Return what an event adds to the stream; nothing for most."""
        event = self._tell(event)
        if isinstance(event, Failed):
            return sse.encode_data(orjson.dumps(from_problem(problems.problem_of(event.error))[1]))
        self.note(event)
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


def refusal_and_text(gathered: Gathered, asked: Asked) -> tuple[str, str]:
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
