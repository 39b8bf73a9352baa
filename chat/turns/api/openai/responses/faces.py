"""Writes a turn as OpenAI's responses: one document, or typed events."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from django.http import HttpResponse

from chat.turns.api.openai.replies import FIRST_WORD_SECONDS, failure, named
from chat.turns.api.openai.responses.writer import Document, ResponseWriter, WrittenResponse
from chat.turns.events import Failed, TurnEvent
from chat.turns.live.reader import AnswerReader
from chat.turns.serving.audience import Tell, telling
from chat.turns.serving.faces import EventWriter, StreamedFace, WholeFace
from chatcms.core.api import sse
from tenants.types import Actor


class _Response:
    """What both faces share."""

    def __init__(self, written: WrittenResponse, *, by: Actor) -> None:
        self.by = by
        self.written = written

    def begun(self, reader: AnswerReader) -> ResponseWriter:
        """Return what writes the response to come."""
        return ResponseWriter(
            conversation_id=reader.conversation_id,
            message_id=reader.message_id,
            written=self.written,
            created=int(time.time()),
            by=self.by,
        )

    def failure(self, failed: Failed) -> HttpResponse:
        """Return the error in OpenAI's shape."""
        return failure(failed, self.by)

    def headers(self, reader: AnswerReader) -> Mapping[str, str]:
        """Name the conversation."""
        return named(reader)


class ResponseFace(_Response, WholeFace):
    """A turn as one response."""

    def document(self, reader: AnswerReader, events: Sequence[TurnEvent]) -> Document:
        """Return the response."""
        return self.begun(reader).whole(map(telling(self.by), events))


class ResponseEventsFace(_Response, StreamedFace):
    """A turn as a stream of events."""

    first_word_seconds = FIRST_WORD_SECONDS

    def writer(self, reader: AnswerReader) -> EventWriter:
        """Return what writes the events."""
        return _Events(self.begun(reader), telling(self.by))


class _Events:
    """Writes the events of a response; the first ones come before the first word."""

    def __init__(self, writer: ResponseWriter, tell: Tell) -> None:
        self._writer = writer
        self._tell = tell
        self._has_begun = False

    def encode(self, event: TurnEvent) -> bytes:
        begun = () if self._has_begun else self._writer.begin()
        self._has_begun = True
        documents = (*begun, *self._writer.take(self._tell(event)))
        return b"".join([sse.encode_event(document["type"], document) for document in documents])
