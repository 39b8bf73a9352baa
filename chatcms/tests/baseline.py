"""Remembers what the database holds before the tests, and brings it back after a test that committed."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection, transaction

from tenants.context import public_scope

# Filled by migrations, changed by no test.
_STATIC = {"django_migrations", "django_content_type", "auth_permission"}


@dataclass(slots=True)
class Baseline:
    """The rows of every table of public and of the tenants that the session made, as JSON."""

    rows: dict[str, str | None] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    schemas: list[str] = field(default_factory=list)


def take() -> Baseline:
    """Read everything there is; the tables are few and nearly empty."""
    baseline = Baseline()
    with public_scope(), connection.cursor() as cursor:
        cursor.execute(r"SELECT nspname FROM pg_namespace WHERE nspname LIKE 't\_%'")
        baseline.schemas = [name for (name,) in cursor.fetchall()]
        cursor.execute(
            "SELECT format('%%I.%%I', table_schema, table_name), string_agg(quote_ident(column_name), ',') "
            "FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name) "
            "WHERE table_schema = ANY(%s) AND table_type = 'BASE TABLE' AND is_generated = 'NEVER' "
            "AND NOT table_name = ANY(%s) GROUP BY 1",
            [["public", *baseline.schemas], list(_STATIC)],
        )
        baseline.columns = dict(cursor.fetchall())
        for table in baseline.columns:
            cursor.execute(f"SELECT json_agg(t)::text FROM {table} t")
            baseline.rows[table] = cursor.fetchone()[0]
    return baseline


def restore(baseline: Baseline) -> None:
    """Make public and the session's tenants what they were, and drop every schema made since."""
    _drop_other_schemas(baseline.schemas)
    with public_scope(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '20s'; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ALTER TABLE audit_log DISABLE TRIGGER USER")
        cursor.execute(";".join(f"DELETE FROM {table}" for table in baseline.rows))
        for table, rows in baseline.rows.items():
            if rows is not None:
                columns = baseline.columns[table]
                cursor.execute(
                    f"INSERT INTO {table} ({columns}) "
                    f"SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s::json)",
                    [rows],
                )
        cursor.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")


def drop_tenants() -> None:
    """Remove whatever an earlier session left: for a database that is used again."""
    _drop_other_schemas([])
    with public_scope(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED; ALTER TABLE audit_log DISABLE TRIGGER USER")
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [table for (table,) in cursor.fetchall() if table.strip('"') not in _STATIC]
        cursor.execute(";".join(f"DELETE FROM {table}" for table in tables))
        cursor.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")


def _drop_other_schemas(kept: list[str]) -> None:
    """Drop each in a transaction of its own: together they would need more locks than the server has."""
    with public_scope(), connection.cursor() as cursor:
        cursor.execute(
            r"SELECT quote_ident(nspname) FROM pg_namespace WHERE nspname LIKE 't\_%%' AND NOT nspname = ANY(%s)",
            [kept],
        )
        for (schema,) in cursor.fetchall():
            with transaction.atomic():
                cursor.execute("SET LOCAL lock_timeout = '20s'")
                cursor.execute(f"DROP SCHEMA {schema} CASCADE")
