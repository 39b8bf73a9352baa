"""How answers are written: each face takes the events of one answer and makes a response of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import orjson
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse

from chat.enums import Handling
from chat.turns.entrance import Left
from chat.turns.events import Failed, TurnEvent
from chat.turns.live.reader import AnswerReader, ReadAhead, events_of, until_word
from chat.turns.serving.loop import leave_with
from chatcms.core.api import sse
from tenants.types import Actor


class EventWriter(Protocol):
    """Writes events as bytes, one after the other; an event may add nothing."""

    def encode(self, event: TurnEvent) -> bytes: ...


class Face(ABC):
    """Writes answers for `by`, who reads what `chat.turns.serving.audience` lets them."""

    def __init__(self, *, by: Actor) -> None:
        self.by = by

    @abstractmethod
    async def answered(self, reader: AnswerReader) -> HttpResponseBase:
        """Return the response with the answer that is read."""

    @abstractmethod
    def failure(self, failed: Failed) -> HttpResponseBase:
        """Return the HTTP error of an answer that has failed."""

    def headers(self, reader: AnswerReader) -> Mapping[str, str]:
        """Return what the response says of the answer beside its body."""
        return {}

    def left(self, left: Left) -> HttpResponseBase:
        """Return what is said to a question that waits for a person."""
        return HttpResponse(orjson.dumps(waiting(left)), status=202, content_type="application/json")


class WholeFace(Face):
    """An answer as one document, once it has ended."""

    @abstractmethod
    def document(self, reader: AnswerReader, events: Sequence[TurnEvent]) -> dict[str, Any]:
        """Return the answer whose events are these."""

    async def answered(self, reader: AnswerReader) -> HttpResponseBase:
        """Wait for the end of the answer; return it, or its failure with the error's status."""
        events = [event async for event in events_of(reader)]
        failed = next((event for event in events if isinstance(event, Failed)), None)
        if failed is not None:
            return self.failure(failed)
        body = orjson.dumps(self.document(reader, events))
        return HttpResponse(body, content_type="application/json", headers=self.headers(reader))


class StreamedFace(Face):
    """An answer as a stream of server-sent events, with heartbeats.

    The status is held back for `first_word_seconds`: what fails before its first word gets its proper HTTP status.
    """

    first_word_seconds: float = 0.0

    @abstractmethod
    def writer(self, reader: AnswerReader) -> EventWriter:
        """Return what writes this answer."""

    async def answered(self, reader: AnswerReader) -> HttpResponseBase:
        """Return the stream, or an HTTP error when the answer fails at once; a later failure is its last event."""
        first = await until_word(reader, self.first_word_seconds)
        if first and isinstance(first[-1], Failed) and not first[-1].incomplete:
            await reader.aclose()
            return self.failure(first[-1])
        pieces = sse.stream(ReadAhead(reader, first), self.writer(reader))
        headers = {**sse.HEADERS, **self.headers(reader)}
        response = StreamingHttpResponse(pieces, content_type=sse.CONTENT_TYPE, headers=headers)
        leave_with(response, reader)
        return response


def waiting(left: Left) -> dict[str, Any]:
    """Return a question that waits for a person, as callers see it."""
    ids = {"conversation_id": left.conversation_id, "question_id": left.question_id}
    return {**ids, "handling": Handling.PERSON, "person": {"name": left.person_name}}
