"""Finds messages by the words in them, by the index `messages_words`.

The planner cannot know how rare a word is that it has not seen. Where few messages have it they are all looked up by
the index first; where many have it the list is read in its own order until the page is full. Both are quick, each
where the other would be slow.
"""

from __future__ import annotations

from django.db import connection
from django.db.models import BooleanField, Exists, OuterRef, QuerySet
from django.db.models.expressions import RawSQL

from chat.models import Conversation, Message

MANY = 5000
MOST_WORDS = 10

# Written as the index has it. Materialized, so that the planner takes the index however few rows are wanted.
_MATCHES = "{table}.status <> 'streaming' AND to_tsvector('simple', {table}.content) @@ to_tsquery('simple', %s)"
_FOUND = "WITH found AS MATERIALIZED (SELECT {column} AS it FROM messages WHERE {matches})"
_COUNT = (
    _FOUND.format(column="1", matches=_MATCHES.format(table="messages"))  # noqa: S608 - from constants
    + " SELECT count(*) FROM (SELECT it FROM found LIMIT %s) AS first_ones"
)


def conversations_with(rows: QuerySet[Conversation], text: str) -> QuerySet[Conversation]:
    """Return those of the conversations that have a message with all these words, or words that begin so."""
    query = _query_of(text)
    if _are_many(query):
        return rows.filter(Exists(Message.objects.filter(_match("U0", query), conversation=OuterRef("pk"))))
    return rows.filter(pk__in=_found("conversation_id", query))


def messages_with(rows: QuerySet[Message], text: str) -> QuerySet[Message]:
    """Return those of the messages that have all these words, or words that begin so."""
    query = _query_of(text)
    return rows.filter(_match("messages", query)) if _are_many(query) else rows.filter(pk__in=_found("id", query))


def _query_of(text: str) -> str:
    """Every word of a text, as a query; of one letter a word by itself, else the beginning of one."""
    words = [word.replace("\\", "\\\\").replace("'", "''") for word in text.split()[:MOST_WORDS]]
    return " & ".join(f"'{word}'" if len(word) == 1 else f"'{word}':*" for word in words)


def _are_many(query: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [query, MANY])
        return int(cursor.fetchone()[0]) >= MANY


def _match(table: str, query: str) -> RawSQL:
    return RawSQL(_MATCHES.format(table=table), [query], output_field=BooleanField())  # noqa: S611 - from constants


def _found(column: str, query: str) -> RawSQL:
    found = _FOUND.format(column=column, matches=_MATCHES.format(table="messages"))
    return RawSQL(f"{found} SELECT it FROM found", [query])  # noqa: S608, S611 - from constants
