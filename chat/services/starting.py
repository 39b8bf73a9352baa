"""Begins a turn: one short transaction, after which no database is needed until the search."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence

from django.db import connection, transaction
from django.utils import timezone

from bots.models import Bot
from bots.selectors import model_for
from chat import selectors
from chat.enums import Channel, MessageRole, MessageStatus
from chat.exceptions import EmptyQuestionError, MessagesUsedUpError, NoSuchConversationError
from chat.models import TITLE_LENGTH, Conversation, Message
from chat.types import Ask, BotSetup, Overrides, TenantRef, Turn
from chatcms.core.text import storable
from datasets.retrieval import plan_search
from providers.connect import Access
from providers.selectors import access_to, default_provider, usable
from providers.types import ChatMessage
from tenants.models import Tenant
from tenants.types import Actor

MESSAGES_PER_TURN = 2


def start_turn(
    *,
    by: Actor,
    tenant: Tenant,
    bot: Bot,
    question: str,
    channel: Channel,
    conversation_id: uuid.UUID | None = None,
    visitor_ref: str = "",
    history: Sequence[ChatMessage] | None = None,
    instructions: str = "",
    overrides: Overrides | None = None,
) -> Turn:
    """Save the question and an answer that is still to come; return what it takes to answer it.

    A conversation is continued only by the caller who began it, with the same bot. `history` replaces what
    is stored (OpenAI-compatible face). Raises `NoSuchConversationError`, `MessagesUsedUpError`,
    `EmptyQuestionError`, and `ProviderMisconfigured` when the bot has no usable provider.
    """
    started = time.perf_counter()
    question = storable(question).strip()
    if not question:
        raise EmptyQuestionError
    provider_name, access = _provider(bot)
    model = model_for(bot, access)
    plan = plan_search(dataset_ids=bot.dataset_ids) if bot.dataset_ids else None
    with transaction.atomic():
        _check_quota(tenant)
        if conversation_id is None:
            conversation = _new_conversation(by, bot, question, channel, visitor_ref)
        else:
            conversation = _held_conversation(by, bot, conversation_id)
            history = selectors.history_of(conversation.pk) if history is None else history
        pair = _save_pair(conversation, question, model=model, provider_name=provider_name)
    return Turn(
        tenant=TenantRef(tenant.id, tenant.schema_name),
        conversation_id=conversation.pk,
        question_id=pair[0],
        message_id=pair[1],
        ask=Ask(
            question=question,
            bot=_setup(bot, model, overrides or Overrides()),
            model=access.model_info(model),
            history=tuple(history or ()),
            instructions=storable(instructions),
            stop=overrides.stop if overrides else (),
        ),
        access=access,
        search_plan=plan,
        started=started,
    )


def _provider(bot: Bot) -> tuple[str, Access]:
    row = usable(bot.tenant_ai_provider) if bot.tenant_ai_provider else default_provider()
    return row.name, access_to(row)


def _check_quota(tenant: Tenant) -> None:
    limit = tenant.plan.max_monthly_messages if tenant.plan else None
    if limit is None:
        return
    with connection.cursor() as cursor:
        # One at a time per tenant, so that two questions at once cannot both take the last place.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 0))")
    if selectors.messages_this_month() >= limit:
        raise MessagesUsedUpError(limit=limit)


def _new_conversation(by: Actor, bot: Bot, question: str, channel: Channel, visitor_ref: str) -> Conversation:
    return Conversation.objects.create(
        bot=bot,
        title=" ".join(question.split())[:TITLE_LENGTH],
        channel=channel,
        actor_type=by.type,
        actor_id=by.id,
        visitor_ref=visitor_ref,
        message_count=MESSAGES_PER_TURN,
    )


def _held_conversation(by: Actor, bot: Bot, conversation_id: uuid.UUID) -> Conversation:
    mine = Conversation.objects.of_actor(by.type, by.id)
    conversation = mine.select_for_update().filter(pk=conversation_id, bot=bot).first()
    if conversation is None:
        raise NoSuchConversationError
    conversation.message_count += MESSAGES_PER_TURN
    conversation.last_message_at = timezone.now()
    conversation.save(update_fields=["message_count", "last_message_at"])
    return conversation


def _save_pair(
    conversation: Conversation, question: str, *, model: str, provider_name: str
) -> tuple[uuid.UUID, uuid.UUID]:
    asked = Message(
        conversation=conversation,
        seq=conversation.message_count - 1,
        role=MessageRole.USER,
        content=question,
    )
    answer = Message(
        conversation=conversation,
        seq=conversation.message_count,
        role=MessageRole.ASSISTANT,
        status=MessageStatus.STREAMING,
        model=model,
        provider_name=provider_name,
    )
    Message.objects.bulk_create([asked, answer])
    return asked.pk, answer.pk


def _setup(bot: Bot, model: str, overrides: Overrides) -> BotSetup:
    return BotSetup(
        id=bot.pk,
        name=bot.name,
        model=model,
        system_prompt=bot.system_prompt,
        temperature=bot.temperature if overrides.temperature is None else overrides.temperature,
        max_tokens=_smaller(bot.max_tokens, overrides.max_tokens),
        no_evidence=bot.no_evidence,
        no_evidence_message=bot.no_evidence_message,
    )


def _smaller(own: int | None, asked: int | None) -> int | None:
    """The bot's limit is the tenant's purse: a caller may only lower it."""
    limits = [limit for limit in (own, asked) if limit]
    return min(limits) if limits else None
