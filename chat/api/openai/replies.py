"""Writes a turn as OpenAI does: `chat.completion`, or chunks that end with `[DONE]`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import orjson
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from chat.api.audience import error_for, telling
from chat.api.events import shown_citation
from chat.api.openai.requests import Completion
from chat.engine.gathered import Gathered
from chat.live.reading import AnswerReader, events_of, until_word
from chat.types import Delta, Done, Failed, TurnEvent
from chatcms.core import problems, sse
from chatcms.core.openaierrors import from_problem
from tenants.types import Actor

# How long to hold the status back for the first word: what fails before it gets its proper HTTP status.
FIRST_WORD_SECONDS = 10.0
DONE = sse.encode_data(b"[DONE]")


async def whole_completion(reader: AnswerReader, asked: Completion, *, by: Actor) -> HttpResponseBase:
    """Wait for the end of a turn and return it as one `chat.completion`."""
    answer = _Answer(reader, asked, by)
    async for event in events_of(reader):
        answer.note(event)
    if (failed := answer.gathered.failed) is not None:
        return _failure(failed, by)
    return HttpResponse(orjson.dumps(answer.whole()), content_type="application/json")


async def streamed_completion(reader: AnswerReader, asked: Completion, *, by: Actor) -> HttpResponseBase:
    """Return a turn as a stream of chunks, or as an HTTP error when it fails before its first word."""
    first = await until_word(reader, FIRST_WORD_SECONDS)
    if first and isinstance(first[-1], Failed) and not first[-1].incomplete:
        await reader.aclose()
        return _failure(first[-1], by)
    pieces = _chunks(_Answer(reader, asked, by), reader, first)
    return StreamingHttpResponse(pieces, content_type=sse.CONTENT_TYPE, headers=dict(sse.HEADERS))


async def _chunks(answer: _Answer, reader: AnswerReader, first: list[TurnEvent]) -> AsyncIterator[bytes]:
    yield answer.head() + b"".join(map(answer.chunk, first))
    async for piece in sse.stream(reader, answer.chunk):
        yield piece


class _Answer:
    """One answer on its way out."""

    def __init__(self, reader: AnswerReader, asked: Completion, by: Actor) -> None:
        self._tell = telling(by)
        self._reader = reader
        self._asked = asked
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
        message: dict[str, Any] = {
            "role": "assistant",
            "content": self.gathered.text,
            "refusal": None,
            "annotations": [],
        }
        return {
            **self._common,
            "object": "chat.completion",
            "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": self._finish_reason()}],
            "usage": self._usage(),
            "chatcms": self._extras(),
        }

    def head(self) -> bytes:
        """Return the chunk that names the role."""
        return self._encode({"role": "assistant", "content": "", "refusal": None})

    def chunk(self, event: TurnEvent) -> bytes:
        """Return what an event adds to the stream; nothing for most."""
        event = self._tell(event)
        if isinstance(event, Delta):
            return self._encode({"content": event.text})
        if isinstance(event, Failed):
            return sse.encode_data(orjson.dumps(from_problem(problems.problem_of(event.error))[1]))
        self.note(event)
        return self._tail() if isinstance(event, Done) else b""

    def _tail(self) -> bytes:
        tail = self._encode({}, self._finish_reason(), chatcms=self._extras())
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

    def _finish_reason(self) -> str | None:
        return self.gathered.done.finish_reason if self.gathered.done else None

    def _usage(self) -> dict[str, Any] | None:
        usage = self.gathered.usage
        if usage is None:
            return None
        return {
            "prompt_tokens": usage.prompt_tokens,
            "completion_tokens": usage.completion_tokens,
            "total_tokens": usage.prompt_tokens + usage.completion_tokens,
        }

    def _extras(self) -> dict[str, Any]:
        """What OpenAI's protocol has no place for, under a key that its clients ignore."""
        return {
            "conversation_id": str(self._reader.conversation_id),
            "message_id": str(self._reader.message_id),
            "has_evidence": self.gathered.done.has_evidence if self.gathered.done else None,
            "citations": [shown_citation(source) for source in self.gathered.cited],
        }


def _failure(event: Failed, by: Actor) -> HttpResponse:
    status, body, headers = from_problem(problems.problem_of(error_for(by, event.error)))
    return HttpResponse(orjson.dumps(body), status=status, headers=headers, content_type="application/json")
