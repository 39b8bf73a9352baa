"""What a conversation has come to before a question, as a model is told of it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Count, Window

from chat.enums import MessageRole, MessageStatus
from chat.exceptions import NoSuchConversationError
from chat.models import Message
from providers.messages import (
    FilePart,
    ImagePart,
    Part,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    ToolResultPart,
    load_parts,
)
from providers.messages import Message as PromptMessage

HISTORY_MESSAGES = 30
HISTORY_STEP = 10


def history_of(
    conversation_id: uuid.UUID, *, before: int | None = None, tools: bool = False
) -> tuple[PromptMessage, ...]:
    """Return the last turns that have an answer, oldest first; a question that got none is left out.

    So are answers that others took the place of. What a person wrote counts as the bot's own words; what one side
    said in several messages is one. `before` is the place of the question, when there is more after it. With `tools`
    their calls and results are there too, of which a model that knows none cannot be told. Of a long
    conversation the oldest messages are left out `HISTORY_STEP` at a time, so that its history begins with the same
    message for several turns and vendors' caches of prompts hold.
    """
    messages = Message.objects.filter(conversation_id=conversation_id, superseded=False)
    if before is not None:
        messages = messages.filter(seq__lt=before)
    newest = messages.annotate(total=Window(Count("pk"))).order_by("-seq")
    rows = list(newest.values_list("total", "role", "content", "parts", "status")[:HISTORY_MESSAGES])
    history: list[PromptMessage] = []
    answered = False
    for _, role, content, parts, status in rows[: _kept(rows[0][0] if rows else 0)]:
        said = _said(content, parts, tools=tools)
        if role == MessageRole.USER:
            if answered and said:
                _put_before(history, "tool" if isinstance(said[0], ToolResultPart) else "user", said)
            continue
        is_whole = status in {MessageStatus.COMPLETE, MessageStatus.STOPPED}
        answered = bool(content or parts) and is_whole
        if answered and any(said):
            _put_before(history, "assistant", said)
    while history and history[-1].role != "user":
        history.pop()
    return tuple(reversed(history))


def _kept(count: int) -> int:
    """Return how many of so many messages are a history."""
    excess = max(0, count - HISTORY_MESSAGES)
    return count - -(-excess // HISTORY_STEP) * HISTORY_STEP


def _said(content: str, parts: list[Any], *, tools: bool) -> tuple[Part, ...]:
    """Return what a message says to a model; a call of a tool only means something together with its result."""
    if not parts:
        return (TextPart(content),) if content else ()
    of_tools = (ToolCallPart, ToolResultPart) if tools else ()
    kinds = (TextPart, RefusalPart, ImagePart, FilePart, *of_tools)
    return tuple(part for part in load_parts(parts) if isinstance(part, kinds))


def _put_before(history: list[PromptMessage], role: Role, parts: tuple[Part, ...]) -> None:
    """Add what was said before all that is in a history yet, whose last element is the oldest."""
    if not history or history[-1].role != role:
        history.append(PromptMessage(role, parts))
        return
    after = history.pop().parts
    if isinstance(parts[-1], TextPart) and isinstance(after[0], TextPart):
        joined = TextPart(f"{parts[-1].text}\n\n{after[0].text}")
        history.append(PromptMessage(role, (*parts[:-1], joined, *after[1:])))
    else:
        history.append(PromptMessage(role, (*parts, *after)))


def question_of(answer: Message) -> Message:
    """Return what an answer answers; raise `NoSuchConversationError` when it is gone."""
    earlier = Message.objects.filter(conversation_id=answer.conversation_id, role=MessageRole.USER, seq__lt=answer.seq)
    question = earlier.order_by("-seq").first()
    if question is None:
        raise NoSuchConversationError
    return question
