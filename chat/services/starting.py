"""Begins a turn: one short transaction, after which no database is needed until the search."""

from __future__ import annotations

import math
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import orjson
from django.db import connection
from django.utils import timezone

from bots.models import Bot
from chat import selectors
from chat.enums import Channel, Handling, MessageStatus
from chat.exceptions import (
    AnswerUnderWayError,
    DailyQuestionsUsedUpError,
    EmptyQuestionError,
    MessagesUsedUpError,
    NoSuchConversationError,
    NotTheLastAnswerError,
    PersonAnswersError,
)
from chat.models import TITLE_LENGTH, Message
from chat.services import spending, telling
from chat.services.routes import refuse_unless_one_can, routes_of
from chat.services.searching import language_of_documents
from chat.services.setup import setup_of
from chat.services.threads import NO_THREAD, Thread
from chat.types import Ask, Asked, Call, IfDisconnected, Overrides, Route, TenantRef, Turn, TurnRules, Wants
from chatcms.core import locks
from chatcms.core.ids import uuid7
from chatcms.core.text import seen, storable
from chatcms.webhooks.services import tell_if_reached
from datasets.retrieval import plan_search
from providers.messages import Message as PromptMessage
from providers.messages import dump_parts
from tenants.context import TenantLike
from tenants.models import Tenant
from tenants.types import Actor

MESSAGES_PER_TURN = 2
NO_WANTS = Wants()

# Each is one statement, and so a transaction, with the pair below: this is the path that every turn takes.
_BEGIN = f"""
WITH opened AS (
    INSERT INTO conversations (
        id, bot_id, title, channel, actor_type, actor_id, visitor_ref, origin, thread, message_count, started_at,
        last_message_at
    ) VALUES (
        %(conversation)s, %(bot)s, %(title)s, %(channel)s, %(actor_type)s, %(actor_id)s, %(visitor_ref)s, %(origin)s,
        coalesce(%(thread)s::text, ''), {MESSAGES_PER_TURN}, now(), now()
    ) ON CONFLICT (id) DO NOTHING RETURNING id, message_count
)"""  # noqa: S608 - built from a constant
_CONTINUE = f"""
WITH opened AS (
    UPDATE conversations
    SET message_count = message_count + {MESSAGES_PER_TURN}, last_message_at = now(), ended_at = NULL,
        title = coalesce(nullif(title, ''), %(title)s), thread = coalesce(%(thread)s::text, thread)
    WHERE id = %(conversation)s AND bot_id = %(bot)s AND actor_type = %(actor_type)s
        AND actor_id IS NOT DISTINCT FROM %(actor_id)s::uuid AND handling <> 'person'
        AND thread = coalesce(%(held)s::text, thread)
    RETURNING id, message_count
)"""  # noqa: S608 - built from a constant
# In place of the last answer of a conversation, which must still be its last message.
_AGAIN = """
WITH opened AS (
    UPDATE conversations SET message_count = message_count + 1, last_message_at = now(), ended_at = NULL
    WHERE id = %(conversation)s AND bot_id = %(bot)s AND message_count = %(last_seq)s AND handling <> 'person'
    RETURNING id, message_count
), replaced AS (
    UPDATE messages SET superseded = true WHERE conversation_id IN (SELECT id FROM opened) AND seq = %(last_seq)s
    RETURNING id
), uncounted AS (
    UPDATE usage SET superseded = true, changed_at = now() WHERE message_id IN (SELECT id FROM replaced)
)"""
_INTO = """
INSERT INTO messages (
    id, conversation_id, seq, role, content, parts, status, model, provider_name, reply_to_id, setting, created_at
)"""
_QUESTION = """
SELECT %(question)s::uuid, id, message_count - 1, 'user', %(text)s, %(parts)s::jsonb, 'complete', '', '', NULL::uuid,
    '{}'::jsonb, now()
FROM opened
UNION ALL"""
_ANSWER = """
SELECT %(answer)s::uuid, id, message_count, 'assistant', '', '[]'::jsonb, 'streaming', %(model)s, %(provider)s,
    %(question)s::uuid, %(setting)s::jsonb, now()
FROM opened
"""
# Whether there are budgets to be kept, by the statement that is made anyway.
_RULES = """
RETURNING EXISTS (SELECT 1 FROM budgets WHERE bot_id IS NULL OR bot_id = %(bot)s)
"""
_PAIR = _INTO + _QUESTION + _ANSWER + _RULES


@dataclass(frozen=True, slots=True)
class _Pair:
    """A question and the answer that is to come, as they are saved; `thread` says where, for a call that tells it."""

    question_id: uuid.UUID
    answer_id: uuid.UUID
    question: str
    model: str
    provider_name: str
    setting: dict[str, Any]
    thread: Thread


def start_turn(
    *,
    by: Actor,
    tenant: Tenant,
    bot: Bot,
    question: str,
    channel: Channel,
    conversation_id: uuid.UUID | None = None,
    history: Sequence[PromptMessage] | None = None,
    instructions: str = "",
    overrides: Overrides | None = None,
    if_disconnected: IfDisconnected = "stop",
    instead_of: Message | None = None,
    playground: bool = False,
    wants: Wants = NO_WANTS,
    after: Sequence[PromptMessage] = (),
    thread: Thread = NO_THREAD,
) -> Turn:
    """Save the question and an answer that is still to come; return what it takes to answer it.

    A conversation is continued only by the caller who began it, with the same bot, and not while a person has it
    (`leaving`); one that had ended is open again. A visitor has the one conversation that its token reserves, which
    its first question opens. `history` replaces what is stored, `after` follows the question, and `thread` says what is
    saved of it and where (OpenAI's protocol). `instead_of` is the last answer of the caller's conversation, which a new
    one to the same question supersedes. `if_disconnected` says what becomes of the answer when its reader goes away. In
    a `playground` the bot may be one that is in no row. `wants` is what the call brings besides words; it is not kept.

    Raises `NoSuchConversationError`, `NotTheLastAnswerError`, `AnswerUnderWayError`, `PersonAnswersError`,
    `MessagesUsedUpError`, `DailyQuestionsUsedUpError`, `EmptyQuestionError`, `ModelCannotError` when no model of the
    bot can do what is wanted, and `ProviderMisconfigured` when the bot has no usable provider.
    """
    started = time.perf_counter()
    question = _words(question)
    first, fallbacks = routes_of(bot)
    conversation_id, asked = _place(by, conversation_id or thread.conversation_id, instead_of)
    brought = bool(history or after) or wants != NO_WANTS
    if brought:
        refuse_unless_one_can((first, *fallbacks), wants, (*(history or ()), *after))
    call = Call(overrides or Overrides(), storable(instructions), if_disconnected, brought, playground)
    if conversation_id is not None and history is None:
        history = selectors.history_of(conversation_id, before=asked.seq if asked else None)
    answered = first.model.id, first.provider_name
    pair = _Pair(asked.pk if asked else uuid7(), uuid7(), question, *answered, call.stored(), thread)
    place, rules = _saved(by, tenant, bot, channel, conversation_id, instead_of, pair)
    told = Asked(place, pair.question_id, pair.answer_id, question, tuple(history or ()), call, tuple(after))
    return assemble(
        tenant=tenant, bot=bot, route=first, fallbacks=fallbacks, rules=rules, asked=told, started=started, wants=wants
    )


def _place(by: Actor, named: uuid.UUID | None, instead_of: Message | None) -> tuple[uuid.UUID | None, Message | None]:
    """Return the conversation to go on with, if there is one, and the question that is to be answered once more."""
    if instead_of is None:
        return (named if by.conversation_id is None else only_the_reserved(by.conversation_id, named)), None
    if instead_of.status == MessageStatus.STREAMING:
        raise AnswerUnderWayError
    asked = selectors.question_of(instead_of)
    return asked.conversation_id, asked


def _saved(
    by: Actor,
    tenant: Tenant,
    bot: Bot,
    channel: Channel,
    named: uuid.UUID | None,
    instead_of: Message | None,
    pair: _Pair,
) -> tuple[uuid.UUID, TurnRules]:
    """Save the pair where plan and day have room for it; return its conversation, and what else is to be looked up."""
    with _place_in_plan(tenant), _place_in_day(bot, by), telling.one_transaction(bot):
        if instead_of is not None:
            conversation_id, rules = _replace(by, bot, instead_of, pair)
        else:
            conversation_id, rules = _open(by, bot, channel, named, pair)
            if rules.is_heard:
                telling.tell_message(pair.question_id)
    if tenant.plan and tenant.plan.max_monthly_cost is not None:
        rules = replace(rules, has_budget=True)
    return conversation_id, rules


def _words(question: str) -> str:
    """Return the question as it is kept; raise `EmptyQuestionError`."""
    if not (words := seen(question)):
        raise EmptyQuestionError
    return words


def assemble(
    *,
    tenant: TenantLike,
    bot: Bot,
    route: Route,
    fallbacks: tuple[Route, ...],
    rules: TurnRules,
    asked: Asked,
    started: float,
    attempt: int = 0,
    wants: Wants = NO_WANTS,
) -> Turn:
    """Return the turn of a question that is saved: all that it takes to answer it without the database."""
    call = asked.call
    plan = plan_search(dataset_ids=bot.dataset_ids) if bot.dataset_ids else None
    return Turn(
        tenant=TenantRef(tenant.id, tenant.schema_name),
        conversation_id=asked.conversation_id,
        question_id=asked.question_id,
        message_id=asked.message_id,
        ask=Ask(
            question=asked.question,
            bot=setup_of(bot, route.model.id, call.overrides),
            model=route.model,
            history=asked.history,
            instructions=call.instructions,
            stop=call.overrides.stop,
            shows_prompt=call.playground,
            wants=wants,
            after=asked.after,
            language=language_of_documents(plan),
        ),
        access=route.access,
        search_plan=plan,
        started=started,
        attempt=attempt,
        if_disconnected=call.if_disconnected,
        fallbacks=fallbacks,
        rules=rules,
    )


def rules_of(tenant: TenantLike, bot: Bot) -> TurnRules:
    """Return what has to be looked up for a turn of a bot that was saved before."""
    return TurnRules(
        has_budget=bool(spending.limits_of(tenant_id=tenant.id, bot_id=bot.pk)),
        has_curated=bot.has_curated_answers,
        is_heard=bot.turns_are_heard,
    )


@contextmanager
def _place_in_plan(tenant: Tenant) -> Iterator[None]:
    """Let the block save a question if the plan has room for it; without a limit there is nothing to ask."""
    limit = tenant.plan.max_monthly_messages if tenant.plan else None
    if limit is None:
        yield
        return
    # One at a time per tenant, so that two questions at once cannot both take the last place.
    with locks.lent_name(".messages"):
        used = selectors.messages_this_month()
        if used >= limit:
            raise MessagesUsedUpError(limit=limit)
        yield
        tell_if_reached(quota="messages", used=used + 1, limit=limit, resets_at=spending.next_month())


@contextmanager
def _place_in_day(bot: Bot, by: Actor) -> Iterator[None]:
    """Let the block save a visitor's question if the bot's limit for today has room for it."""
    limit = bot.daily_visitor_questions
    if by.type != "visitor" or limit is None:
        yield
        return
    with locks.lent_name(str(bot.pk)):
        if selectors.visitor_questions_today(bot.pk) >= limit:
            now = timezone.now()
            tomorrow = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
            raise DailyQuestionsUsedUpError(retry_after=math.ceil((tomorrow - now).total_seconds()))
        yield


def only_the_reserved(reserved: uuid.UUID, named: uuid.UUID | None) -> uuid.UUID:
    """Return the conversation that a visitor's token reserves; raise `NoSuchConversationError` for any other."""
    if named not in {None, reserved}:
        raise NoSuchConversationError
    return reserved


def _open(by: Actor, bot: Bot, channel: Channel, named: uuid.UUID | None, pair: _Pair) -> tuple[uuid.UUID, TurnRules]:
    """Save the pair in the conversation that is named or reserved, or else in a new one; return its id."""
    conversation_id = named or uuid7()
    if named and (rules := _save(_CONTINUE + _PAIR, by, bot, conversation_id, pair)):
        return conversation_id, rules
    if named and pair.thread.held is not None:
        conversation_id = uuid7()
    elif named and named != by.conversation_id:
        raise NoSuchConversationError
    values = {
        "channel": channel.value,
        "visitor_ref": by.ref or pair.thread.ref,
        "origin": by.origin,
    }
    rules = _save(_BEGIN + _PAIR, by, bot, conversation_id, pair, **values)
    # Of two first questions at once only one opens the conversation; the other goes on with it.
    rules = rules or _save(_CONTINUE + _PAIR, by, bot, conversation_id, pair)
    if rules is None:
        raise NoSuchConversationError
    return conversation_id, rules


def _replace(by: Actor, bot: Bot, answer: Message, pair: _Pair) -> tuple[uuid.UUID, TurnRules]:
    if not (
        rules := _save(_AGAIN + _INTO + _ANSWER + _RULES, by, bot, answer.conversation_id, pair, last_seq=answer.seq)
    ):
        if answer.conversation.handling == Handling.PERSON:
            raise PersonAnswersError
        raise NotTheLastAnswerError
    return answer.conversation_id, rules


def _save(
    statement: str, by: Actor, bot: Bot, conversation_id: uuid.UUID, pair: _Pair, **values: Any
) -> TurnRules | None:
    """Carry a statement out; None when it found nothing to write to."""
    thread = pair.thread
    common: dict[str, Any] = {
        "conversation": conversation_id,
        "bot": bot.pk,
        "actor_type": by.type,
        "actor_id": by.id,
        "question": pair.question_id,
        "answer": pair.answer_id,
        "text": "" if thread.results else thread.words or pair.question,
        "parts": orjson.dumps(dump_parts(thread.results)).decode(),
        "thread": thread.key,
        "held": thread.held,
        "title": title_of(pair.question),
        "model": pair.model,
        "provider": pair.provider_name,
        "setting": orjson.dumps(pair.setting).decode(),
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, common | values)
        row = cursor.fetchone()
    if row is None:
        return None
    return TurnRules(has_budget=row[0], has_curated=bot.has_curated_answers, is_heard=bot.turns_are_heard)


def title_of(question: str) -> str:
    """Return what a conversation is called that begins with a question."""
    return " ".join(question.split())[:TITLE_LENGTH]
