"""Cursors that send a statement together with the search path that it needs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.backends.utils import CursorDebugWrapper, CursorWrapper
from psycopg import Cursor
from psycopg import sql as composing

from chatcms.core.db.tenantdb import state, watch

# How often a statement is to be run before it is prepared without being told so: never.
PREPARE_WHEN_TOLD = 2**31


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
            result = super()._execute(sql, params, *context)  # type: ignore[misc]  # private in Django
            watch.heard()
            return result
        setting = f"SET LOCAL search_path = {path}; "
        both = setting + sql if isinstance(sql, str) else composing.SQL(setting) + sql
        result = super()._execute(both, params, *context)  # type: ignore[misc]
        watch.heard()
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

    def fetch_prepared(self, sql: str, params: Any) -> list[tuple[Any, ...]]:
        """Return the rows of a query whose plan the session keeps: for one that takes longer to plan than to run.

        Each tenant has a plan of its own, told apart by the comment in front: one plan for several search
        paths would be made anew at each change of tenant.
        """
        with transaction.atomic(using=self.db.alias, savepoint=False):
            # The plan must not hinge on the values; PostgreSQL would otherwise plan anew to be sure of that.
            self.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            session = self.db.connection
            # Django switches preparing off for whole sessions; its own cursors never prepare anyhow.
            session.prepare_threshold = session.prepare_threshold or PREPARE_WHEN_TOLD
            with self.db.wrap_database_errors, Cursor(session) as cursor:
                cursor.execute(f"/* {state.current().schema_name} */ {sql}", params, prepare=True)
                return cursor.fetchall()

    def bring_path(self) -> None:
        """Put the path in force for the rest of the transaction."""
        if self.db.path_to_send() is not None:
            self._execute("SELECT", None)


class TenantDebugCursor(CursorDebugWrapper, TenantCursor):
    """The same, noting each statement."""

    def fetch_prepared(self, sql: str, params: Any) -> list[tuple[Any, ...]]:
        """As `TenantCursor.fetch_prepared`."""
        with self.debug_sql(sql, params):
            return super().fetch_prepared(sql, params)
