"""Begins a turn: one short transaction, after which no database is needed until the search."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection, transaction

from bots.models import Bot
from bots.selectors import model_for
from chat import selectors
from chat.enums import Channel, MessageStatus
from chat.exceptions import (
    AnswerUnderWayError,
    EmptyQuestionError,
    MessagesUsedUpError,
    NoSuchConversationError,
    NotTheLastAnswerError,
)
from chat.models import TITLE_LENGTH, Message
from chat.types import Ask, Asked, BotSetup, Call, IfDisconnected, Overrides, TenantRef, Turn
from chatcms.core.ids import uuid7
from chatcms.core.text import storable
from datasets.retrieval import plan_search
from providers.connect import Access
from providers.selectors import access_to, default_provider, usable
from providers.types import ChatMessage
from tenants.context import TenantLike
from tenants.models import Tenant
from tenants.types import Actor

MESSAGES_PER_TURN = 2

# Each is one statement, and so a transaction, with the pair below: this is the path that every turn takes.
_BEGIN = f"""
WITH opened AS (
    INSERT INTO conversations (
        id, bot_id, title, channel, actor_type, actor_id, visitor_ref, origin, message_count, started_at,
        last_message_at
    ) VALUES (
        %(conversation)s, %(bot)s, %(title)s, %(channel)s, %(actor_type)s, %(actor_id)s, %(visitor_ref)s, %(origin)s,
        {MESSAGES_PER_TURN}, now(), now()
    ) ON CONFLICT (id) DO NOTHING RETURNING id, message_count
)"""  # noqa: S608 - built from a constant
_CONTINUE = f"""
WITH opened AS (
    UPDATE conversations
    SET message_count = message_count + {MESSAGES_PER_TURN}, last_message_at = now(), ended_at = NULL
    WHERE id = %(conversation)s AND bot_id = %(bot)s AND actor_type = %(actor_type)s
        AND actor_id IS NOT DISTINCT FROM %(actor_id)s::uuid
    RETURNING id, message_count
)"""  # noqa: S608 - built from a constant
# In place of the last answer of a conversation, which must still be its last message.
_AGAIN = """
WITH opened AS (
    UPDATE conversations SET message_count = message_count + 1, last_message_at = now(), ended_at = NULL
    WHERE id = %(conversation)s AND bot_id = %(bot)s AND message_count = %(last_seq)s
    RETURNING id, message_count
), replaced AS (
    UPDATE messages SET superseded = true WHERE conversation_id IN (SELECT id FROM opened) AND seq = %(last_seq)s
)"""
_INTO = """
INSERT INTO messages (
    id, conversation_id, seq, role, content, status, model, provider_name, reply_to_id, setting, created_at
)"""
_QUESTION = """
SELECT %(question)s::uuid, id, message_count - 1, 'user', %(text)s, 'complete', '', '', NULL::uuid, '{}'::jsonb, now()
FROM opened
UNION ALL"""
_ANSWER = """
SELECT %(answer)s::uuid, id, message_count, 'assistant', '', 'streaming', %(model)s, %(provider)s, %(question)s::uuid,
    %(setting)s::jsonb, now()
FROM opened
"""
_PAIR = _INTO + _QUESTION + _ANSWER


@dataclass(frozen=True, slots=True)
class _Pair:
    """A question and the answer that is to come, as they are saved."""

    question_id: uuid.UUID
    answer_id: uuid.UUID
    question: str
    model: str
    provider_name: str
    setting: dict[str, Any]


def start_turn(
    *,
    by: Actor,
    tenant: Tenant,
    bot: Bot,
    question: str,
    channel: Channel,
    conversation_id: uuid.UUID | None = None,
    history: Sequence[ChatMessage] | None = None,
    instructions: str = "",
    overrides: Overrides | None = None,
    if_disconnected: IfDisconnected = "stop",
    instead_of: Message | None = None,
) -> Turn:
    """Save the question and an answer that is still to come; return what it takes to answer it.

    A conversation is continued only by the caller who began it, with the same bot; one that had ended is open
    again. A visitor has the one conversation that its token reserves, which its first question opens. `history`
    replaces what is stored (OpenAI-compatible face). `instead_of` is the last answer of the caller's conversation,
    which a new one to the same question supersedes. `if_disconnected` says what becomes of the answer when its reader
    goes away. Raises `NoSuchConversationError`, `NotTheLastAnswerError`, `AnswerUnderWayError`, `MessagesUsedUpError`,
    `EmptyQuestionError`,
    and `ProviderMisconfigured` when the bot has no usable provider.
    """
    started = time.perf_counter()
    question = storable(question).strip()
    if not question:
        raise EmptyQuestionError
    provider_name, access = provider_of(bot)
    model = model_for(bot, access)
    if instead_of is not None and instead_of.status == MessageStatus.STREAMING:
        raise AnswerUnderWayError
    if by.conversation_id is not None:
        conversation_id = _only_the_reserved(by.conversation_id, conversation_id)
    call = Call(overrides or Overrides(), storable(instructions), if_disconnected, bool(history))
    asked = selectors.question_of(instead_of) if instead_of else None
    if asked is not None:
        conversation_id = asked.conversation_id
    if conversation_id is not None and history is None:
        history = selectors.history_of(conversation_id, before=asked.seq if asked else None)
    pair = _Pair(asked.pk if asked else uuid7(), uuid7(), question, model, provider_name, call.stored())
    with _place_in_plan(tenant):
        if instead_of is None:
            conversation_id = _open(by, bot, channel, conversation_id, pair)
        else:
            conversation_id = _replace(by, bot, instead_of, pair)
    return assemble(
        tenant=tenant,
        bot=bot,
        access=access,
        model=model,
        asked=Asked(conversation_id, pair.question_id, pair.answer_id, question, tuple(history or ()), call),
        started=started,
    )


def assemble(
    *, tenant: TenantLike, bot: Bot, access: Access, model: str, asked: Asked, started: float, attempt: int = 0
) -> Turn:
    """Return the turn of a question that is saved: all that it takes to answer it without the database."""
    call = asked.call
    return Turn(
        tenant=TenantRef(tenant.id, tenant.schema_name),
        conversation_id=asked.conversation_id,
        question_id=asked.question_id,
        message_id=asked.message_id,
        ask=Ask(
            question=asked.question,
            bot=_setup(bot, model, call.overrides),
            model=access.model_info(model),
            history=asked.history,
            instructions=call.instructions,
            stop=call.overrides.stop,
        ),
        access=access,
        search_plan=plan_search(dataset_ids=bot.dataset_ids) if bot.dataset_ids else None,
        started=started,
        attempt=attempt,
        if_disconnected=call.if_disconnected,
    )


def provider_of(bot: Bot) -> tuple[str, Access]:
    """Return the name of the provider that a bot uses, and the way to it; raise `ProviderMisconfigured`."""
    row = usable(bot.tenant_ai_provider) if bot.tenant_ai_provider else default_provider()
    return row.name, access_to(row)


@contextmanager
def _place_in_plan(tenant: Tenant) -> Iterator[None]:
    """Let the block save a question if the plan has room for it; without a limit there is nothing to ask."""
    limit = tenant.plan.max_monthly_messages if tenant.plan else None
    if limit is None:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            # One at a time per tenant, so that two questions at once cannot both take the last place.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 0))")
        if selectors.messages_this_month() >= limit:
            raise MessagesUsedUpError(limit=limit)
        yield


def _only_the_reserved(reserved: uuid.UUID, named: uuid.UUID | None) -> uuid.UUID:
    if named not in {None, reserved}:
        raise NoSuchConversationError
    return reserved


def _open(by: Actor, bot: Bot, channel: Channel, named: uuid.UUID | None, pair: _Pair) -> uuid.UUID:
    """Save the pair in the conversation that is named or reserved, or else in a new one; return its id."""
    conversation_id = named or uuid7()
    if named and _save(_CONTINUE + _PAIR, by, bot, conversation_id, pair):
        return conversation_id
    if named and named != by.conversation_id:
        raise NoSuchConversationError
    values = {
        "title": " ".join(pair.question.split())[:TITLE_LENGTH],
        "channel": channel.value,
        "visitor_ref": by.ref,
        "origin": by.origin,
    }
    begun = _save(_BEGIN + _PAIR, by, bot, conversation_id, pair, **values)
    # Of two first questions at once only one opens the conversation; the other goes on with it.
    if not begun and not _save(_CONTINUE + _PAIR, by, bot, conversation_id, pair):
        raise NoSuchConversationError
    return conversation_id


def _replace(by: Actor, bot: Bot, answer: Message, pair: _Pair) -> uuid.UUID:
    if not _save(_AGAIN + _INTO + _ANSWER, by, bot, answer.conversation_id, pair, last_seq=answer.seq):
        raise NotTheLastAnswerError
    return answer.conversation_id


def _save(statement: str, by: Actor, bot: Bot, conversation_id: uuid.UUID, pair: _Pair, **values: Any) -> bool:
    common: dict[str, Any] = {
        "conversation": conversation_id,
        "bot": bot.pk,
        "actor_type": by.type,
        "actor_id": by.id,
        "question": pair.question_id,
        "answer": pair.answer_id,
        "text": pair.question,
        "model": pair.model,
        "provider": pair.provider_name,
        "setting": orjson.dumps(pair.setting).decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, common | values)
        return int(cursor.rowcount) > 0


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
