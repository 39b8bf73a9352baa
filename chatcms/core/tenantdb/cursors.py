"""Cursors that send a statement together with the search path that it needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg import sql as composing


class TenantCursor(CursorWrapper):
    """A cursor whose statements find the tables of the tenant in force.

    The path travels in front of the statement, in one message: a message of several statements is one
    transaction, so `SET LOCAL` holds for the statement and for nothing after it, at no extra round trip.
    """

    db: Any
    cursor: Any

    def _execute(self, sql: Any, params: Any, *context: Any) -> Any:
        path = self.db.path_to_send()
        if path is None:
            return super()._execute(sql, params, *context)  # type: ignore[misc]  # private in Django
        setting = f"SET LOCAL search_path = {path}; "
        both = setting + sql if isinstance(sql, str) else composing.SQL(setting) + sql
        result = super()._execute(both, params, *context)  # type: ignore[misc]
        self.cursor.nextset()
        self.db.path_was_sent(path)
        return result

    def _executemany(self, sql: Any, param_list: Iterable[Any], *context: Any) -> Any:
        if self.db.path_to_send() is None:
            return super()._executemany(sql, param_list, *context)  # type: ignore[misc]
        with transaction.atomic(using=self.db.alias):
            self.bring_path()
            return super()._executemany(sql, param_list, *context)  # type: ignore[misc]

    def copy(self, statement: Any, params: Any = None, **options: Any) -> Any:
        """Begin a COPY; in a transaction only, since the path must hold until its end."""
        self.bring_path()
        return self.cursor.copy(statement, params, **options)

    def bring_path(self) -> None:
        """Put the path in force for the rest of the transaction."""
        if self.db.path_to_send() is not None:
            self._execute("SELECT", None)


class TenantDebugCursor(CursorDebugWrapper, TenantCursor):
    """The same, noting each statement."""
