"""Finds a tenant's conversations, messages and feedback for those who look after its bots."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet, Sum

from chat.conversations import wordsearch
from chat.enums import Channel, Handling, MessageRole, MessageStatus, Rating
from chat.exceptions import NoSuchConversationError
from chat.inbox.exceptions import NoSuchMessageError
from chat.models import Conversation, Feedback, Message, Usage
from chatcms.core.db.ids import first_uuid7_of
from tenants.context import current_tenant_id
from tenants.services.visitor_tokens import visitor_id_of
from tenants.types import Actor

RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationFilter:
    """Narrows down conversations. `since` and `until` are about the last message, `search` about every message.

    `visitor` is a visitor's id, or the tenant's own id of one. `rating`, `has_failed` and `unanswered` are about any
    of the answers; unanswered is one for which the documents held nothing.
    """

    conversation_id: uuid.UUID | None = None
    bot_id: uuid.UUID | None = None
    channel: str | None = None
    visitor: str = ""
    since: datetime | None = None
    until: datetime | None = None
    rating: Rating | None = None
    has_failed: bool | None = None
    unanswered: bool | None = None
    ended: bool | None = None
    handling: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Narrows down messages; `since` and `until` are about when they were written."""

    bot_id: uuid.UUID | None = None
    conversation_id: uuid.UUID | None = None
    role: str | None = None
    status: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    rating: Rating | None = None
    unanswered: bool | None = None
    corrected: bool | None = None
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedbackFilter:
    """Narrows down feedback; `since` and `until` are about when it was first given."""

    bot_id: uuid.UUID | None = None
    rating: Rating | None = None
    has_comment: bool | None = None
    corrected: bool | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(slots=True)
class Summary:
    """What happened to the answers of a conversation."""

    ratings: dict[str, int] = field(default_factory=lambda: {"up": 0, "down": 0})
    failed: int = 0
    unanswered: int = 0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a conversation has used: US dollars (None when no price is known) and tokens."""

    amount: Decimal | None
    tokens: int


def conversations(*, by: Actor, where: ConversationFilter | None = None) -> QuerySet[Conversation]:
    """Return the conversations of the current tenant that fit, each with its bot.

    A key that is limited to some bots sees those with these bots only. One query more is made for a search.
    """
    where = where or ConversationFilter()
    rows: QuerySet[Conversation] = _of_bots(Conversation.objects.select_related("bot"), by, "bot", where.bot_id)
    if where.conversation_id:
        rows = rows.filter(pk=where.conversation_id)
    if where.channel:
        rows = rows.filter(channel=where.channel)
    if where.visitor:
        is_visitor = Q(actor_type="visitor", actor_id__in=_visitor_ids(where.visitor))
        # By OpenAI's protocol a key tells who its user is.
        rows = rows.filter(is_visitor | Q(channel=Channel.OPENAI, visitor_ref=where.visitor))
    if where.handling:
        rows = rows.filter(handling=where.handling)
    if where.ended is not None:
        rows = rows.filter(ended_at__isnull=not where.ended)
    rows = _between(rows, "last_message_at", where.since, where.until)
    rows = _whether(rows, where.has_failed, _answers(status=MessageStatus.FAILED))
    rows = _whether(rows, where.unanswered, _answers(**WITHOUT_EVIDENCE))
    if where.rating is not None:
        rated = Feedback.objects.filter(message__conversation=OuterRef("pk"), rating=where.rating)
        rows = rows.filter(Exists(rated))
    return wordsearch.conversations_with(rows, where.search) if where.search else rows


def conversation(*, by: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Return one conversation with its bot; raise `NoSuchConversationError`."""
    row = conversations(by=by).filter(pk=conversation_id).first()
    if row is None:
        raise NoSuchConversationError("There is no such conversation here. Check its id.")
    return row


def messages(*, by: Actor, where: MessageFilter | None = None) -> QuerySet[Message]:
    """Return the messages of the current tenant that fit, each with its conversation and feedback."""
    where = where or MessageFilter()
    base = Message.objects.select_related("conversation", "feedback").prefetch_related("usage")
    rows: QuerySet[Message] = _of_bots(base, by, "conversation__bot", where.bot_id)
    if where.conversation_id:
        rows = rows.filter(conversation=where.conversation_id)
    if where.role:
        rows = rows.filter(role=where.role)
    if where.status:
        rows = rows.filter(status=where.status)
    # By the id, which says when a message was written and is what the list is sorted by.
    if where.since:
        rows = rows.filter(pk__gte=first_uuid7_of(where.since))
    if where.until:
        rows = rows.filter(pk__lt=first_uuid7_of(where.until))
    if where.rating is not None:
        rows = rows.filter(feedback__rating=where.rating)
    if where.corrected is not None:
        rows = rows.filter(corrected_at__isnull=not where.corrected)
    if where.unanswered is not None:
        without = Q(**WITHOUT_EVIDENCE)
        rows = rows.filter(role=MessageRole.ASSISTANT).filter(without if where.unanswered else ~without)
    return wordsearch.messages_with(rows, where.search) if where.search else rows


def message(*, by: Actor, message_id: uuid.UUID) -> Message:
    """Return one message with its conversation and feedback; raise `NoSuchMessageError`."""
    row = messages(by=by).filter(pk=message_id).first()
    if row is None:
        raise NoSuchMessageError
    return row


def feedback(*, by: Actor, where: FeedbackFilter) -> QuerySet[Feedback]:
    """Return the feedback that fits, each with its answer, the question to it, and their conversation and bot."""
    base = Feedback.objects.select_related("message__reply_to", "message__conversation__bot")
    rows: QuerySet[Feedback] = _of_bots(base, by, "message__conversation__bot", where.bot_id)
    if where.rating is not None:
        rows = rows.filter(rating=where.rating)
    if where.has_comment is not None:
        rows = rows.exclude(comment="") if where.has_comment else rows.filter(comment="")
    if where.corrected is not None:
        rows = rows.filter(message__corrected_at__isnull=not where.corrected)
    return _between(rows, "created_at", where.since, where.until)


def summaries_of(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Summary]:
    """Return for each of some conversations what happened to its answers, by one query."""
    told: dict[uuid.UUID, Summary] = defaultdict(Summary)
    notable = Q(status=MessageStatus.FAILED) | Q(**WITHOUT_EVIDENCE) | Q(feedback__isnull=False)
    rows = (
        Message.objects.filter(notable, conversation__in=ids)
        .order_by()
        .values_list("conversation_id", "status", "retrieval__has_evidence", "feedback__rating")
    )
    for conversation_id, status, has_evidence, rating in rows:
        summary = told[conversation_id]
        summary.failed += status == MessageStatus.FAILED
        summary.unanswered += has_evidence is False
        if rating is not None:
            summary.ratings[Rating(rating).name.lower()] += 1
    return told


def waiting_count(*, by: Actor) -> int:
    """Return in how many conversations a person is waited for."""
    return conversations(by=by, where=ConversationFilter(handling=Handling.REQUESTED)).count()


def cost_of(conversation: Conversation) -> Cost:
    """Return what the answers of a conversation used, by one query."""
    used = Usage.objects.filter(message__conversation=conversation).aggregate(
        amount=Sum("cost"), tokens=Sum(F("prompt_tokens") + F("completion_tokens"), default=0)
    )
    return Cost(used["amount"], used["tokens"])


# Written as the index `messages_unanswered` has it.
WITHOUT_EVIDENCE: dict[str, Any] = {"retrieval__contains": {"has_evidence": False}}


def _of_bots(rows: QuerySet[RowT], by: Actor, path: str, bot_id: uuid.UUID | None) -> QuerySet[RowT]:
    if by.bot_ids is not None:
        rows = rows.filter(**{f"{path}__in": by.bot_ids})
    return rows.filter(**{path: bot_id}) if bot_id else rows


def _between(rows: QuerySet[RowT], name: str, since: datetime | None, until: datetime | None) -> QuerySet[RowT]:
    if since:
        rows = rows.filter(**{f"{name}__gte": since})
    return rows.filter(**{f"{name}__lt": until}) if until else rows


def _whether(rows: QuerySet[RowT], wanted: bool | None, exists: Exists) -> QuerySet[RowT]:
    return rows if wanted is None else rows.filter(exists if wanted else ~exists)


def _answers(**having: Any) -> Exists:
    return Exists(Message.objects.filter(conversation=OuterRef("pk"), **having))


def _visitor_ids(visitor: str) -> list[uuid.UUID]:
    """The ids that may be meant: the tenant's own id of a visitor may look like one of ours."""
    ids = [visitor_id_of(tenant_id=current_tenant_id(), ref=visitor)]
    with suppress(ValueError):
        ids.append(uuid.UUID(visitor))
    return ids
