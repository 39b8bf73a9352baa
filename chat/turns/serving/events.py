"""The product's own face of a turn: named server-sent events, or one JSON document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from django.http import HttpResponse, HttpResponseBase

from chat.enums import Handling
from chat.money.pricing import UsageKnown
from chat.turns.citations import citation_of
from chat.turns.engine.gathered import Gathered
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
from chat.turns.live.reader import AnswerReader, events_of, until_word
from chat.turns.serving.audience import Tell, telling
from chat.turns.serving.loop import event_stream
from chat.turns.sources import Source
from chat.turns.turn import LeftQuestion
from chatcms.core import problems, sse
from chatcms.core.decimals import plain
from providers.messages import RefusalPart, dump_parts
from tenants.types import Actor

# How long to hold the status back for the first word: what fails before it gets its proper HTTP status.
FIRST_WORD_SECONDS = 2.0


async def stream_turn(reader: AnswerReader, *, by: Actor, after: Position = START) -> HttpResponseBase:
    """Return the event stream of an answer, or an HTTP error when it fails at once, before its first word.

    A later failure is the last event, with a problem document. A reader who has come as far as `after` gets what lies
    beyond. `by` reads what `chat.turns.serving.audience` lets them.
    """
    first = await until_word(reader, FIRST_WORD_SECONDS)
    if first and isinstance(first[-1], Failed) and not first[-1].incomplete:
        await reader.aclose()
        return problem_response(first[-1], by=by)
    return _events(reader, telling(by), after, first)


async def replay_turn(reader: AnswerReader, *, by: Actor, after: Position) -> HttpResponseBase:
    """Return the event stream of what lies beyond `after`; a failure is an event, whenever it came."""
    return _events(reader, telling(by), after, [])


def _events(reader: AnswerReader, tell: Tell, after: Position, first: list[TurnEvent]) -> HttpResponseBase:
    rest = Rest(after)

    def encode(event: TurnEvent) -> bytes:
        return b"".join(_encode(tell(each), position) for each, position in rest.take(event))

    return event_stream(reader, encode, first)


async def whole_turn(reader: AnswerReader, *, by: Actor) -> HttpResponseBase:
    """Wait for the end of an answer; return it as one JSON document, or its failure with the error's status."""
    tell = telling(by)
    gathered = Gathered()
    async for event in events_of(reader):
        gathered.note(event)
    if gathered.failed is not None:
        return problem_response(gathered.failed, by=by)
    document: dict[str, Any] = {
        "answer": gathered.text,
        "citations": [shown_citation(source) for source in gathered.cited],
    }
    if gathered.usage is not None:
        document["usage"] = _usage(tell(gathered.usage))
    if gathered.done is not None:
        document |= _done(gathered.done)
    if gathered.parts:
        document["parts"] = dump_parts(gathered.parts)
    return HttpResponse(orjson.dumps(document), content_type="application/json")


def left_response(left: LeftQuestion, *, stream: bool, replayed: bool = False) -> HttpResponseBase:
    """Return what is said to a question that waits for a person: 202, or a stream that ends with the event `person`."""
    ids = {"conversation_id": left.conversation_id, "question_id": left.question_id}
    document = {**ids, "handling": Handling.PERSON, "person": {"name": left.person_name}}
    headers = {"Idempotency-Replayed": "true"} if replayed else {}
    if not stream:
        return HttpResponse(orjson.dumps(document), status=202, content_type="application/json", headers=headers)
    events = sse.encode_event("conversation", {**ids, "message_id": None}) + sse.encode_event("person", document)
    return HttpResponse(events, content_type=sse.CONTENT_TYPE, headers={**sse.HEADERS, **headers})


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


def _encode(event: TurnEvent, position: Position) -> bytes:
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
