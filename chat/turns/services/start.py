"""Begins a turn: one short transaction, after which no database is needed until the search."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace

from chat.enums import MessageStatus
from chat.models import Message
from chat.turns.entrance import Question, Started
from chat.turns.exceptions import AnswerUnderWayError, EmptyQuestionError
from chat.turns.history import history_of, question_of
from chat.turns.services import announcements
from chat.turns.services.assembly import assemble
from chat.turns.services.pair import Pair, only_the_reserved, save_pair
from chat.turns.services.quota import place_in_day, place_in_plan
from chat.turns.services.routes import refuse_unless_one_can, routes_of
from chat.turns.turn import Call, SavedQuestion, TurnRules
from chatcms.core.db.ids import uuid7
from chatcms.core.text.safety import seen, storable


def start_turn(question: Question) -> Started:
    """Save the question and an answer that is still to come; return what it takes to answer it.

    A conversation is continued only by the caller who began it, with the same bot, and not while a person has it
    (`left_questions`); one that had ended is open again. A visitor has the one conversation that its token reserves,
    which its first question opens.

    Raises `NoSuchConversationError`, `NotTheLastAnswerError`, `AnswerUnderWayError`, `PersonAnswersError`,
    `MessagesUsedUpError`, `DailyQuestionsUsedUpError`, `EmptyQuestionError`, `ModelCannotError` when no model of the
    bot can do what is wanted, and `ProviderMisconfigured` when the bot has no usable provider.
    """
    started = time.perf_counter()
    question = _worded(question)
    routes = routes_of(question.bot)
    earlier = _earlier(question.instead_of)
    place = earlier.conversation_id if earlier else _place(question)
    if question.brings_more:
        refuse_unless_one_can(routes, question.wants, (*(question.history or ()), *question.after))
    history = question.history
    if place is not None and history is None:
        history = history_of(place, before=earlier.seq if earlier else None)
    pair = Pair(question, earlier.pk if earlier else uuid7(), uuid7(), place, routes[0], _call_of(question))
    conversation_id, rules = _saved(pair)
    saved = SavedQuestion(
        conversation_id=conversation_id,
        question_id=pair.question_id,
        message_id=pair.answer_id,
        question=question.text,
        history=tuple(history or ()),
        call=pair.call,
        after=tuple(question.after),
    )
    return Started(
        assemble(
            tenant=question.tenant,
            bot=question.bot,
            routes=routes,
            rules=rules,
            asked=saved,
            started=started,
            wants=question.wants,
        )
    )


def _worded(question: Question) -> Question:
    """Return the question with its text as it is kept; raise `EmptyQuestionError`."""
    if not (words := seen(question.text)):
        raise EmptyQuestionError
    return replace(question, text=words)


def _call_of(question: Question) -> Call:
    """Return what is kept of the call with the answer."""
    return Call(
        overrides=question.overrides,
        instructions=storable(question.instructions),
        if_disconnected=question.if_disconnected,
        own_history=question.brings_more,
        playground=question.playground,
    )


def _earlier(answer: Message | None) -> Message | None:
    """Return the question of an answer that another one is to supersede; raise `AnswerUnderWayError`."""
    if answer is None:
        return None
    if answer.status == MessageStatus.STREAMING:
        raise AnswerUnderWayError
    return question_of(answer)


def _place(question: Question) -> uuid.UUID | None:
    """Return the conversation to go on with, if there is one."""
    named = question.conversation_id or question.thread.conversation_id
    reserved = question.by.conversation_id
    return named if reserved is None else only_the_reserved(reserved, named)


def _saved(pair: Pair) -> tuple[uuid.UUID, TurnRules]:
    """Save the pair where plan and day have room for it; return its conversation, and what else is to be looked up."""
    question = pair.question
    plan = question.tenant.plan
    with (
        place_in_plan(question.tenant),
        place_in_day(question.bot, question.by),
        announcements.one_transaction(question.bot),
    ):
        conversation_id, rules = save_pair(pair)
        if rules.is_heard and question.instead_of is None:
            announcements.tell_message(pair.question_id)
    if plan and plan.max_monthly_cost is not None:
        rules = replace(rules, has_budget=True)
    return conversation_id, rules
