"""Answers "is anything wrong?" over the whole installation, in sentences that say what to do."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, connection
from django.utils import timezone
from redis.exceptions import RedisError

from chatcms.core.http import proxies
from chatcms.jobs import heartbeat, periodic, selectors
from chatcms.portal.private_hosts import entries_to_move
from providers.catalog.models import GlobalAIProvider
from tenants.enums import TenantStatus
from tenants.models import Tenant
from tenants.services import backups, near_quota, outbox
from tenants.services.migrator import schema_states

WAITING_LONG = timedelta(minutes=2)
WAITING_TOO_LONG = timedelta(minutes=15)
SILENT_SECONDS = 60
MAKING_LONG = timedelta(minutes=10)
BACKUP_OLD = timedelta(days=7)
DISK_LOW = 0.1
NAMED = 5


class Level(StrEnum):
    """How it stands: well, to be looked at, or broken."""

    OK = "ok"
    ATTENTION = "attention"
    WRONG = "wrong"


LEVELS = tuple((level.value, level.value) for level in Level)


@dataclass(frozen=True, slots=True)
class Finding:
    """How one thing stands; `page` names the admin page on which one does something about it, with its query."""

    key: str
    label: str
    level: Level
    text: str
    page: str = ""
    query: str = ""


def findings() -> list[Finding]:
    """Look at everything; what cannot be looked at is broken, and keeps nothing else from being told."""
    return [_looked_at(*check) for check in _CHECKS]


def worst(found: list[Finding]) -> Level:
    """Return the worst level of all."""
    levels = {each.level for each in found}
    return next((level for level in (Level.WRONG, Level.ATTENTION) if level in levels), Level.OK)


def _database() -> tuple[Level, str]:
    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
        version, size = cursor.fetchone()
    milliseconds = (time.perf_counter() - started) * 1000
    return Level.OK, f"PostgreSQL {version} answers in {milliseconds:.1f} ms and holds {size / 2**20:,.0f} MiB."


def _valkey() -> tuple[Level, str]:
    started = time.perf_counter()
    caches["global"].get("health")
    return Level.OK, f"Valkey answers in {(time.perf_counter() - started) * 1000:.1f} ms."


def _workers() -> tuple[Level, str]:
    silent = heartbeat.seconds_since()
    if silent is None:
        return Level.WRONG, "No worker was ever seen. Start one, or nothing is ingested and no webhook is sent."
    if silent > SILENT_SECONDS:
        return Level.WRONG, f"No worker was seen for {_words(timedelta(seconds=silent))}. Start one again."
    return Level.OK, f"A worker was at work {silent:.0f} s ago."


def _proxies() -> tuple[Level, str]:
    if advice := proxies.attention():
        unread = proxies.last_unread()
        seen = f" Last seen {_words(timedelta(seconds=max(0.0, time.time() - unread.at)))} ago." if unread else ""
        return Level.ATTENTION, f"{advice}{seen}"
    count = settings.TRUSTED_PROXIES
    read = f"The client's address is entry {count} from the right of X-Forwarded-For."
    return Level.OK, read if count > 0 else "No proxy is trusted; the peer of a connection is the client."


def _jobs() -> tuple[Level, str]:
    queue = selectors.queue()
    text = f"{queue.waiting} waiting, {queue.running} running."
    if queue.oldest is None or queue.oldest < WAITING_LONG:
        return Level.OK, text
    level = Level.WRONG if queue.oldest > WAITING_TOO_LONG else Level.ATTENTION
    return level, f"{text} The oldest has been due for {_words(queue.oldest)}: add workers, or see what holds them up."


def _dead_jobs() -> tuple[Level, str]:
    dead = selectors.queue().dead
    if not dead:
        return Level.OK, "No job has used up its attempts."
    return Level.ATTENTION, f"{dead} used up their attempts. See why, mend it, and try them again."


def _mails() -> tuple[Level, str]:
    failed = outbox.failed_lately()
    if not failed:
        return Level.OK, "No mail of the last week failed."
    return Level.ATTENTION, f"{failed} of the last week could not be sent. See why; their jobs can be tried again."


def _periodic() -> tuple[Level, str]:
    late = periodic.late_tasks()
    if not late:
        return Level.OK, "Every periodic task ran when it was due."
    named = _list([f"{task.name} (last done {_when(task.succeeded_at)})" for task in late])
    return Level.WRONG, f"Late: {named}. See whether scheduler and worker run (./status.sh), and their logs."


def _rounds() -> tuple[Level, str]:
    failed = periodic.failed_tenants()
    if not failed:
        return Level.OK, "No periodic task failed for a tenant."
    named = "; ".join(f"{name} for {_list(slugs)}" for name, slugs in failed.items())
    return Level.WRONG, f"Failed in the last round: {named}. The other tenants were served. The worker's log says why."


def _providers() -> tuple[Level, str]:
    active = GlobalAIProvider.objects.filter(is_active=True)
    failing = list(active.filter(last_check_ok=False).values_list("name", flat=True))
    if failing:
        return Level.WRONG, f"The last test of {_list(failing)} failed. Check key and address, then test again."
    return Level.OK, f"{active.count()} in use; none failed its last test."


def _tenants() -> tuple[Level, str]:
    stuck = Tenant.objects.filter(status__in=[TenantStatus.PENDING, TenantStatus.CREATING])
    late = stuck.filter(created_at__lt=timezone.now() - MAKING_LONG)
    broken = [*Tenant.objects.filter(status=TenantStatus.FAILED), *late]
    if broken:
        names = _list([tenant.slug for tenant in broken])
        return Level.WRONG, f"Making {names} stopped halfway. Open it and go on with making it."
    ready = Tenant.objects.filter(status=TenantStatus.READY).count()
    return Level.OK, f"{ready} ready; none stopped halfway."


def _schemas() -> tuple[Level, str]:
    states = schema_states()
    behind = [state.tenant.slug for state in states if state.pending != 0 or state.error]
    if behind:
        return Level.WRONG, f"{_list(behind)}: behind the code, or failed to migrate. Run manage.py migrate_tenants."
    return Level.OK, f"{len(states)} looked at; each is where the code is."


def _quotas() -> tuple[Level, str]:
    near = near_quota.tenants_near()
    if not near:
        return Level.OK, "No tenant has used 80 % of its plan."
    named = _list([f"{tenant.slug} ({quota.name.replace('_', ' ')} {quota.share:.0%})" for tenant, quota in near])
    return Level.ATTENTION, f"Near the end of their plan: {named}."


def _backup() -> tuple[Level, str]:
    at = backups.last_verified_at()
    if at is None:
        return Level.ATTENTION, "Never. Restore one somewhere, then run manage.py note_backup."
    age = timezone.now() - at
    level = Level.OK if age < BACKUP_OLD else Level.ATTENTION
    return level, f"The last one was shown to be good {_words(age)} ago."


def _private_hosts() -> tuple[Level, str]:
    if moves := entries_to_move():
        return Level.ATTENTION, " ".join(moves[:NAMED])
    return Level.OK, "Each private host that is called is named for what it is called for."


def _disk() -> tuple[Level, str]:
    place = settings.MEDIA_ROOT if settings.MEDIA_ROOT.exists() else settings.MEDIA_ROOT.parent
    usage = shutil.disk_usage(place if place.exists() else "/")
    share = usage.free / usage.total
    text = f"{usage.free / 2**30:,.1f} GiB ({share:.0%}) are free where files are kept."
    return (Level.OK if share > DISK_LOW else Level.ATTENTION), text


Check = tuple[str, str, Callable[[], tuple[Level, str]], str, str]


def _public_url() -> tuple[Level, str]:
    url = settings.PUBLIC_URL
    host = urlsplit(url).hostname or ""
    if settings.IS_PRODUCTION and (host == "localhost" or host.startswith("127.") or host == "::1"):
        return Level.ATTENTION, f"Links in mails begin with {url}, which works on this computer only: set PUBLIC_URL."
    return Level.OK, f"Links in mails begin with {url}."


_CHECKS: list[Check] = [
    ("database", "Database", _database, "", ""),
    ("valkey", "Valkey", _valkey, "", ""),
    ("workers", "Workers", _workers, "", ""),
    ("proxies", "Client addresses", _proxies, "", ""),
    ("jobs", "Jobs", _jobs, "admin:jobs_job_changelist", "state__exact=queued"),
    ("dead_jobs", "Dead letters", _dead_jobs, "admin:jobs_job_changelist", "state__exact=dead"),
    ("mails", "Mails", _mails, "admin:tenants_mail_changelist", "state__exact=failed"),
    ("periodic", "Periodic tasks", _periodic, "admin:jobs_periodictask_changelist", ""),
    ("rounds", "Rounds over tenants", _rounds, "admin:jobs_periodictask_changelist", ""),
    ("providers", "Providers", _providers, "admin:catalog_globalaiprovider_changelist", ""),
    ("tenants", "Tenants", _tenants, "admin:tenants_tenant_changelist", "status__exact=failed"),
    ("schemas", "Schemas", _schemas, "admin:tenants_tenant_changelist", ""),
    ("quotas", "Quotas", _quotas, "admin:tenants_tenant_changelist", ""),
    ("backup", "Verified backup", _backup, "", ""),
    ("public_url", "Public address", _public_url, "", ""),
    ("private_hosts", "Private hosts", _private_hosts, "", ""),
    ("disk", "Disk", _disk, "", ""),
]


def _looked_at(key: str, label: str, check: Callable[[], tuple[Level, str]], page: str, query: str) -> Finding:
    try:
        level, text = check()
    except (DatabaseError, RedisError, OSError) as error:
        # Its kind only: what a server says may hold addresses and passwords.
        level, text = Level.WRONG, f"This could not be looked at: {type(error).__name__}."
    return Finding(key, label, level, text, page, query)


def _list(names: list[str]) -> str:
    shown = ", ".join(names[:NAMED])
    return shown if len(names) <= NAMED else f"{shown} and {len(names) - NAMED} more"


def _when(moment: datetime | None) -> str:
    return f"{_words(timezone.now() - moment)} ago" if moment else "never"


def _words(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} seconds"
