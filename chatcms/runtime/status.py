"""Shows each service: does it run, since when, where, and does it answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from . import postgres, programs, valkey
from .env import merged_settings, own_settings
from .paths import Layout
from .processes import Record, living, read_record

TITLES = ("SERVICE", "STATE", "SINCE", "ADDRESS", "HEALTH")


@dataclass(frozen=True)
class Line:
    """What is shown of one service."""

    service: str
    state: str
    since: str
    address: str
    healthy: bool

    @property
    def cells(self) -> tuple[str, ...]:
        return (self.service, self.state, self.since, self.address, "ok" if self.healthy else "down")


def show_status(place: Layout, environ: Mapping[str, str]) -> bool:
    """Print the table; True when every service is well."""
    lines = status(place, environ)
    rows = [TITLES, *(line.cells for line in lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(TITLES))]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    return all(line.healthy for line in lines)


def status(place: Layout, environ: Mapping[str, str]) -> list[Line]:
    """The state of each service, asked now."""
    own, settings = own_settings(environ), merged_settings(place, environ)
    return [
        _service(place, postgres.NAME, "DATABASE_URL" in own, settings.get("DATABASE_URL", ""), database_answers),
        _service(place, valkey.NAME, "REDIS_URL" in own, settings.get("REDIS_URL", ""), redis_answers),
        *(_program(place, name) for name in programs.STARTS),
        _line(place, programs.SUPERVISOR, living(place.run, programs.SUPERVISOR), lambda: True),
    ]


def database_answers(url: str) -> bool:
    """Whether PostgreSQL answers at this URL; one that is merely full of connections does."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=5) as link:
            link.execute("SELECT 1")
    except psycopg.OperationalError as error:
        return "too many clients" in str(error) or "connection slots" in str(error)
    except psycopg.Error:
        return False
    return True


def redis_answers(url: str) -> bool:
    """Whether Valkey or Redis answers at this URL."""
    import redis

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as link:
            return bool(link.ping())
    except (redis.RedisError, ValueError):
        return False


def _service(place: Layout, name: str, external: bool, url: str, answers: Callable[[str], bool]) -> Line:
    if external:
        parts = urlsplit(url)
        address = f"{parts.hostname or ''}:{parts.port or ''}".strip(":") or parts.path
        return Line(name, "external", "-", address or "-", answers(url))
    find = postgres.find if name == postgres.NAME else valkey.find
    return _line(place, name, find(place), lambda: answers(url))


def _program(place: Layout, name: str) -> Line:
    return _line(place, name, living(place.run, name), lambda: programs.is_well_itself(place, name))


def _line(place: Layout, name: str, record: Record | None, well: Callable[[], bool]) -> Line:
    if record is None:
        return Line(name, _state_of_dead(place, name), "-", "-", False)
    since = datetime.fromtimestamp(record.since).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    return Line(name, "running", since, record.address, well())


def _state_of_dead(place: Layout, name: str) -> str:
    """A process that died has a record still, and the supervisor starts it again."""
    died = read_record(place.run, name) is not None
    return "restarting" if died and living(place.run, programs.SUPERVISOR) else "stopped"
