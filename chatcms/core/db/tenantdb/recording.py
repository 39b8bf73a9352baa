"""Writes down the SQL that Django's schema editor runs, so that it can be replayed in other schemas."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper


@contextmanager
def recorded(connection: BaseDatabaseWrapper) -> Iterator[list[str]]:
    """Run schema changes as usual inside the block and collect each statement, parameters merged in.

    Collecting while running is exact; collecting without running is not, since Django looks into the
    database for the names of constraints.
    """
    statements: list[str] = []
    plain: type[Any] = connection.SchemaEditorClass

    class RecordingSchemaEditor(plain):  # type: ignore[misc]  # the class is known only at run time
        def execute(self, sql: Any, params: Any = ()) -> None:
            if params is not None:
                sql, params = self.connection.ops.compose_sql(str(sql), params), None
            super().execute(sql, params)
            statements.append(str(sql).strip().rstrip(";") + ";")

    connection.SchemaEditorClass = RecordingSchemaEditor
    try:
        yield statements
    finally:
        del connection.SchemaEditorClass
