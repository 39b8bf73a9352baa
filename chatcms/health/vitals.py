"""Looks at what the service needs, once a second in a thread of its own, so that asking how it is never waits."""

from __future__ import annotations

import logging
import shutil
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from chatcms.core.db import outages
from chatcms.core.db.tenantdb import watch
from chatcms.core.db.tenantdb.base import DatabaseWrapper
from chatcms.core.http import proxies
from chatcms.jobs import heartbeat, periodic

T = TypeVar("T")

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
SILENT_SECONDS = 30.0
# A process that was not seen since the start, or since Valkey came back, counts as missing only after this time.
GRACE_SECONDS = 60.0
# For so long health tells of something that is over.
TOLD_SECONDS = 60.0
# Tables are read less often than the rest.
ROUNDS_BETWEEN_READINGS = 5
LEAST_FREE_BYTES = 64 * 2**20

READY, DEGRADED, BROKEN = "ready", "degraded", "broken"
# What the log says when a check fails, and when it passes again.
_WORDS = {
    "redis": ("Valkey is away: answers go on, but uploads and webhooks wait for it.", "Valkey is back."),
    "workers": ("No worker is at work: uploads and webhooks wait for one.", "A worker is at work again."),
    "scheduler": ("The scheduler is not at work: no periodic task is begun.", "The scheduler is at work again."),
    "periodic": ("Periodic tasks are late.", "No periodic task is late any more."),
    "tenants": ("Periodic tasks fail for some tenants.", "Periodic tasks fail for no tenant any more."),
    "disk": ("The disk is full, or nearly.", "The disk has room again."),
}

LOST = (
    "Valkey lost what it held: limits count anew, answers under way cannot be resumed. Nothing that was saved is lost."
)


@dataclass(frozen=True, slots=True)
class Report:
    """How the service stands; a check is None when it cannot be told at the moment."""

    checks: Mapping[str, bool | None] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    failed: dict[str, int] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    @property
    def status(self) -> str:
        """`broken` when no request can be answered, `degraded` when something else is missing, else `ready`."""
        if self.checks.get("database") is False:
            return BROKEN
        return DEGRADED if False in self.checks.values() else READY

    def as_json(self) -> dict[str, Any]:
        """Return what everybody may know: no name of a tenant, no address, no cause."""
        shown: dict[str, Any] = {"status": self.status, "checks": dict(self.checks)}
        shown["warnings"] = list(self.warnings)
        if self.late:
            shown["late"] = list(self.late)
        if self.failed:
            shown["failed"] = dict(self.failed)
        return shown


class Monitor:
    """The thread, and its last report."""

    def __init__(self) -> None:
        self._redis = Redis.from_url(
            settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
        )
        self._watch: watch.Watch = cast(DatabaseWrapper, connections[DEFAULT_DB_ALIAS]).watched()
        self._report = Report()
        self._rounds = 0
        self._told: dict[str, bool] = {}
        self._signs = {name: Signs(name) for name in (heartbeat.WORKERS, heartbeat.SCHEDULER)}
        self._keeping = Keeping()
        self.has_looked = threading.Event()
        threading.Thread(target=self._run, name="vitals", daemon=True).start()

    def report(self) -> Report:
        """Return how things stand: the database at this moment, all else a second ago."""
        database = not self._watch.is_away if self._watch.has_looked.is_set() else None
        return replace(self._report, checks={"database": database, **self._report.checks})

    def _run(self) -> None:
        while True:
            try:
                self._look()
            except Exception:  # edge: the monitor must outlive whatever it meets
                logger.exception("The state of the service could not be looked at")
            self.has_looked.set()
            time.sleep(PAUSE_SECONDS)

    def _look(self) -> None:
        redis = self._redis_answers()
        checks: dict[str, bool | None] = {
            "redis": redis,
            **{name: signs.look() for name, signs in self._signs.items()},
            "disk": _has_room(),
        }
        late, failed = self._report.late, self._report.failed
        if self._rounds % ROUNDS_BETWEEN_READINGS == 0 and not self._watch.is_away:
            late, failed = _read(_late, late), _read(_failed, failed)
        self._rounds += 1
        checks |= {"periodic": not late, "tenants": not failed}
        told = [*warnings(), *([LOST] if self._keeping.look() else [])] if redis else []
        self._report = Report(checks, late, failed, tuple(told))
        self._tell(checks)

    def _redis_answers(self) -> bool:
        try:
            return bool(self._redis.ping())
        except (RedisError, OSError):
            return False

    def _tell(self, checks: Mapping[str, bool | None]) -> None:
        """Log each change once."""
        for name, value in checks.items():
            if value is None or value == self._told.get(name, True):
                continue
            self._told[name] = value
            wrong, right = _WORDS[name]
            if value:
                logger.warning(right)
            else:
                logger.error(wrong)


def warnings() -> tuple[str, ...]:
    """What an operator has to mend although everything answers; which address it is about only staff are told."""
    try:
        unread = proxies.attention()
    except (RedisError, OSError):
        return ()
    about = "All clients count as one: see TRUSTED_PROXIES, and `manage.py condition` for what to set."
    return (about,) if unread else ()


class Signs:
    """What is known of a process by the signs of life that it leaves in Valkey."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._seen_at = float("-inf")
        self._unknown_until = time.monotonic() + GRACE_SECONDS

    def look(self) -> bool | None:
        """Say whether the process is at work; None as long as it may not have had the time to show itself."""
        now = time.monotonic()
        try:
            silent = heartbeat.seconds_since(self._name)
        except (RedisError, OSError):
            # Whoever could not show itself meanwhile has its time again.
            self._unknown_until = now + GRACE_SECONDS
            return None
        if silent is not None:
            self._seen_at = max(self._seen_at, now - silent)
        if now - self._seen_at < SILENT_SECONDS:
            return True
        return None if now < self._unknown_until else False


class Keeping:
    """Notices when Valkey loses what it holds."""

    def __init__(self) -> None:
        self._mark = ""
        self._lost_at = float("-inf")

    def look(self) -> bool:
        """Say whether all that Valkey held was lost within the last minute; the log is told of it once."""
        try:
            mark = heartbeat.mark()
        except (RedisError, OSError):
            mark = self._mark
        if self._mark not in {"", mark}:
            self._lost_at = time.monotonic()
            logger.error(LOST)
        self._mark = mark
        return time.monotonic() - self._lost_at < TOLD_SECONDS


def _late() -> tuple[str, ...]:
    return tuple(task.name for task in periodic.late_tasks())


def _failed() -> dict[str, int]:
    return {name: len(slugs) for name, slugs in periodic.failed_tenants().items()}


def _read(reading: Callable[[], T], before: T) -> T:
    try:
        return reading()
    except DatabaseError:
        return before
    finally:
        connection.close()


def _has_room() -> bool:
    if outages.is_disk_full():
        return False
    try:
        return shutil.disk_usage(settings.MEDIA_ROOT).free > LEAST_FREE_BYTES
    except OSError:
        return True  # it is made with the first upload


_lock = threading.Lock()
_monitor: list[Monitor] = []


def monitor() -> Monitor:
    """Return the monitor of this process, which begins to look when it is first asked for."""
    with _lock:
        if not _monitor:
            _monitor.append(Monitor())
    return _monitor[0]
