"""Knows the migrations of a tenant's schema, runs them in one schema and writes their SQL down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations import Migration, RunPython, SeparateDatabaseAndState
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from chatcms.core.db.tenantdb.recording import recorded

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One migration as SQL that fits every schema in the same state; it records itself as applied."""

    key: Key
    sql: str

    def __str__(self) -> str:
        return ".".join(self.key)


def labels_of(app_names: Iterable[str]) -> frozenset[str]:
    """Return the labels of the installed apps of that name, or of that config's name where one is chosen."""
    names = set(app_names)
    return frozenset(config.label for config in apps.get_app_configs() if names & {config.name, _name_of(type(config))})


def _name_of(config: type[AppConfig]) -> str:
    return f"{config.__module__}.{config.__qualname__}"


class SchemaChanges:
    """The migrations of the tenant apps, as they are on disk now."""

    def __init__(self) -> None:
        self.loader = MigrationLoader(None)
        self.labels = labels_of(settings.TENANT_APPS)

    @cached_property
    def all(self) -> list[Migration]:
        """Every migration of the tenant apps, each after those that it depends on."""
        ordered: dict[Key, Migration] = {}
        for target in sorted(key for key in self.loader.graph.leaf_nodes() if key[0] in self.labels):
            for key in self.loader.graph.forwards_plan(target):
                ordered.setdefault(key, self.loader.graph.nodes[key])
        return [_replayable(migration) for key, migration in ordered.items() if key[0] in self.labels]

    def pending(self, applied: frozenset[Key]) -> list[Migration]:
        """Return what a schema with `applied` lacks, in order."""
        return [migration for migration in self.all if not _is_applied(migration, applied)]

    def state_after(self, applied: frozenset[Key]) -> ProjectState:
        """Return the models as they are in a schema with `applied`."""
        nodes = [(m.app_label, m.name) for m in self.all if _is_applied(m, applied)]
        return self.loader.project_state(nodes)


def apply(migration: Migration, state: ProjectState) -> tuple[ProjectState, Change]:
    """Run `migration` in the schema in force, in the caller's transaction; return the new state and SQL."""
    with recorded(connection) as statements:
        MigrationRecorder(connection).ensure_schema()
        with connection.schema_editor(atomic=True) as editor:
            state = migration.apply(state, editor)
    key = (migration.app_label, migration.name)
    records = [_record(*each) for each in [*migration.replaces, key]]
    with connection.cursor() as cursor:
        cursor.execute("".join(records))
    return state, Change(key, "\n".join([*statements, *records]))


def _record(label: str, name: str) -> str:
    return f"INSERT INTO django_migrations (app, name, applied) VALUES ('{label}', '{name}', now());"  # noqa: S608


def _is_applied(migration: Migration, applied: frozenset[Key]) -> bool:
    if (migration.app_label, migration.name) in applied:
        return True
    return bool(migration.replaces) and applied.issuperset(migration.replaces)


def _replayable(migration: Migration) -> Migration:
    if not migration.atomic or any(_runs_python(operation) for operation in migration.operations):
        raise ImproperlyConfigured(
            f"{migration} cannot be replayed as SQL in every tenant's schema: it runs Python or is "
            "not atomic. Change data by a job instead, one tenant at a time."
        )
    return migration


def _runs_python(operation: Operation) -> bool:
    if isinstance(operation, SeparateDatabaseAndState):
        return any(_runs_python(inner) for inner in operation.database_operations)
    return isinstance(operation, RunPython)
