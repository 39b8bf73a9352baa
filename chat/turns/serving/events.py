"""The product's own face of a turn: named server-sent events, or one JSON document."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson
from django.http import HttpResponse, HttpResponseBase

from chat.money.pricing import UsageKnown
from chat.turns.citations import citation_of
from chat.turns.engine.gathered import gather
from chat.turns.entrance import Left
from chat.turns.events import (
    CitationMade,
    ConversationStarted,
    Delta,
    Done,
    Failed,
    Refused,
    Restarted,
    Retrieved,
    ToolCalled,
    TurnEvent,
)
from chat.turns.live.position import START, Position, Rest
from chat.turns.live.reader import AnswerReader
from chat.turns.serving.audience import Tell, telling
from chat.turns.serving.faces import EventWriter, StreamedFace, WholeFace, waiting
from chat.turns.sources import Source
from chatcms.core.api import problems, sse
from chatcms.core.text.decimals import plain
from providers.messages import RefusalPart, dump_parts
from tenants.types import Actor

# How long to hold the status back for the first word: what fails before it gets its proper HTTP status.
FIRST_WORD_SECONDS = 2.0


class EventsFace(StreamedFace):
    """The product's own events; a reader who has come as far as `after` gets what lies beyond."""

    def __init__(self, *, by: Actor, after: Position = START, first_word_seconds: float = FIRST_WORD_SECONDS) -> None:
        super().__init__(by=by)
        self.after = after
        self.first_word_seconds = first_word_seconds

    def writer(self, reader: AnswerReader) -> EventWriter:
        """Return what writes this answer."""
        return _Writer(telling(self.by), Rest(self.after))

    def failure(self, failed: Failed) -> HttpResponseBase:
        """Return the HTTP error of an answer that has failed."""
        return problem_response(failed, by=self.by)

    def left(self, left: Left) -> HttpResponseBase:
        """Return the events of a question that waits for a person: `person` is the last one."""
        ids = {"conversation_id": left.conversation_id, "question_id": left.question_id, "message_id": None}
        events = sse.encode_event("conversation", ids) + sse.encode_event("person", waiting(left))
        return HttpResponse(events, content_type=sse.CONTENT_TYPE, headers=sse.HEADERS)


class _Writer:
    """Writes the product's own events, from a reader's position on."""

    def __init__(self, tell: Tell, rest: Rest) -> None:
        self._tell = tell
        self._rest = rest

    def encode(self, event: TurnEvent) -> bytes:
        return b"".join(encoded(self._tell(each), position) for each, position in self._rest.take(event))


class DocumentFace(WholeFace):
    """The product's own document of an answer."""

    def document(self, reader: AnswerReader, events: Sequence[TurnEvent]) -> dict[str, Any]:
        """Return the answer whose events are these."""
        gathered = gather(events)
        document: dict[str, Any] = {
            "answer": gathered.text,
            "citations": [shown_citation(source) for source in gathered.cited],
        }
        if gathered.usage is not None:
            document["usage"] = _usage(telling(self.by)(gathered.usage))
        if gathered.done is not None:
            document |= _done(gathered.done)
        if gathered.parts:
            document["parts"] = dump_parts(gathered.parts)
        return document

    def failure(self, failed: Failed) -> HttpResponseBase:
        """Return the HTTP error of an answer that has failed."""
        return problem_response(failed, by=self.by)


def problem_response(event: Failed, *, by: Actor) -> HttpResponse:
    """Return a failed turn as an HTTP error: problem+json with `Retry-After` when the provider named a time."""
    document = _problem(telling(by)(event))
    response = HttpResponse(orjson.dumps(document), status=document["status"], content_type=problems.CONTENT_TYPE)
    if (wait := event.error.extra.get("retry_after")) is not None:
        response.headers["Retry-After"] = str(int(wait))
    return response


def shown_citation(source: Source) -> dict[str, Any]:
    """Return a citation as callers see it: where it points to, and what is written there."""
    return {**citation_of(source), "quote": source.text or None}


def encoded(event: TurnEvent, position: Position) -> bytes:
    """Return an event as it is sent, with the position that it leads to."""
    name, data = _EVENTS[type(event)]
    return sse.encode_event(name, data(event), str(position))


def _reset(event: Restarted) -> dict[str, Any]:
    return {}


def _conversation(event: ConversationStarted) -> dict[str, Any]:
    return {
        "conversation_id": event.conversation_id,
        "question_id": event.question_id,
        "message_id": event.message_id,
    }


def _retrieval(event: Retrieved) -> dict[str, Any]:
    passages = [{**citation_of(source), "score": round(source.score, 6)} for source in event.sources]
    if not event.messages:
        return {"has_evidence": event.has_evidence, "passages": passages}
    quoted = [{**passage, "quote": source.text} for passage, source in zip(passages, event.sources, strict=True)]
    messages = [{"role": message.role, "content": message.text} for message in event.messages]
    return {"has_evidence": event.has_evidence, "passages": quoted, "messages": messages}


def _delta(event: Delta) -> dict[str, Any]:
    return {"text": event.text}


def _part(event: ToolCalled | Refused) -> dict[str, Any]:
    part = event.part if isinstance(event, ToolCalled) else RefusalPart(event.text)
    return {"index": event.index, **dump_parts([part])[0]}


def _citation(event: CitationMade) -> dict[str, Any]:
    return shown_citation(event.source)


def _usage(event: UsageKnown) -> dict[str, Any]:
    names = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
    parts = {name: count for name in names if (count := getattr(event, name))}
    return {
        "prompt_tokens": event.prompt_tokens,
        "completion_tokens": event.completion_tokens,
        "total_tokens": event.prompt_tokens + event.completion_tokens,
        "estimated": event.estimated,
        "cost": None if event.cost is None else plain(event.cost.normalize()),
        "currency": event.currency,
        **parts,
    }


def _done(event: Done) -> dict[str, Any]:
    consulted = {"consulted": [shown_citation(source) for source in event.consulted]} if event.consulted else {}
    return {
        "conversation_id": event.conversation_id,
        "message_id": event.message_id,
        "finish_reason": event.finish_reason,
        "has_evidence": event.has_evidence,
        "model": event.model,
        "first_token_ms": event.first_token_ms,
        "total_ms": event.total_ms,
        "answered_by": event.answered_by,
        **consulted,
    }


def _problem(event: Failed) -> dict[str, Any]:
    return {
        **problems.problem_of(event.error),
        "conversation_id": str(event.conversation_id),
        "message_id": str(event.message_id),
        "incomplete": event.incomplete,
    }


_EVENTS: dict[type[TurnEvent], tuple[str, Callable[[Any], dict[str, Any]]]] = {
    ConversationStarted: ("conversation", _conversation),
    Restarted: ("reset", _reset),
    Retrieved: ("retrieval", _retrieval),
    Delta: ("delta", _delta),
    ToolCalled: ("part", _part),
    Refused: ("part", _part),
    CitationMade: ("citation", _citation),
    UsageKnown: ("usage", _usage),
    Done: ("done", _done),
    Failed: ("error", _problem),
}
