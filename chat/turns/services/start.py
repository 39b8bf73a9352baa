"""Begins a turn: one short transaction, after which no database is needed until the search."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

from bots.models import Bot
from chat.enums import Channel, MessageStatus
from chat.models import Message
from chat.turns.asks import NO_WANTS, Overrides, Wants
from chat.turns.exceptions import (
    AnswerUnderWayError,
    EmptyQuestionError,
)
from chat.turns.history import history_of, question_of
from chat.turns.services import announcements
from chat.turns.services.assembly import assemble
from chat.turns.services.pair import Pair, in_conversation, in_place_of, only_the_reserved
from chat.turns.services.quota import place_in_day, place_in_plan
from chat.turns.services.routes import refuse_unless_one_can, routes_of
from chat.turns.services.threads import NO_THREAD, Thread
from chat.turns.turn import Asked, Call, IfDisconnected, Turn, TurnRules
from chatcms.core.ids import uuid7
from chatcms.core.text import seen, storable
from providers.messages import Message as PromptMessage
from tenants.models import Tenant
from tenants.types import Actor


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
    (`left_questions`); one that had ended is open again. A visitor has the one conversation that its token reserves,
    which its first question opens. `history` replaces what is stored, `after` follows the question, and `thread` says
    what is saved of it and where (OpenAI's protocol). `instead_of` is the last answer of the caller's conversation,
    which a new one to the same question supersedes. `if_disconnected` says what becomes of the answer when its reader
    goes away. In a `playground` the bot may be one that is in no row. `wants` is what the call brings besides words; it
    is not kept.

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
        history = history_of(conversation_id, before=asked.seq if asked else None)
    answered = first.model.id, first.provider_name
    pair = Pair(asked.pk if asked else uuid7(), uuid7(), question, *answered, call.stored(), thread)
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
    asked = question_of(instead_of)
    return asked.conversation_id, asked


def _saved(
    by: Actor,
    tenant: Tenant,
    bot: Bot,
    channel: Channel,
    named: uuid.UUID | None,
    instead_of: Message | None,
    pair: Pair,
) -> tuple[uuid.UUID, TurnRules]:
    """Save the pair where plan and day have room for it; return its conversation, and what else is to be looked up."""
    with place_in_plan(tenant), place_in_day(bot, by), announcements.one_transaction(bot):
        if instead_of is not None:
            conversation_id, rules = in_place_of(by, bot, instead_of, pair)
        else:
            conversation_id, rules = in_conversation(by, bot, channel, named, pair)
            if rules.is_heard:
                announcements.tell_message(pair.question_id)
    if tenant.plan and tenant.plan.max_monthly_cost is not None:
        rules = replace(rules, has_budget=True)
    return conversation_id, rules


def _words(question: str) -> str:
    """Return the question as it is kept; raise `EmptyQuestionError`."""
    if not (words := seen(question)):
        raise EmptyQuestionError
    return words
