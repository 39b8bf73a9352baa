"""Tests of migrating all tenants, whatever one of them does."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection, migrations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from django.db.models import IntegerField

from tenants.context import tenant_scope
from tenants.models import SchemaVersion, Tenant
from tenants.services import lifecycle, migrator
from tenants.services.schema_changes import Change, SchemaChanges, apply
from tenants.tests import factories
from tenants.types import SYSTEM

Extend = Callable[..., None]
ADD_ONE = migrations.AddField("bot", "one", IntegerField(null=True, db_index=True))
ADD_TWO = migrations.RunSQL("ALTER TABLE bots ADD COLUMN two integer", migrations.RunSQL.noop)


@pytest.fixture
def tenants(acme: Tenant, globex: Tenant) -> list[Tenant]:
    """Three ready tenants, oldest first."""
    return [acme, globex, factories.make_tenant("initech")]


@pytest.fixture
def extend(monkeypatch: pytest.MonkeyPatch) -> Extend:
    """Add a migration of bots on top of those on disk, with these operations."""
    added: list[migrations.Migration] = []
    plain = SchemaChanges.__init__

    def with_added(self: SchemaChanges) -> None:
        plain(self)
        graph = self.loader.graph
        for migration in added:
            below = graph.leaf_nodes("bots")[0]
            key = ("bots", migration.name)
            graph.add_node(key, migration)
            graph.add_dependency(migration, key, below)

    def add(*operations: Operation, atomic: bool = True) -> None:
        kind = type("Migration", (migrations.Migration,), {"operations": list(operations), "atomic": atomic})
        added.append(kind(f"{9000 + len(added)}_added", "bots"))

    monkeypatch.setattr(SchemaChanges, "__init__", with_added)
    return add


def columns(tenant: Tenant) -> set[str]:
    """The columns of the tenant's bots."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = 'bots'",
            [tenant.schema_name],
        )
        return {name for (name,) in cursor.fetchall()}


def poison(tenant: Tenant, column: str = "one") -> None:
    """Give the tenant's bots a column that the coming change wants to add."""
    _run_in(tenant, f"ALTER TABLE bots ADD COLUMN {column} integer")


def heal(tenant: Tenant, column: str = "one") -> None:
    """Take the column out again."""
    _run_in(tenant, f"ALTER TABLE bots DROP COLUMN {column}")


def _run_in(tenant: Tenant, sql: str) -> None:
    with tenant_scope(tenant), connection.cursor() as cursor:
        cursor.execute(sql)


def failed(outcomes: list[migrator.Outcome]) -> list[str]:
    """The slugs of those that went wrong."""
    return [outcome.tenant.slug for outcome in outcomes if outcome.error]


def test_every_tenant_gets_the_change(tenants: list[Tenant], extend: Extend) -> None:
    extend(ADD_ONE)
    outcomes = migrator.migrate_everything()
    assert [outcome.applied for outcome in outcomes] == [("bots.9000_added",)] * 3
    assert all("one" in columns(tenant) for tenant in tenants)


def test_the_change_is_worked_out_once_and_replayed(
    tenants: list[Tenant], extend: Extend, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out: list[str] = []

    def counting(migration: migrations.Migration, before: ProjectState) -> tuple[ProjectState, Change]:
        worked_out.append(migration.name)
        return apply(migration, before)

    monkeypatch.setattr(migrator, "apply", counting)
    extend(ADD_ONE)
    extend(ADD_TWO)
    migrator.migrate_everything()
    assert worked_out == ["9000_added", "9001_added"]
    assert all({"one", "two"} <= columns(tenant) for tenant in tenants)


def test_a_replayed_change_makes_the_indexes_too(tenants: list[Tenant], extend: Extend) -> None:
    extend(ADD_ONE)
    migrator.migrate_everything()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT schemaname, indexname FROM pg_indexes WHERE tablename = 'bots' AND indexdef LIKE '%%(one)'"
        )
        found = dict(cursor.fetchall())
    assert set(found) == {tenant.schema_name for tenant in tenants}
    assert len(set(found.values())) == 1


def test_a_second_run_changes_nothing(tenants: list[Tenant], extend: Extend) -> None:
    extend(ADD_ONE)
    migrator.migrate_everything()
    assert [outcome.applied for outcome in migrator.migrate_everything()] == [(), (), ()]


@pytest.mark.parametrize("place", [0, 1, 2], ids=["first", "middle", "last"])
def test_a_poisoned_tenant_stops_no_other_and_is_finished_later(
    tenants: list[Tenant], extend: Extend, place: int
) -> None:
    poison(tenants[place])
    extend(ADD_ONE)
    outcomes = migrator.migrate_everything()
    assert failed(outcomes) == [tenants[place].slug]
    assert "already exists" in outcomes[place].error
    assert all("one" in columns(tenant) for tenant in tenants)
    heal(tenants[place])
    outcomes = migrator.migrate_everything()
    assert failed(outcomes) == []
    assert [bool(outcome.applied) for outcome in outcomes] == [number == place for number in range(3)]


def test_a_change_that_went_through_before_the_failure_is_kept(tenants: list[Tenant], extend: Extend) -> None:
    poison(tenants[0], "two")
    extend(ADD_ONE)
    extend(ADD_TWO)
    outcomes = migrator.migrate_everything()
    assert [outcome.applied for outcome in outcomes[:2]] == [
        ("bots.9000_added",),
        ("bots.9000_added", "bots.9001_added"),
    ]
    heal(tenants[0], "two")
    assert migrator.migrate_everything()[0].applied == ("bots.9001_added",)


def test_half_a_change_is_never_kept(tenants: list[Tenant], extend: Extend) -> None:
    poison(tenants[1], "two")
    extend(ADD_ONE, ADD_TWO)
    migrator.migrate_everything()
    assert "one" not in columns(tenants[1])


def test_what_went_wrong_is_remembered_until_it_is_right(tenants: list[Tenant], extend: Extend) -> None:
    poison(tenants[1])
    extend(ADD_ONE)
    migrator.migrate_everything()
    assert "already exists" in SchemaVersion.objects.get(tenant=tenants[1]).error
    heal(tenants[1])
    migrator.migrate_everything()
    assert SchemaVersion.objects.get(tenant=tenants[1]).error == ""


def test_a_suspended_tenant_is_migrated_too_but_one_being_deleted_is_left_alone(
    tenants: list[Tenant], extend: Extend
) -> None:
    lifecycle.suspend_tenant(by=SYSTEM, tenant=tenants[1])
    lifecycle.request_deletion(by=SYSTEM, tenant=tenants[2])
    extend(ADD_ONE)
    migrator.migrate_everything()
    assert ["one" in columns(tenant) for tenant in tenants] == [True, True, False]


def test_a_missing_schema_is_reported_and_makes_no_table_in_public(tenants: list[Tenant], extend: Extend) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA "{tenants[1].schema_name}" CASCADE')
    extend(migrations.RunSQL("CREATE TABLE stray ()", migrations.RunSQL.noop))
    assert failed(migrator.migrate_everything()) == ["globex"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.stray')")
        assert cursor.fetchone() == (None,)


@pytest.mark.parametrize(
    ("operation", "atomic"),
    [
        (migrations.RunPython(migrations.RunPython.noop), True),
        (
            migrations.SeparateDatabaseAndState([migrations.RunPython(migrations.RunPython.noop)]),
            True,
        ),
        (ADD_TWO, False),
    ],
    ids=["runs Python", "runs Python inside", "is not atomic"],
)
def test_a_migration_that_cannot_be_replayed_is_refused(
    tenants: list[Tenant], extend: Extend, operation: Operation, atomic: bool
) -> None:
    extend(operation, atomic=atomic)
    with pytest.raises(ImproperlyConfigured, match="9000_added"):
        migrator.migrate_everything()


def test_the_command_ends_badly_when_a_tenant_failed_and_says_which(tenants: list[Tenant], extend: Extend) -> None:
    poison(tenants[1])
    extend(ADD_ONE)
    out = io.StringIO()
    with pytest.raises(CommandError, match="1 of 3 tenants were not migrated: globex"):
        call_command("migrate_tenants", stdout=out)
    assert "acme: bots.9000_added" in out.getvalue()
    assert "globex: FAILED" in out.getvalue()


def test_the_command_migrates_only_the_tenants_it_is_given(tenants: list[Tenant], extend: Extend) -> None:
    extend(ADD_ONE)
    call_command("migrate_tenants", "globex", stdout=io.StringIO())
    assert ["one" in columns(tenant) for tenant in tenants] == [False, True, False]


def test_the_command_knows_an_unknown_tenant(db: None) -> None:
    with pytest.raises(CommandError, match="nobody"):
        call_command("migrate_tenants", "nobody")


def test_the_status_tells_each_tenants_place(tenants: list[Tenant], extend: Extend) -> None:
    poison(tenants[1])
    extend(ADD_ONE)
    call_command("migrate_tenants", "acme", stdout=io.StringIO())
    with pytest.raises(CommandError):
        call_command("migrate_tenants", "globex", stdout=io.StringIO())
    out = io.StringIO()
    with pytest.raises(CommandError, match="not up to date"):
        call_command("migrate_tenants", "--status", stdout=out)
    acme, globex, initech = out.getvalue().splitlines()
    assert "up to date" in acme
    assert "1 behind" in globex and "already exists" in globex
    assert "1 behind" in initech and "error" not in initech


def test_the_status_is_well_when_all_is(tenants: list[Tenant]) -> None:
    out = io.StringIO()
    call_command("migrate_tenants", "--status", stdout=out)
    assert out.getvalue().count("up to date") == 3


def test_plain_migrate_does_everything(tenants: list[Tenant], extend: Extend) -> None:
    extend(ADD_ONE)
    call_command("migrate", verbosity=0)
    assert all("one" in columns(tenant) for tenant in tenants)


def test_plain_migrate_refuses_to_put_a_tenants_tables_into_public(db: None) -> None:
    with pytest.raises(CommandError, match="migrate_tenants"):
        call_command("migrate", "bots", verbosity=0)


def test_plain_migrate_of_a_shared_app_is_djangos_own(db: None) -> None:
    out = io.StringIO()
    call_command("migrate", "jobs", stdout=out)
    assert "No migrations to apply" in out.getvalue()


def test_public_knows_nothing_of_the_tenants_migrations(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT app FROM public.django_migrations")
        assert not {app for (app,) in cursor.fetchall()} & SchemaChanges().labels


@pytest.fixture
def held_lock(transactional_db: None, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Acme's bots are being read by somebody else until the returned function is called."""
    monkeypatch.setattr(migrator, "LOCK_TIMEOUT", "50ms")
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute(f'BEGIN; LOCK TABLE "{acme.schema_name}".bots IN ACCESS SHARE MODE')

        def release() -> None:
            cursor.execute("COMMIT")

        yield release
    other.close()


def test_a_busy_tenant_is_given_up_for_now_and_others_go_on(
    held_lock: Callable[[], None], globex: Tenant, extend: Extend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrator, "PAUSES_SECONDS", (0.01,))
    extend(ADD_ONE)
    outcomes = migrator.migrate_everything()
    assert failed(outcomes) == ["acme"]
    assert "lock timeout" in outcomes[0].error
    assert "one" in columns(globex)


def test_a_tenant_that_is_busy_for_a_moment_is_waited_for(
    held_lock: Callable[[], None], acme: Tenant, extend: Extend, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: held_lock())
    extend(ADD_ONE)
    assert failed(migrator.migrate_everything()) == []
    assert "one" in columns(acme)


@pytest.mark.django_db(transaction=True)
def test_two_migrators_at_once_do_the_work_once(tenants: list[Tenant], extend: Extend) -> None:
    extend(ADD_ONE)
    extend(ADD_TWO)

    def migrate(_: int) -> list[migrator.Outcome]:
        try:
            return migrator.migrate_tenants()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        both = [outcome for outcomes in pool.map(migrate, range(2)) for outcome in outcomes]
    assert failed(both) == []
    assert all({"one", "two"} <= columns(tenant) for tenant in tenants)
