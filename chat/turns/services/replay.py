"""Tells an answer that has ended once more, as the events that a reader would have got."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chat.enums import MessageStatus
from chat.models import Message
from chat.money.pricing import UsageKnown
from chat.turns.citations import consulted_by, is_as_cited, passages_of, shown_sources
from chat.turns.events import (
    MODEL,
    CitationMade,
    ConversationStarted,
    Delta,
    Done,
    Failed,
    Refused,
    Retrieved,
    ToolCalled,
    TurnEvent,
)
from chat.turns.exceptions import AnswerAbandonedError
from chat.turns.live.wire import error_of
from chat.turns.services.settlement import STOPPED
from chat.turns.sources import Source
from datasets.models import Chunk
from providers.messages import RefusalPart, TextPart, ToolCallPart, load_parts


def events_of_answer(message: Message) -> list[TurnEvent]:
    """Return the events of an answer of the current tenant that has ended, from what is saved of it.

    A passage that was deleted, edited or withdrawn since has no text, and is left out unless the answer cites it.
    """
    sources = _sources(message)
    cited = [citation["number"] for citation in message.citations]
    evidence: bool | None = message.retrieval.get("has_evidence")
    # Only what was found good enough is put into the prompt, whatever the model says of it then.
    was_found = True if message.retrieval.get("passages") else evidence
    usage = _usage(message)
    events: list[TurnEvent] = [
        ConversationStarted(message.conversation_id, _question_id(message), message.pk),
        Retrieved(tuple(sources.values()), was_found, usage.prompt_tokens),
    ]
    events += _said(message)
    events += [CitationMade(sources[number]) for number in cited]
    return [*events, *_closing(message, evidence, sources, usage)]


def _said(message: Message) -> list[TurnEvent]:
    """Return the words and the other parts in their order."""
    if not message.parts:
        return [Delta(message.content)] if message.content else []
    events: list[TurnEvent] = []
    for index, part in enumerate(load_parts(message.parts)):
        if isinstance(part, ToolCallPart):
            events.append(ToolCalled(part, index))
        elif isinstance(part, TextPart | RefusalPart):
            events.append(Delta(part.text))
            events += [Refused(part.text, index)] if isinstance(part, RefusalPart) else []
    return events


def _closing(
    message: Message, evidence: bool | None, sources: dict[int, Source], usage: UsageKnown
) -> tuple[TurnEvent, ...]:
    if message.status == MessageStatus.FAILED:
        error = error_of(message.error_code or AnswerAbandonedError.code)
        return (Failed(message.pk, message.conversation_id, error, incomplete=bool(message.content or message.parts)),)
    done = Done(
        message_id=message.pk,
        conversation_id=message.conversation_id,
        finish_reason=message.finish_reason or STOPPED,  # type: ignore[arg-type]  # what `Ended` and `stop` saved
        model=message.model,
        has_evidence=evidence,
        first_token_ms=message.first_token_ms,
        total_ms=message.total_ms or 0,
        answered_by=message.retrieval.get("answered_by", MODEL),
        consulted=tuple(sources[one["number"]] for one in consulted_by(message)),
    )
    return usage, done


def _usage(message: Message) -> UsageKnown:
    row = message.usage.order_by("-id").first()
    if row is None:
        return UsageKnown(0, 0, estimated=False)
    return UsageKnown(
        prompt_tokens=row.prompt_tokens,
        completion_tokens=row.completion_tokens,
        estimated=row.estimated,
        cost=row.cost,
        cache_read_tokens=row.cache_read_tokens,
        cache_write_tokens=row.cache_write_tokens,
        reasoning_tokens=row.reasoning_tokens,
    )


def _question_id(message: Message) -> UUID:
    # Answers of before `reply_to` was kept have none.
    return message.reply_to_id or message.pk


def _sources(message: Message) -> dict[int, Source]:
    """Return what was put into the prompt, and is there still or was cited, by number."""
    passages: list[dict[str, Any]] = message.retrieval.get("passages", [])
    cited = {citation["number"]: citation for citation in shown_sources(message)}
    chunks = {id_: chunk for id_, chunk in passages_of([message]).items() if is_as_cited(chunk, message)}
    known: dict[int, dict[str, Any]] = {passage["number"]: passage for passage in passages} | cited
    scores = {passage["number"]: passage["score"] for passage in passages}
    sources = {}
    for number in sorted(known):
        chunk = chunks.get(known[number]["chunk_id"])
        if chunk or number in cited:
            sources[number] = _source(number, chunk, cited.get(number), scores.get(number, 0.0))
    return sources


def _source(number: int, chunk: Chunk | None, citation: dict[str, Any] | None, score: float) -> Source:
    if chunk is None:
        assert citation is not None  # noqa: S101 - `_sources` asked
        return Source(
            number=number,
            chunk_id=UUID(citation["chunk_id"]),
            document_id=UUID(citation["document_id"]),
            document=citation["document"],
            text="",
            page=citation["page"],
            section=citation["section"],
            score=score,
        )
    return Source(
        number=number,
        chunk_id=chunk.pk,
        document_id=chunk.document_id,
        document=citation["document"] if citation else chunk.document.name,
        text=chunk.text,
        page=chunk.page,
        section=chunk.section,
        score=score,
        url=chunk.document.source_url,
    )
