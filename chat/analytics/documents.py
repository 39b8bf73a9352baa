"""Which documents answers were made from, the most and the least used ones, and those that none ever cited."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from django.db import connection

from chat.analytics.figures import SINCE_KEPT, bots_of
from chat.analytics.period import Period
from chat.analytics.sums import STATE, cited
from tenants.types import Actor

Order = Literal["most", "least"]
_BOTS = "(%(bots)s::uuid[] IS NULL OR bot_id = ANY(%(bots)s::uuid[]))"


@dataclass(frozen=True, slots=True)
class DocumentUse:
    """In how many answers of the period a document was cited, and on which day last."""

    document_id: uuid.UUID
    name: str
    dataset_id: uuid.UUID
    dataset: str
    answers: int
    last_cited: date | None


@dataclass(frozen=True, slots=True)
class DocumentsUsed:
    """Some documents in order; how many of all that can be answered from were cited, and how many never."""

    lines: list[DocumentUse]
    cited: int
    never_cited: int


def documents_used(
    *, by: Actor, period: Period, order: Order = "most", bot_id: uuid.UUID | None = None, limit: int | None = 10
) -> DocumentsUsed:
    """Return how often the documents that can be answered from were cited; by one query.

    With `bot_id` only the documents that the bot searches, and only its answers. A key that is limited to some bots or
    datasets sees theirs only. Documents that are deleted are in no list.
    """
    return _used(_rows(_STATEMENTS[order], by, period, bot_id, limit))


def most_and_least(
    *, by: Actor, period: Period, bot_id: uuid.UUID | None = None, limit: int = 10
) -> tuple[DocumentsUsed, DocumentsUsed]:
    """Return the documents cited most and those cited least, as `documents_used` does; by one query."""
    rows = _rows(_BOTH_ENDS, by, period, bot_id, limit)
    return _used([row for row in rows if row[8] == "most"]), _used([row for row in rows if row[8] == "least"])


def _rows(
    statement: str, by: Actor, period: Period, bot_id: uuid.UUID | None, limit: int | None
) -> list[Sequence[Any]]:
    values: dict[str, Any] = {
        "state": STATE,
        "time_zone": period.time_zone,
        "since": period.since,
        "until": period.until,
        "begins": period.begins,
        "ends": period.ends,
        "month": period.months[0],
        "month_after": period.months[1],
        "bots": bots_of(by, bot_id),
        "bot": bot_id,
        "datasets": None if by.dataset_ids is None else list(by.dataset_ids),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _used(rows: Sequence[Sequence[Any]]) -> DocumentsUsed:
    used, never = rows[0][6:8] if rows else (0, 0)
    return DocumentsUsed([DocumentUse(*row[:6]) for row in rows], used, never)


_LISTED = f"""
WITH kept AS MATERIALIZED (
    SELECT through FROM analytics_state WHERE name = %(state)s AND time_zone = %(time_zone)s
), together AS (
    SELECT last_cited, document_id, answers FROM analytics_documents
    WHERE EXISTS (SELECT 1 FROM kept) AND {_BOTS} AND (
        span = 'month' AND day >= %(month)s::date AND day < %(month_after)s::date
        OR span = 'day' AND day BETWEEN %(since)s AND %(until)s
            AND NOT (day >= %(month)s::date AND day < %(month_after)s::date)
    )
    UNION ALL SELECT day, document_id, answers FROM ({cited(f"{SINCE_KEPT} AND {_BOTS}")}) AS since_then
), counted AS (
    SELECT document_id, sum(answers)::int AS answers, max(last_cited) AS last_cited FROM together GROUP BY document_id
), listed AS (
    SELECT documents.id, documents.name, datasets.id AS dataset_id, datasets.name AS dataset,
        coalesce(answers, 0) AS answers, last_cited,
        count(*) FILTER (WHERE answers > 0) OVER () AS used, count(*) FILTER (WHERE answers IS NULL) OVER () AS never
    FROM documents JOIN datasets ON datasets.id = documents.dataset_id LEFT JOIN counted ON document_id = documents.id
    WHERE documents.version > 0 AND (%(datasets)s::uuid[] IS NULL OR datasets.id = ANY(%(datasets)s::uuid[]))
        AND (%(bot)s::uuid IS NULL OR EXISTS (
            SELECT 1 FROM bot_datasets WHERE bot_id = %(bot)s::uuid AND bot_datasets.dataset_id = datasets.id
        ))
)
"""  # noqa: S608 - built from constants


def _ordered(order: Order) -> str:
    direction = "DESC" if order == "most" else "ASC"
    return f"SELECT *, '{order}' FROM listed ORDER BY answers {direction}, name, id LIMIT %(limit)s"  # noqa: S608


_STATEMENTS: dict[Order, str] = {"most": _LISTED + _ordered("most"), "least": _LISTED + _ordered("least")}
_BOTH_ENDS = f"{_LISTED}({_ordered('most')}) UNION ALL ({_ordered('least')})"
