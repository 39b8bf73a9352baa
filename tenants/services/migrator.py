"""Brings public and then every tenant's schema to where the code is; one broken tenant stops no other."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.apps import apps
from django.conf import settings
from django.core.management.sql import emit_post_migrate_signal, emit_pre_migrate_signal
from django.db import Error, connection, transaction
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from chatcms.core.db import locks
from chatcms.core.logs import redact
from tenants.context import public_scope, tenant_scope
from tenants.models import SchemaVersion, Tenant
from tenants.services.schema_changes import Change, Key, SchemaChanges, apply, labels_of

logger = logging.getLogger(__name__)

# A change that waits for a lock makes every later query of its tenant wait too: give up soon, try again.
LOCK_TIMEOUT = "2s"
PAUSES_SECONDS = (0.5, 2.0, 5.0)
SCHEMAS_PER_QUERY = 100

Applied = frozenset[Key]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one tenant: the changes made now, and why it went no further if it did not."""

    tenant: Tenant
    applied: tuple[str, ...] = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class SchemaState:
    """Where one tenant's schema is: how many changes it lacks (None: it is missing), and the last error."""

    tenant: Tenant
    pending: int | None
    error: str


def _quiet(_outcome: Outcome) -> None:
    return


def migrate_everything(*, tell: Callable[[Outcome], None] = _quiet) -> list[Outcome]:
    """Migrate public, then every tenant; return what became of each tenant. Raises only when public fails."""
    with public_scope():
        migrate_public()
        return migrate_tenants(tell=tell)


def migrate_public() -> None:
    """Apply what the shared apps lack, by Django's own executor."""
    labels = labels_of(settings.SHARED_APPS)
    executor = MigrationExecutor(connection)
    targets = [key for key in executor.loader.graph.leaf_nodes() if key[0] in labels]
    plan = executor.migration_plan(targets)
    emit_pre_migrate_signal(0, False, connection.alias, apps=apps, plan=plan)
    executor.migrate(targets, plan)
    emit_post_migrate_signal(0, False, connection.alias, apps=apps, plan=plan)


def migrate_tenants(
    tenants: Iterable[Tenant] | None = None, *, tell: Callable[[Outcome], None] = _quiet
) -> list[Outcome]:
    """Apply what each tenant's schema lacks; go on after a failure; safe to run again and side by side.

    The first tenant in a state runs the migrations, their SQL is replayed in all others in that state.
    """
    chosen = list(Tenant.objects.with_schema().order_by("id") if tenants is None else tenants)
    applied = _applied_in(chosen)
    run = _Run(SchemaChanges())
    outcomes = []
    for tenant in chosen:
        outcome = run.migrate(tenant, applied.get(tenant.schema_name))
        _remember(outcome)
        tell(outcome)
        outcomes.append(outcome)
    return outcomes


def schema_states() -> list[SchemaState]:
    """Return where every tenant's schema is, as the schemas themselves say."""
    tenants = list(Tenant.objects.with_schema().order_by("slug"))
    errors = dict(SchemaVersion.objects.exclude(error="").values_list("tenant_id", "error"))
    applied = _applied_in(tenants)
    changes = SchemaChanges()
    states = []
    for tenant in tenants:
        known = applied.get(tenant.schema_name)
        pending = None if known is None else len(changes.pending(known))
        states.append(SchemaState(tenant, pending, errors.get(tenant.pk, "")))
    return states


@dataclass(slots=True)
class _Run:
    changes: SchemaChanges
    compiled: dict[tuple[Applied, Key], Change] = field(default_factory=dict)
    states: dict[Applied, ProjectState] = field(default_factory=dict)

    def migrate(self, tenant: Tenant, applied: Applied | None) -> Outcome:
        if applied is None:
            return Outcome(tenant, error="The schema or its list of migrations is missing.")
        done: list[str] = []
        for migration in self.changes.pending(applied):
            try:
                self._with_patience(tenant, migration, applied)
            except Error as error:
                if not connection.in_atomic_block:
                    connection.close_if_unusable_or_obsolete()
                reason = redact(f"{migration}: {type(error).__name__}: {error}").strip()[:1000]
                logger.error("Tenant %s was not migrated: %s", tenant.slug, reason)  # noqa: TRY400
                return Outcome(tenant, tuple(done), reason)
            applied |= {(migration.app_label, migration.name), *migration.replaces}
            done.append(str(migration))
        return Outcome(tenant, tuple(done))

    def _with_patience(self, tenant: Tenant, migration: Migration, applied: Applied) -> None:
        for pause in (*PAUSES_SECONDS, None):
            try:
                self._step(tenant, migration, applied)
            except Error as error:
                if pause is None or not isinstance(error.__cause__, LockNotAvailable):
                    raise
                time.sleep(pause)
            else:
                return

    def _step(self, tenant: Tenant, migration: Migration, applied: Applied) -> None:
        key = (migration.app_label, migration.name)
        with tenant_scope(tenant), transaction.atomic():
            if not _lock_and_check(tenant, key):
                return
            change = self.compiled.get((applied, key))
            if change is not None:
                with connection.cursor() as cursor:
                    cursor.execute(change.sql)
                return
            before = self.states.get(applied) or self.changes.state_after(applied)
            after, change = apply(migration, before.clone())
        self.compiled[applied, key] = change
        self.states[applied | {key, *migration.replaces}] = after


def _lock_and_check(tenant: Tenant, key: Key) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [LOCK_TIMEOUT])
        locks.hold_everywhere(f"migrate:{tenant.pk}")
        cursor.execute("SELECT count(*) = 0 FROM django_migrations WHERE (app, name) = (%s, %s)", key)
        row = cursor.fetchone()
    return bool(row and row[0])


def _applied_in(tenants: Sequence[Tenant]) -> dict[str, Applied]:
    applied: dict[str, Applied] = {}
    for start in range(0, len(tenants), SCHEMAS_PER_QUERY):
        names = [tenant.schema_name for tenant in tenants[start : start + SCHEMAS_PER_QUERY]]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT schemaname FROM pg_tables WHERE tablename = 'django_migrations' AND schemaname = ANY(%s)",
                [names],
            )
            whole = [name for (name,) in cursor.fetchall()]
            if whole:
                cursor.execute(" UNION ALL ".join(_applied_query(name) for name in whole), whole)
                applied |= {name: frozenset(zip(*lists, strict=True)) for name, *lists in cursor.fetchall()}
    return applied


def _applied_query(schema_name: str) -> str:
    table = f"{connection.ops.quote_name(schema_name)}.django_migrations"
    return f"SELECT %s, coalesce(array_agg(app), '{{}}'), coalesce(array_agg(name), '{{}}') FROM {table}"  # noqa: S608


def _remember(outcome: Outcome) -> None:
    is_behind = bool(outcome.error)
    Tenant.objects.filter(pk=outcome.tenant.pk).exclude(is_behind=is_behind).update(is_behind=is_behind)
    values = {"tried_at": timezone.now(), "error": outcome.error}
    if outcome.applied:
        values["last_applied"] = outcome.applied[-1]
    if outcome.applied or outcome.error:
        SchemaVersion.objects.update_or_create(tenant_id=outcome.tenant.pk, defaults=values)
    else:
        SchemaVersion.objects.filter(tenant_id=outcome.tenant.pk).exclude(error="").update(**values)
