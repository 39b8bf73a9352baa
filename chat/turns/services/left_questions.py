"""Leaves a question for the person who has the conversation, in place of a turn."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from chat.exceptions import NoSuchConversationError
from chat.models import Message
from chat.turns.entrance import Left, Question, Started
from chat.turns.exceptions import DailyQuestionsUsedUpError, MessagesUsedUpError
from chat.turns.live import bell
from chat.turns.services import announcements
from chat.turns.services.pair import only_the_reserved, title_of
from chat.turns.services.start import start_turn
from chatcms.core.db.ids import uuid7
from chatcms.core.text.safety import seen
from providers.exceptions import ProviderMisconfigured

_LEAVE = """
WITH opened AS (
    UPDATE conversations
    SET message_count = message_count + 1, last_message_at = now(), title = coalesce(nullif(title, ''), %(title)s)
    WHERE id = %(conversation)s AND bot_id = %(bot)s AND actor_type = %(actor_type)s
        AND actor_id IS NOT DISTINCT FROM %(actor_id)s::uuid AND handling = 'person'
    RETURNING id, message_count, taken_by_name
), written AS (
    INSERT INTO messages (id, conversation_id, seq, role, content, status, created_at)
    SELECT %(question)s::uuid, id, message_count, 'user', %(text)s, 'complete', now() FROM opened
)
SELECT taken_by_name FROM opened
"""


def start_or_leave(question: Question) -> Started | Left:
    """Start a turn or, where a person has the conversation, leave the question for them.

    Only when no turn can be begun it is asked whether that is why: it costs other turns nothing. What `start_turn`
    raises is raised; neither a missing provider nor a plan that is used up matters to a person.
    """
    try:
        return start_turn(question)
    except (NoSuchConversationError, MessagesUsedUpError, DailyQuestionsUsedUpError, ProviderMisconfigured):
        left = _left(question)
        if left is None:
            raise
        return left


def left_question(message: Message) -> Left:
    """Return a question that was left for a person before."""
    return Left(message.conversation_id, message.pk, message.conversation.taken_by_name, is_repeated=True)


def _left(question: Question) -> Left | None:
    by, conversation_id = question.by, question.conversation_id
    if by.conversation_id is not None:
        conversation_id = only_the_reserved(by.conversation_id, conversation_id)
    if conversation_id is None:
        return None
    question_id, text = uuid7(), seen(question.text)
    values: dict[str, Any] = {
        "conversation": conversation_id,
        "bot": question.bot.pk,
        "actor_type": by.type,
        "actor_id": by.id,
        "question": question_id,
        "text": text,
        "title": title_of(text),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LEAVE, values)
        row = cursor.fetchone()
        if row is None:
            return None
        bell.ring_after_commit(conversation_id)
        if question.bot.turns_are_heard:
            announcements.tell_message(question_id)
    return Left(conversation_id, question_id, row[0])
