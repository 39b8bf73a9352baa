"""Finds messages by the words in them, by the index `messages_words`.

The planner cannot know how rare a word is that it has not seen. Where few messages have it they are all looked up by
the index first; where many have it the list is read in its own order until the page is full. Both are quick, each
where the other would be slow.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from chat.models import Conversation, Message

MANY = 5000
MOST_WORDS = 10

_WORDS = "to_tsvector('simple', {table}.content) @@ to_tsquery('simple', %s)"
# Written as the index has it. Materialized, so that the planner takes the index however few rows are wanted.
_LOOK_UP = (
    "WITH found AS MATERIALIZED (SELECT {column} AS it FROM messages WHERE status <> 'streaming' AND "  # noqa: S608
    + _WORDS.format(table="messages")
    + ") SELECT it FROM found LIMIT %s"
)
# Written as the index does not have it, so that the planner, which guesses wrong here, reads the list instead.
_READ = "({table}.status = 'streaming') IS NOT TRUE AND " + _WORDS


def conversations_with(rows: QuerySet[Conversation], text: str) -> QuerySet[Conversation]:
    """Return those of the conversations that have a message with all these words, or words that begin so."""
    query = _query_of(text)
    ids = _looked_up("conversation_id", query)
    if ids is None:
        return rows.filter(Exists(Message.objects.filter(_when_read("U0", query), conversation=OuterRef("pk"))))
    return rows.filter(_is_one_of("conversations", ids))


def messages_with(rows: QuerySet[Message], text: str) -> QuerySet[Message]:
    """Return those of the messages that have all these words, or words that begin so."""
    query = _query_of(text)
    ids = _looked_up("id", query)
    return rows.filter(_when_read("messages", query) if ids is None else _is_one_of("messages", ids))


def _query_of(text: str) -> str:
    """Every word of a text, as a query; of one letter a word by itself, else the beginning of one."""
    words = [word.replace("\\", "\\\\").replace("'", "''") for word in text.split()[:MOST_WORDS]]
    return " & ".join(f"'{word}'" if len(word) == 1 else f"'{word}':*" for word in words)


def _looked_up(column: str, query: str) -> set[uuid.UUID] | None:
    """The values of a column in the messages that fit; None when they are many."""
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP.format(column=column), [query, MANY])
        found = [row[0] for row in cursor.fetchall()]
    return None if len(found) >= MANY else set(found)


def _is_one_of(table: str, ids: Collection[uuid.UUID]) -> RawSQL:
    """As one value, which is many times quicker to send than a list of them."""
    return RawSQL(f"{table}.id = ANY(%s::uuid[])", [list(ids)], output_field=BooleanField())  # noqa: S611 - from constants


def _when_read(table: str, query: str) -> RawSQL:
    return RawSQL(_READ.format(table=table), [query], output_field=BooleanField())  # noqa: S611 - from constants
