"""Saves a question together with the answer that is to come: one statement, whichever conversation it goes to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from chat.enums import Handling
from chat.exceptions import NoSuchConversationError
from chat.models import TITLE_LENGTH, Message
from chat.turns.asks import ModelRoute
from chat.turns.entrance import Question
from chat.turns.exceptions import NotTheLastAnswerError, PersonAnswersError
from chat.turns.turn import Call, TurnRules
from chatcms.core.db.ids import uuid7
from providers.messages import dump_parts

# The two messages, in the conversation that a statement below has opened; the question only when it is new. It returns
# whether there are budgets to be kept, which would be another statement otherwise.
_MESSAGES = """
INSERT INTO messages (
    id, conversation_id, seq, role, content, parts, status, model, provider_name, reply_to_id, setting, created_at
)
SELECT %(question)s::uuid, id, message_count - 1, 'user', %(text)s, %(parts)s::jsonb, 'complete', '', '', NULL::uuid,
    '{}'::jsonb, now()
FROM opened WHERE %(is_new)s
UNION ALL
SELECT %(answer)s::uuid, id, message_count, 'assistant', '', '[]'::jsonb, 'streaming', %(model)s, %(provider)s,
    %(question)s::uuid, %(setting)s::jsonb, now()
FROM opened
RETURNING EXISTS (SELECT 1 FROM budgets WHERE bot_id IS NULL OR bot_id = %(bot)s)
"""
# Each is one statement, and so a transaction: this is the path that every turn takes.
_BEGIN = f"""
WITH opened AS (
    INSERT INTO conversations (
        id, bot_id, title, channel, actor_type, actor_id, visitor_ref, origin, thread, message_count, started_at,
        last_message_at
    ) VALUES (
        %(conversation)s, %(bot)s, %(title)s, %(channel)s, %(actor_type)s, %(actor_id)s, %(visitor_ref)s, %(origin)s,
        coalesce(%(thread)s::text, ''), 2, now(), now()
    ) ON CONFLICT (id) DO NOTHING RETURNING id, message_count
)
{_MESSAGES}"""  # noqa: S608 - built from a constant
_CONTINUE = f"""
WITH opened AS (
    UPDATE conversations
    SET message_count = message_count + 2, last_message_at = now(), ended_at = NULL,
        title = coalesce(nullif(title, ''), %(title)s), thread = coalesce(%(thread)s::text, thread)
    WHERE id = %(conversation)s AND bot_id = %(bot)s AND actor_type = %(actor_type)s
        AND actor_id IS NOT DISTINCT FROM %(actor_id)s::uuid AND handling <> 'person'
        AND thread = coalesce(%(held)s::text, thread)
    RETURNING id, message_count
)
{_MESSAGES}"""  # noqa: S608 - built from a constant
# In place of the last answer of a conversation, which must still be its last message.
_REPLACE = f"""
WITH opened AS (
    UPDATE conversations SET message_count = message_count + 1, last_message_at = now(), ended_at = NULL
    WHERE id = %(conversation)s AND bot_id = %(bot)s AND message_count = %(last_seq)s AND handling <> 'person'
    RETURNING id, message_count
), replaced AS (
    UPDATE messages SET superseded = true WHERE conversation_id IN (SELECT id FROM opened) AND seq = %(last_seq)s
    RETURNING id
), uncounted AS (
    UPDATE usage SET superseded = true, changed_at = now() WHERE message_id IN (SELECT id FROM replaced)
)
{_MESSAGES}"""  # noqa: S608 - built from a constant


@dataclass(frozen=True, slots=True)
class Pair:
    """A question and the answer that is to come, as they are saved: in the conversation `place`, or else a new one."""

    question: Question
    question_id: uuid.UUID
    answer_id: uuid.UUID
    place: uuid.UUID | None
    route: ModelRoute
    call: Call


def save_pair(pair: Pair) -> tuple[uuid.UUID, TurnRules]:
    """Save the pair; return its conversation, and what else is to be looked up for its turn.

    Raises `NoSuchConversationError`, `NotTheLastAnswerError` and `PersonAnswersError`.
    """
    if pair.question.instead_of is not None:
        return pair.question.instead_of.conversation_id, _replaced(pair, pair.question.instead_of)
    place, by = pair.place, pair.question.by
    if place and (rules := save(_CONTINUE, pair, place)):
        return place, rules
    if place and pair.question.thread.held is not None:
        place = None
    elif place and place != by.conversation_id:
        raise NoSuchConversationError
    conversation_id = place or uuid7()
    # Of two first questions at once only one opens the conversation; the other goes on with it.
    rules = save(_BEGIN, pair, conversation_id) or save(_CONTINUE, pair, conversation_id)
    if rules is None:
        raise NoSuchConversationError
    return conversation_id, rules


def only_the_reserved(reserved: uuid.UUID, named: uuid.UUID | None) -> uuid.UUID:
    """Return the conversation that a visitor's token reserves; raise `NoSuchConversationError` for any other."""
    if named not in {None, reserved}:
        raise NoSuchConversationError
    return reserved


def _replaced(pair: Pair, answer: Message) -> TurnRules:
    rules = save(_REPLACE, pair, answer.conversation_id)
    if rules is not None:
        return rules
    if answer.conversation.handling == Handling.PERSON:
        raise PersonAnswersError
    raise NotTheLastAnswerError


def save(statement: str, pair: Pair, conversation_id: uuid.UUID) -> TurnRules | None:
    """Carry a statement out; None when it found nothing to write to."""
    with connection.cursor() as cursor:
        cursor.execute(statement, _values(pair, conversation_id))
        row = cursor.fetchone()
    if row is None:
        return None
    bot = pair.question.bot
    return TurnRules(has_budget=row[0], has_curated=bot.has_curated_answers, is_heard=bot.turns_are_heard)


def _values(pair: Pair, conversation_id: uuid.UUID) -> dict[str, Any]:
    question = pair.question
    by, thread, replaced = question.by, question.thread, question.instead_of
    return {
        "conversation": conversation_id,
        "bot": question.bot.pk,
        "channel": question.channel.value,
        "actor_type": by.type,
        "actor_id": by.id,
        "visitor_ref": by.ref or thread.ref,
        "origin": by.origin,
        "thread": thread.key,
        "held": thread.held,
        "title": title_of(question.text),
        "last_seq": replaced.seq if replaced else None,
        "is_new": replaced is None,
        "question": pair.question_id,
        "text": "" if thread.results else thread.words or question.text,
        "parts": orjson.dumps(dump_parts(thread.results)).decode(),
        "answer": pair.answer_id,
        "model": pair.route.model.id,
        "provider": pair.route.provider_name,
        "setting": orjson.dumps(pair.call.stored()).decode(),
    }


def title_of(question: str) -> str:
    """Return what a conversation is called that begins with a question."""
    return " ".join(question.split())[:TITLE_LENGTH]
