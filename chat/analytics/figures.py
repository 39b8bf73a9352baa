"""The figures of a period: as a whole, and by day, week, month, bot, model or channel."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from django.db import connection

from chat.analytics.period import Period
from chat.analytics.sketches import UNKNOWN, Percentiles, percentiles, size_of
from chat.analytics.sums import COLUMNS, COUNTED, KEY, PACKED, STATE, summed
from chat.enums import Detail
from tenants.types import Actor

Grouping = Literal["day", "week", "month", "bot", "model", "channel"]
_KEYS: dict[Grouping | None, str] = {
    None: "''",
    "day": "day::text",
    "week": "date_trunc('week', day)::date::text",
    "month": "date_trunc('month', day)::date::text",
    "bot": "bot_id::text",
    "model": "model",
    "channel": "channel",
}
_NARROWED = """\
(%(bots)s::uuid[] IS NULL OR bot_id = ANY(%(bots)s::uuid[]))
    AND (%(channel)s::text IS NULL OR channel = %(channel)s::text)
    AND (%(model)s::text IS NULL OR model = %(model)s::text)"""
SINCE_KEPT = """\
asked_at >= greatest(%(begins)s::timestamptz, (SELECT through FROM kept)) AND asked_at < %(ends)s::timestamptz"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Which answers are counted; None is all."""

    bot_id: uuid.UUID | None = None
    channel: str | None = None
    model: str | None = None


EVERYTHING = Narrowing()


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What happened in some days, somewhere. Money is in US dollars, durations are in milliseconds.

    Every question is one of `from_documents`, `unanswered` (the documents held nothing on it), `curated`, `unsearched`
    (its bot has no documents) or `failed`, by how the last answer to it went; `stopped` ones are among the others.
    `answers` counts those too that were made again. `conversations` are those that were begun. `unpriced` answers are
    not in `cost`. Tokens of the vendors' caches are a part of the prompts', those of thoughts a part of the answers'.
    """

    conversations: int = 0
    questions: int = 0
    answers: int = 0
    from_documents: int = 0
    unanswered: int = 0
    curated: int = 0
    unsearched: int = 0
    failed: int = 0
    stopped: int = 0
    up: int = 0
    down: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: Decimal = Decimal(0)
    unpriced: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    people: int = 0
    visitors: int = 0
    first_token_ms: Percentiles = UNKNOWN
    total_ms: Percentiles = UNKNOWN

    @property
    def messages(self) -> int:
        """Questions and answers together."""
        return self.questions + self.answers

    @property
    def tokens(self) -> int:
        """Those of prompts and answers together."""
        return self.prompt_tokens + self.completion_tokens

    @property
    def satisfaction(self) -> float | None:
        """Which share of the ratings is good."""
        return _share(self.up, self.up + self.down)

    @property
    def answered_rate(self) -> float | None:
        """Which share of the questions that documents were searched for was answered from them."""
        return _share(self.from_documents, self.from_documents + self.unanswered)

    @property
    def failure_rate(self) -> float | None:
        """Which share of the questions has no answer because something failed."""
        return _share(self.failed, self.questions)


NUMBERS = tuple(one.name for one in fields(Figures) if one.name not in {"first_token_ms", "total_ms"})
"""What of the figures is a plain number."""


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


@dataclass(frozen=True, slots=True)
class FigureLine:
    """The figures of one day, bot, model or channel; of the first day of a week or month."""

    key: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures of a period, and of as many days before it."""

    period: Period
    now: Figures
    before: Figures


def compared(*, by: Actor, period: Period, where: Narrowing = EVERYTHING) -> Comparison:
    """Return the figures of a period and of the one before it; by one query. A limited key sees its bots only."""
    rows = _rows(by, where, None, period.before.since, period)
    return Comparison(period, _figures(row for row in rows if row[0]), _figures(row for row in rows if not row[0]))


def broken_down(*, by: Actor, period: Period, grouping: Grouping, where: Narrowing = EVERYTHING) -> list[FigureLine]:
    """Return the figures by something; by one query. Days come in order and without gaps, else most questions first."""
    rows = _rows(by, where, grouping, period.since, period)
    lines = [FigureLine(row[1], _figures([row])) for row in rows]
    if grouping == "day":
        known = {line.key: line for line in lines}
        return [known.get(day, FigureLine(day, Figures())) for day in map(date.isoformat, period.every_day())]
    if grouping in {"week", "month"}:
        return sorted(lines, key=lambda line: line.key)
    return sorted(lines, key=lambda line: (-line.figures.questions, line.key))


def _rows(by: Actor, where: Narrowing, grouping: Grouping | None, since: date, period: Period) -> list[Sequence[Any]]:
    """Return for each key whether it is of the period, the key, and what `_figures` takes."""
    whole = Period(since, period.until, period.time_zone)
    values: dict[str, Any] = {
        "state": STATE,
        "time_zone": period.time_zone,
        "since": since,
        "until": period.until,
        "current": period.since,
        "begins": whole.begins,
        "ends": whole.ends,
        "bots": bots_of(by, where.bot_id),
        "channel": where.channel,
        "model": where.model,
    }
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS[grouping, _detail(where, grouping, values["bots"])], values)
        return list(cursor.fetchall())


def bots_of(by: Actor, bot_id: uuid.UUID | None) -> list[uuid.UUID] | None:
    """Return the bots whose answers are counted: the one that is asked for, else all that the caller may see."""
    if bot_id is not None:
        return [bot_id] if by.may_use_bot(bot_id) else []
    return None if by.bot_ids is None else list(by.bot_ids)


def _detail(where: Narrowing, grouping: Grouping | None, bots: list[uuid.UUID] | None) -> Detail:
    """Return the least divided sums that the figures can be had from."""
    if where.channel or where.model or grouping in {"model", "channel"}:
        return Detail.FULL
    return Detail.DAY if bots is None and grouping != "bot" else Detail.BOT


def _statement(key: str, detail: Detail) -> str:
    sums = ", ".join(
        [
            *(f"sum({name})" for name in COUNTED),
            *(f"coalesce(string_agg({name}, ''::bytea), '')" for name in PACKED),
        ]
    )
    return f"""
WITH kept AS MATERIALIZED (
    SELECT through FROM analytics_state WHERE name = %(state)s AND time_zone = %(time_zone)s
), {summed(detail, f"{SINCE_KEPT} AND {_NARROWED}")}, together AS (
    SELECT {KEY}, {COLUMNS} FROM analytics_days
    WHERE detail = '{detail}' AND day BETWEEN %(since)s AND %(until)s AND EXISTS (SELECT 1 FROM kept) AND {_NARROWED}
    UNION ALL SELECT {KEY}, {COLUMNS} FROM summed
)
SELECT day >= %(current)s, {key}, {sums} FROM together GROUP BY 1, 2"""  # noqa: S608 - built from constants


_STATEMENTS = {(grouping, detail): _statement(key, detail) for grouping, key in _KEYS.items() for detail in Detail}


def _figures(rows: Iterable[Sequence[Any]]) -> Figures:
    """Return the figures of the only row, none at all without one."""
    row = next(iter(rows), None)
    if row is None:
        return Figures()
    counted, packed = row[2 : 2 + len(COUNTED)], row[2 + len(COUNTED) :]
    numbers: dict[str, Any] = {
        name: value if name == "cost" else int(value) for name, value in zip(COUNTED, counted, strict=True)
    }
    first_token, total, visitors, others = (bytes(each) for each in packed)
    visiting = size_of(visitors)
    return Figures(
        **numbers,
        people=visiting + size_of(others),
        visitors=visiting,
        first_token_ms=percentiles(first_token),
        total_ms=percentiles(total),
    )
