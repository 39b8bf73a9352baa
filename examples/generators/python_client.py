"""Typed events and webhook payloads, with the classes that `openapi-python-client` makes of the schema."""

from __future__ import annotations

import json
from typing import Any

from chatcms_client.models import (
    ChatCitationEvent,
    ChatDeltaEvent,
    ChatDoneEvent,
    ChatErrorEvent,
    ConversationStartedWebhook,
    MessageCreatedWebhook,
    QuestionUnansweredWebhook,
)

Event = ChatDeltaEvent | ChatCitationEvent | ChatDoneEvent | ChatErrorEvent
EVENTS: dict[str, Any] = {
    "delta": ChatDeltaEvent,
    "citation": ChatCitationEvent,
    "done": ChatDoneEvent,
    "error": ChatErrorEvent,
}


def read(block: str) -> Event | None:
    """Return a block of the stream as what it is; None for those that are not looked at here."""
    fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
    kind = EVENTS.get(fields.get("event", ""))
    event: Event | None = kind.from_dict({**fields, "data": json.loads(fields["data"])}) if kind else None
    return event


def said(event: Event) -> str:
    """Return what an event adds to the page."""
    if isinstance(event, ChatDeltaEvent):
        return event.data.text
    if isinstance(event, ChatCitationEvent):
        return f"[{event.data.number}] {event.data.document}, page {event.data.page}"
    if isinstance(event, ChatDoneEvent):
        return f"({event.data.finish_reason} after {event.data.total_ms} ms)"
    return f"{event.data.code}: {event.data.detail}"


def received(body: dict[str, Any]) -> str:
    """Return what a webhook tells."""
    if body["type"] == "question.unanswered":
        unanswered = QuestionUnansweredWebhook.from_dict(body)
        return f"{unanswered.data.bot.slug} found nothing: {unanswered.data.url}"
    if body["type"] == "message.created":
        created = MessageCreatedWebhook.from_dict(body)
        return f"message {created.data.seq} of {created.data.conversation_id} by {created.data.role}"
    started = ConversationStartedWebhook.from_dict(body)
    return f"{started.data.channel} since {started.data.started_at:%H:%M}"


BLOCK = 'event: delta\nid: 1.2.0.0\ndata: {"text": "Forty days"}'
BOT = {"id": "01938d5e-7f60-7c2a-9a3e-1c5b8f0d2e41", "slug": "support", "name": "Support"}
PLACE = {"conversation_id": BOT["id"], "bot": BOT, "channel": "widget", "visitor_id": None, "visitor_ref": ""}
SENT = {
    "id": BOT["id"],
    "type": "question.unanswered",
    "created_at": "2026-01-31T09:30:00Z",
    "tenant": "acme",
    "data": {
        **PLACE,
        "question_id": BOT["id"],
        "message_id": BOT["id"],
        "answered_by": "say_so",
        "asked_at": "2026-01-31T09:30:00Z",
        "url": "https://cms.example/v1/tenant/messages/1",
    },
}

if __name__ == "__main__":
    event = read(BLOCK)
    assert event is not None
    assert said(event) == "Forty days"
    assert received(SENT).startswith("support found nothing")
