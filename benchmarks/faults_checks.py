"""Judges what came of the faults: by what callers were told, and by what the database holds in the end."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import psycopg
from faults_load import RETRIABLE, Load
from psycopg import sql

TENANT = "demo"
SETTLED_SECONDS = 300.0
_DOCUMENTS = "SELECT name, count(*), bool_and(state = 'ready') FROM {}.documents WHERE name = ANY(%s) GROUP BY name"
_QUESTIONS = """
SELECT asked.content, count(*), count(answer.id) FILTER (WHERE answer.status = 'complete')
FROM {0}.messages AS asked LEFT JOIN {0}.messages AS answer
    ON answer.conversation_id = asked.conversation_id AND answer.seq > asked.seq AND answer.role = 'assistant'
WHERE asked.role = 'user' AND asked.content = ANY(%s) GROUP BY asked.content
"""


@dataclass
class Seen:
    """Who named a fault while it lasted."""

    fault: str
    asked: frozenset[str] = frozenset()
    status: bool = False
    health: bool = False
    log: bool = False
    slowest_health: float = 0.0

    @property
    def is_named(self) -> bool:
        """Whether all who had to have named it."""
        return all(getattr(self, name) for name in self.asked)

    def line(self) -> str:
        """Return one line for the table."""
        status, health, log = (self._word(name) for name in ("status", "health", "log"))
        slowest = f"slowest health {self.slowest_health * 1000:.0f} ms"
        return f"{self.fault:<18} status {status:<7} health {health:<7} log {log:<7} {slowest}"

    def _word(self, name: str) -> str:
        if getattr(self, name):
            return "named"
        return "SILENT" if name in self.asked else "-"


@dataclass(frozen=True)
class Verdict:
    """The outcome, in words."""

    is_good: bool
    text: str


def judged(seen: list[Seen], load: Load, database_url: str) -> Verdict:
    """Hold the promises against what happened."""
    silent = [each.fault for each in seen if not each.is_named]
    wrong = {key: count for key, count in load.log.answers.items() if not _is_allowed(key)}
    documents = _settled(database_url, _DOCUMENTS, list(load.log.documents))
    questions = _settled(database_url, _QUESTIONS, list(load.log.questions))
    lost = _lost(load.log.documents, documents) + _lost(load.log.questions, questions)
    doubled = [name for name, (count, _) in {**documents, **questions}.items() if count > 1]
    slowest = [f"{fault or 'between'} {seconds:.1f} s" for fault, seconds in load.log.slowest_refusal.items()]
    lines = [
        f"acknowledged: {len(load.log.documents)} documents, {len(load.log.questions)} answers",
        f"lost: {len(lost)}, doubled: {len(doubled)}",
        f"answers that may not be: {wrong or 'none'}",
        f"faults that somebody kept silent about: {', '.join(silent) or 'none'}",
        f"slowest refusals: {', '.join(slowest) or 'none'}",
    ]
    return Verdict(not (silent or wrong or lost or doubled), "\n".join(lines))


def _is_allowed(key: tuple[str, str, int, bool]) -> bool:
    """A lost connection (0) is retriable; a refusal must be, and must say when to come back."""
    _, _, status, is_timed = key
    return status == 0 or status < 300 or (status in RETRIABLE and is_timed)


def _lost(acknowledged: dict[str, str], found: dict[str, tuple[int, bool]]) -> list[str]:
    return [name for name in acknowledged if not found.get(name, (0, False))[1]]


def _settled(database_url: str, query: str, names: list[str]) -> dict[str, tuple[int, bool]]:
    """Return how often each is there and whether it is whole, once all are or the time is over."""
    limit = time.monotonic() + SETTLED_SECONDS
    while True:
        found = _rows(database_url, query, names)
        if all(found.get(name, (0, False))[1] for name in names) or time.monotonic() > limit:
            return found
        time.sleep(1)


def _rows(database_url: str, query: str, names: list[str]) -> dict[str, tuple[int, bool]]:
    with psycopg.connect(database_url) as link:
        row: Any = link.execute("SELECT schema_name FROM tenants WHERE slug = %s", [TENANT]).fetchone()
        statement = sql.SQL(query).format(sql.Identifier(row[0]))
        return {name: (count, bool(whole)) for name, count, whole in link.execute(statement, [names]).fetchall()}
