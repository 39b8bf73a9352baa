"""Looks at schemas from outside Django: which exist, what they hold, and how PostgreSQL dumps them."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
from pathlib import Path

from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from chatcms.runtime.cluster import MAJOR, PACKAGE
from tenants.context import public_scope, schema_scope
from tenants.services import template
from tenants.services.schema_changes import SchemaChanges


def schema_exists(name: str) -> bool:
    """Say whether there is a schema of that name."""
    with public_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace(quote_ident(%s)) IS NOT NULL", [name])
        return bool(cursor.fetchone()[0])


def tables_in(schema: str) -> set[str]:
    """The names of the schema's tables."""
    with public_scope(), connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [schema])
        return {name for (name,) in cursor.fetchall()}


def occupy(schema: str) -> None:
    """Make a schema that is somebody else's, with something dear in it."""
    with public_scope(), connection.cursor() as cursor:
        cursor.execute(f'CREATE SCHEMA "{schema}"; CREATE TABLE "{schema}".dear AS SELECT 42 AS answer')


def what_is_dear_in(schema: str) -> int | None:
    """The answer that `occupy` has put there; None when it is gone."""
    if "dear" not in tables_in(schema):
        return None
    with public_scope(), connection.cursor() as cursor:
        cursor.execute(f'SELECT answer FROM "{schema}".dear')
        return int(cursor.fetchone()[0])


def replay(schema: str) -> None:
    """Make the schema from the checked-in template."""
    _create(schema)
    with transaction.atomic(), schema_scope(schema), connection.cursor() as cursor:
        cursor.execute(template.PATH.read_text(encoding="utf-8"))


def migrate(schema: str) -> None:
    """Make the schema by Django's own executor."""
    _create(schema)
    labels = SchemaChanges().labels
    with schema_scope(schema):
        executor = MigrationExecutor(connection)
        executor.migrate([key for key in executor.loader.graph.leaf_nodes() if key[0] in labels])


def _create(schema: str) -> None:
    with public_scope(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {schema}")


def dump(schema: str) -> str:
    """What `pg_dump` writes of a committed schema, its name and the version lines taken out."""
    settings = connection.settings_dict
    package = importlib.util.find_spec(PACKAGE)
    assert package is not None and package.origin is not None
    program = Path(package.origin).parent / f"pginstall{MAJOR}" / "bin" / "pg_dump"
    environment = {
        **os.environ,
        "PGHOST": settings["HOST"] or "",
        "PGPORT": str(settings["PORT"] or ""),
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
    }
    done = subprocess.run(
        [str(program), "--schema-only", "--no-owner", f"--schema={schema}", settings["NAME"]],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    text = re.sub(r"^(\\(un)?restrict .*|-- Dumped .*)$", "", done.stdout, flags=re.MULTILINE)
    return text.replace(schema, "<schema>")
