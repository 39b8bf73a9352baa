"""Saves a question together with the answer that is to come: one statement, whichever conversation it goes to."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import orjson
from django.db import connection

from bots.models import Bot
from chat.enums import Channel, Handling
from chat.exceptions import NoSuchConversationError
from chat.models import TITLE_LENGTH, Message
from chat.turns.exceptions import (
    NotTheLastAnswerError,
    PersonAnswersError,
)
from chat.turns.services.threads import Thread
from chat.turns.turn import TurnRules
from chatcms.core.ids import uuid7
from providers.messages import dump_parts
from tenants.types import Actor

MESSAGES_PER_TURN = 2
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
class Pair:
    """A question and the answer that is to come, as they are saved; `thread` says where, for a call that tells it."""

    question_id: uuid.UUID
    answer_id: uuid.UUID
    question: str
    model: str
    provider_name: str
    setting: dict[str, Any]
    thread: Thread


def only_the_reserved(reserved: uuid.UUID, named: uuid.UUID | None) -> uuid.UUID:
    """Return the conversation that a visitor's token reserves; raise `NoSuchConversationError` for any other."""
    if named not in {None, reserved}:
        raise NoSuchConversationError
    return reserved


def in_conversation(
    by: Actor, bot: Bot, channel: Channel, named: uuid.UUID | None, pair: Pair
) -> tuple[uuid.UUID, TurnRules]:
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


def in_place_of(by: Actor, bot: Bot, answer: Message, pair: Pair) -> tuple[uuid.UUID, TurnRules]:
    if not (
        rules := _save(_AGAIN + _INTO + _ANSWER + _RULES, by, bot, answer.conversation_id, pair, last_seq=answer.seq)
    ):
        if answer.conversation.handling == Handling.PERSON:
            raise PersonAnswersError
        raise NotTheLastAnswerError
    return answer.conversation_id, rules


def _save(
    statement: str, by: Actor, bot: Bot, conversation_id: uuid.UUID, pair: Pair, **values: Any
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
