"""The one statement that sums usage up by day, as far divided as need be; kept by a task, and added when asked for.

Who reads puts the kept sums and those of what came since (`AnalyticsState.through`) together in one statement, and so
in one snapshot: nothing is counted twice, or not at all, while the task is at work.
"""

from __future__ import annotations

from chat.analytics.sketches import bucket_of
from chat.enums import Detail
from chat.turns.pseudonyms import KIND

STATE = "usage"
KEY = "day, bot_id, model, channel"
# Name and sum of everything that is counted. A question counts by how the last answer to it went; `answers` are all,
# also those that were made again; what they used counts whether or not anything came of it.
_LAST = "outcome <> '' AND NOT superseded"
_ANSWERED = f"{_LAST} AND outcome <> 'failed'"
_SUMS = {
    "conversations": "count(*) FILTER (WHERE opens)",
    "questions": f"count(*) FILTER (WHERE {_LAST})",
    "answers": "count(*) FILTER (WHERE outcome <> '')",
    "from_documents": f"count(*) FILTER (WHERE {_ANSWERED} AND has_evidence)",
    "unanswered": f"count(*) FILTER (WHERE {_ANSWERED} AND NOT has_evidence)",
    "curated": f"count(*) FILTER (WHERE {_ANSWERED} AND has_evidence IS NULL AND answered_by = 'curated')",
    "unsearched": f"count(*) FILTER (WHERE {_ANSWERED} AND has_evidence IS NULL AND answered_by <> 'curated')",
    "failed": f"count(*) FILTER (WHERE {_LAST} AND outcome = 'failed')",
    "stopped": f"count(*) FILTER (WHERE {_LAST} AND outcome = 'stopped')",
    "up": "count(*) FILTER (WHERE rating > 0)",
    "down": "count(*) FILTER (WHERE rating < 0)",
    "prompt_tokens": "coalesce(sum(prompt_tokens), 0)",
    "completion_tokens": "coalesce(sum(completion_tokens), 0)",
    "cost": "coalesce(sum(cost), 0)",
    "unpriced": "count(*) FILTER (WHERE cost IS NULL)",
    "cache_read_tokens": "coalesce(sum(cache_read_tokens), 0)",
    "cache_write_tokens": "coalesce(sum(cache_write_tokens), 0)",
    "reasoning_tokens": "coalesce(sum(reasoning_tokens), 0)",
}
COUNTED = tuple(_SUMS)
PACKED = ("first_token", "total", "visitors", "others")
COLUMNS = ", ".join((*COUNTED, *PACKED))
_DIVIDED = {
    Detail.DAY: "'00000000-0000-0000-0000-000000000000'::uuid AS bot_id, '' AS model, '' AS channel",
    Detail.BOT: "bot_id, '' AS model, '' AS channel",
    Detail.FULL: "bot_id, model, channel",
}
_FACTS = """person, outcome, opens, superseded, answered_by, has_evidence, rating,
    prompt_tokens, completion_tokens, cache_read_tokens, cache_write_tokens, reasoning_tokens, cost,
    first_token_ms, total_ms"""
# Of answers by a model that came to their end: others are quick, or were cut short.
_TIMED = "outcome = 'complete' AND answered_by = 'model'"


def _histogram(column: str) -> str:
    return f"""
    SELECT {KEY}, string_agg(int2send(bucket) || int4send(n), ''::bytea) AS packed FROM (
        SELECT {KEY}, {bucket_of(column)} AS bucket, count(*)::int4 AS n FROM counted
        WHERE {_TIMED} AND {column} IS NOT NULL GROUP BY {KEY}, bucket
    ) AS buckets GROUP BY {KEY}"""  # noqa: S608 - built from constants


def _people(kind: str) -> str:
    return f"string_agg(DISTINCT int8send(person), ''::bytea) FILTER (WHERE person & {KIND} {kind})"


def summed(detail: Detail, where: str) -> str:
    """Return common table expressions, the last named `summed`, of the usage that fits; `time_zone` is a parameter."""
    sums = ", ".join(f"{expression} AS {name}" for name, expression in _SUMS.items())
    return f"""
counted AS MATERIALIZED (
    SELECT (asked_at AT TIME ZONE %(time_zone)s::text)::date AS day, {_DIVIDED[detail]}, {_FACTS}
    FROM usage WHERE {where}
), counted_by AS (
    SELECT {KEY}, {sums},
        {_people("= 0")} AS visitors, {_people("<> 0")} AS others
    FROM counted GROUP BY {KEY}
), firsts AS ({_histogram("first_token_ms")}
), totals AS ({_histogram("total_ms")}
), summed AS (
    SELECT {KEY}, {", ".join(COUNTED)}, coalesce(firsts.packed, '') AS first_token,
        coalesce(totals.packed, '') AS total, coalesce(visitors, '') AS visitors, coalesce(others, '') AS others
    FROM counted_by LEFT JOIN firsts USING ({KEY}) LEFT JOIN totals USING ({KEY})
)"""  # noqa: S608 - built from constants


_ASKED = "asked_at >= %(since)s AND asked_at < %(until)s"
KEEP = [
    f"""
WITH {summed(detail, _ASKED)}
INSERT INTO analytics_days (detail, {KEY}, {COLUMNS}) SELECT '{detail}', {KEY}, {COLUMNS} FROM summed
"""  # noqa: S608 - built from constants
    for detail in Detail
]


def cited(where: str) -> str:
    """Return a query of how many answers cited which document; `time_zone` is a parameter."""
    return f"""
SELECT (asked_at AT TIME ZONE %(time_zone)s::text)::date AS day, bot_id, document_id, count(*)::int4 AS answers
FROM usage, unnest(cited) AS document_id WHERE {_ANSWERED} AND {where} GROUP BY 1, 2, 3"""  # noqa: S608 - from constants


KEEP_DOCUMENTS = [
    f"""
INSERT INTO analytics_documents (span, day, bot_id, document_id, answers, last_cited)
SELECT 'day', day, bot_id, document_id, answers, day FROM ({cited(_ASKED)}) AS by_day
""",  # noqa: S608 - built from constants
    """
INSERT INTO analytics_documents (span, day, bot_id, document_id, answers, last_cited)
SELECT 'month', date_trunc('month', day)::date, bot_id, document_id, sum(answers), max(day) FROM analytics_documents
WHERE span = 'day' AND day >= %(first_month)s AND day < %(month_after)s GROUP BY 2, 3, 4
""",
]
