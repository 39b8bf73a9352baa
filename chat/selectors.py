"""Finds conversations, their messages, and what a turn needs of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Window
from django.utils import timezone

from bots.exceptions import NoSuchBotError
from bots.selectors import bot_by_id
from bots.slugs import uuid_of
from chat import wordsearch
from chat.enums import MessageRole, MessageStatus
from chat.exceptions import NoSuchBudgetError, NoSuchConversationError
from chat.models import Budget, Conversation, ConversationQuerySet, Message, Usage
from datasets.models import Chunk
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
from tenants import quotas
from tenants.context import current_tenant_id
from tenants.types import Actor

HISTORY_MESSAGES = 30
HISTORY_STEP = 10

# What is written at a citation, by message and chunk; absent once the passage was deleted, edited or withdrawn.
Quotes = dict[tuple[uuid.UUID, str], str]


def conversations_of(actor: Actor) -> ConversationQuerySet:
    """Return the conversations that the caller holds and may use, each with its bot.

    A key that is limited to some bots, and a visitor, have those with these bots only, and a visitor only the one
    that the token is for.
    """
    conversations = _held_by(actor)
    if actor.conversation_id is not None:
        conversations = conversations.filter(pk=actor.conversation_id)
    return conversations


def conversations_to_choose_from(
    actor: Actor, *, bot: str = "", since: datetime | None = None, search: str = ""
) -> QuerySet[Conversation]:
    """Return what the caller finds on the list: an identified visitor's earlier conversations with the bot too.

    For one of those a visitor needs a token of its own. `bot` is an id or slug, `since` is about the last message,
    and `search` is for words of the messages.
    """
    rows: QuerySet[Conversation] = _held_by(actor) if actor.ref else conversations_of(actor)
    if bot:
        bot_id = uuid_of(bot)
        rows = rows.filter(bot=bot_id) if bot_id else rows.filter(bot__slug=bot.lower())
    if since:
        rows = rows.filter(last_message_at__gte=since)
    return wordsearch.conversations_with(rows, search) if search else rows


def _held_by(actor: Actor) -> ConversationQuerySet:
    conversations = Conversation.objects.of_actor(actor.type, actor.id).select_related("bot")
    if actor.bot_ids is not None:
        conversations = conversations.filter(bot__in=actor.bot_ids)
    return conversations


def conversation_of(actor: Actor, conversation_id: uuid.UUID) -> Conversation:
    """Return one conversation of the caller; raise `NoSuchConversationError`, also for another's."""
    conversation = conversations_of(actor).filter(pk=conversation_id).first()
    if conversation is None:
        raise NoSuchConversationError("There is no such conversation of yours.")
    return conversation


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


def messages_this_month() -> int:
    """Return how many answers of this calendar month (UTC) count against the plan."""
    return int(quotas.used(current_tenant_id(), "monthly_messages")["monthly_messages"])


def visitor_questions_today(bot_id: uuid.UUID) -> int:
    """Return how many answers of today (UTC) a bot gave visitors: settled or under way, those made anew included.

    A visitor may delete the conversation; what was used in it still counts.
    """
    used = Usage.objects.filter(day=timezone.now().date(), bot_id=bot_id)
    settled = used.filter(Q(message__isnull=True) | Q(message__conversation__actor_type="visitor")).count()
    under_way = Message.objects.filter(status=MessageStatus.STREAMING, conversation__bot=bot_id)
    return settled + under_way.filter(conversation__actor_type="visitor").count()


def quotes_for(messages: Iterable[Message]) -> Quotes:
    """Return the text of every passage that the messages cite and may still quote."""
    rows = list(messages)
    passages = passages_of(rows)
    return {
        (message.pk, citation["chunk_id"]): passage.text
        for message in rows
        for citation in shown_sources(message)
        if (passage := passages.get(citation["chunk_id"])) and is_as_cited(passage, message)
    }


def shown_sources(message: Message) -> list[dict[str, Any]]:
    """Return the places that an answer cites; of one that cites none those that its model was given."""
    return list(message.citations or consulted_by(message))


def consulted_by(message: Message) -> list[dict[str, Any]]:
    """Return the places that the model was given of an answer that cites none of them."""
    return list(message.retrieval.get("consulted", []))


def passages_of(messages: Iterable[Message]) -> dict[str, Chunk]:
    """Return the chunks with their documents, by id, that the messages cite or were made from and that are in use.

    A chunk or dataset that was switched off is withdrawn: nobody is shown it because of an old answer.
    """
    ids = {one["chunk_id"] for message in messages for one in [*message.citations, *_passages_in(message)]}
    if not ids:
        return {}
    in_use = Chunk.objects.filter(is_active=True, dataset__is_active=True)
    return {str(row.pk): row for row in in_use.filter(pk__in=ids).select_related("document")}


def is_as_cited(passage: Chunk, message: Message) -> bool:
    """Say whether the passage still says what the answer was made from: it was not edited since."""
    return passage.edited_at is None or passage.edited_at <= message.created_at


def _passages_in(message: Message) -> list[dict[str, Any]]:
    return list(message.retrieval.get("passages", []))


def answer_of(actor: Actor, message_id: uuid.UUID) -> Message:
    """Return one answer from the caller's own conversations; raise `NoSuchConversationError` otherwise."""
    message = (
        Message.objects.select_related("conversation", "feedback")
        .filter(pk=message_id, role=MessageRole.ASSISTANT, conversation__in=conversations_of(actor).order_by())
        .first()
    )
    if message is None:
        raise NoSuchConversationError("There is no such answer in a conversation of yours.")
    return message


def searched_by_bot(bot_id: uuid.UUID, *, by: Actor) -> tuple[list[uuid.UUID], int]:
    """Return the datasets that a bot answers from and `by` may use, and how many passages it is given at most.

    Raises `NoSuchBotError`.
    """
    bot = bot_by_id(bot_id)
    if not by.may_use_bot(bot.id):
        raise NoSuchBotError
    return [dataset_id for dataset_id in bot.dataset_ids if by.may_use_dataset(dataset_id)], bot.passages


def budgets(*, by: Actor, bot_id: uuid.UUID | None = None, period: str = "") -> QuerySet[Budget]:
    """Return the budgets of the tenant in force that fit; a key that is limited to some bots sees theirs only."""
    rows = Budget.objects.all()
    if by.bot_ids is not None:
        rows = rows.filter(bot__in=by.bot_ids)
    if bot_id is not None:
        rows = rows.filter(bot=bot_id)
    return rows.filter(period=period) if period else rows


def budget_by_id(budget_id: uuid.UUID, *, by: Actor) -> Budget:
    """Return one budget that `by` may see; raise `NoSuchBudgetError`."""
    budget = budgets(by=by).filter(pk=budget_id).first()
    if budget is None:
        raise NoSuchBudgetError
    return budget
