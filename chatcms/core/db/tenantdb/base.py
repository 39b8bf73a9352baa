"""django-tenants' PostgreSQL backend with the tenant read from a ContextVar at every statement.

The stock backend stores the tenant on the per-thread connection, which under ASGI serves other requests too
(115 of 400 mixed requests read another tenant's row), and leaves it in the session, which a pool or a pooler
hands to the next one (836 of 1,200 reads). Here neither can happen: the connection has no tenant of its own,
and the session's search path is always `public`. A statement for a tenant brings its path along as
`SET LOCAL`, in the same message, good until the transaction ends and not beyond. What forgets it finds no
table.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.utils import CursorWrapper
from django_tenants.postgresql_backend import base as stock
from psycopg import ServerCursor
from psycopg.pq import TransactionStatus

from chatcms.core.db.tenantdb import state, watch
from chatcms.core.db.tenantdb.cursors import TenantCursor, TenantDebugCursor
from chatcms.core.db.tenantdb.introspection import TenantIntrospection

_PUBLIC_PATH = "public"


@cache
def _path_of(schema_name: str, include_public: bool) -> str:
    if schema_name == state.PUBLIC_SCHEMA:
        return _PUBLIC_PATH
    if not stock.is_valid_schema_name(schema_name) or "%" in schema_name:
        raise ValidationError("That is no name for a schema.")
    return f'"{schema_name}", {_PUBLIC_PATH}' if include_public else f'"{schema_name}"'


class DatabaseWrapper(stock.DatabaseWrapper):  # type: ignore[misc]  # django-tenants has no types
    """A connection whose `tenant`, `schema_name` and `include_public_schema` mirror the ContextVar."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The path that `SET LOCAL` has put in force in the transaction; None when that is not known.
        self._path_in_transaction: str | None = _PUBLIC_PATH
        # The stock constructor switches to public; a new thread's wrapper must not reset its caller's tenant.
        token = state.activate(state.PUBLIC)
        try:
            super().__init__(*args, **kwargs)
        finally:
            state.restore(token)
        self.introspection = TenantIntrospection(self)

    @property
    def schema_name(self) -> str:
        """The schema in force."""
        return state.current().schema_name

    @schema_name.setter
    def schema_name(self, value: str | None) -> None:
        if value is not None and value != state.current().schema_name:
            state.activate(state.ActiveTenant(value))

    @property
    def tenant(self) -> Any:
        """A stand-in with the schema's name, as django-tenants' own code expects."""
        return stock.FakeTenant(schema_name=state.current().schema_name)

    @tenant.setter
    def tenant(self, value: Any) -> None:
        if value is not None:
            self.set_tenant(value, state.current().include_public)

    @property
    def include_public_schema(self) -> bool:
        """Whether `public` follows the tenant's schema on the search path."""
        return state.current().include_public

    def set_tenant(self, tenant: Any, include_public: bool = True) -> None:
        """Make `tenant` the one in force for this thread of control."""
        tenant_id = getattr(tenant, "pk", None)
        state.activate(state.ActiveTenant(tenant.schema_name, tenant_id, include_public))

    def set_settings_schema(self, schema_name: str) -> None:
        """Do nothing: `settings_dict` is shared by all threads and must not name a tenant."""

    # --- the search path: never the session's, always the transaction's ---------------------------------

    def path_to_send(self) -> str | None:
        """Return the path that the next statement needs and does not have yet."""
        active = state.current()
        wanted = _path_of(active.schema_name, active.include_public)
        held = self._path_in_transaction if self._in_transaction() else _PUBLIC_PATH
        if wanted == held or self.alias == NO_DB_ALIAS or self._is_broken():
            return None
        return wanted

    def path_was_sent(self, path: str) -> None:
        """Note that the transaction has `path` now; a statement of its own is a transaction that is over."""
        if self._in_transaction():
            self._path_in_transaction = path

    def _in_transaction(self) -> bool:
        return self.in_atomic_block or not self.autocommit

    def _is_broken(self) -> bool:
        # In a failed transaction only the rollback is carried out, and it must come first.
        connection = self.connection
        return connection is not None and connection.pgconn.transaction_status == TransactionStatus.INERROR

    # --- a server that is away ----------------------------------------------------------------------------

    def watched(self, effect: str = watch.REQUESTS) -> watch.Watch:
        """Have this process watch the server from now on; `effect` says in the log what comes of an outage."""
        return watch.begin(self.get_connection_params(), self._drop_pool, effect)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Open a connection, or take one from the pool; at once an error while the server is known to be away."""
        watch.refuse_if_away()
        connection = super().get_new_connection(conn_params)
        watch.lent(connection)
        return connection

    def _close(self) -> None:
        if self.connection is not None:
            watch.returned(self.connection)
        super()._close()

    def _drop_pool(self) -> None:
        pool = self._connection_pools.pop(self.alias, None)
        if pool is not None:
            pool.close(timeout=0)

    def _handle_search_path(self, cursor: Any = None) -> None:
        """Do nothing: each statement brings its path along."""

    def _configure_connection(self, connection: Any) -> bool:
        super()._configure_connection(connection)
        connection.execute(f"SET search_path = {_PUBLIC_PATH}")
        return True

    def _cursor(self, name: str | None = None) -> CursorWrapper:
        self.ensure_connection()
        path = self.path_to_send() if name is not None else None
        if path is not None and not self.in_atomic_block:
            # A server-side cursor that outlives its statement would need the path to be the session's.
            name = None
        elif path is not None:
            with super()._cursor() as cursor:
                cursor.execute("SELECT")
        return super()._cursor(name)  # type: ignore[no-any-return]

    def make_cursor(self, cursor: Any) -> CursorWrapper:
        """Wrap the driver's cursor in one that brings the path along."""
        return CursorWrapper(cursor, self) if isinstance(cursor, ServerCursor) else TenantCursor(cursor, self)

    def make_debug_cursor(self, cursor: Any) -> CursorWrapper:
        """As `make_cursor`, noting each statement."""
        if isinstance(cursor, ServerCursor):
            return super().make_debug_cursor(cursor)  # type: ignore[no-any-return]
        return TenantDebugCursor(cursor, self)

    def set_autocommit(self, *args: Any, **kwargs: Any) -> None:
        """Begin or end a transaction."""
        self._path_in_transaction = _PUBLIC_PATH
        super().set_autocommit(*args, **kwargs)

    def commit(self) -> None:
        """End a transaction."""
        super().commit()
        self._path_in_transaction = _PUBLIC_PATH

    def rollback(self) -> None:
        """End a transaction."""
        self._path_in_transaction = _PUBLIC_PATH
        super().rollback()

    def savepoint_rollback(self, sid: str) -> None:
        """Go back to a savepoint, and to the path of that moment, whichever it was."""
        try:
            super().savepoint_rollback(sid)
        finally:
            self._path_in_transaction = None

    def close(self) -> None:
        """Give the connection back."""
        self._path_in_transaction = _PUBLIC_PATH
        super().close()
