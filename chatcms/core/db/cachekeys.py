"""Makes cache keys that name their tenant, so that a cached value can never cross from one to another."""

from __future__ import annotations

from chatcms.core.db.tenantdb import state


class NoTenantError(RuntimeError):
    """Tenant data was about to be cached or read with no tenant in force."""


def tenant_key(key: str, key_prefix: str, version: int) -> str:
    """Key of the `default` cache: under the tenant in force; raises `NoTenantError` when there is none."""
    active = state.current()
    if active.schema_name == state.PUBLIC_SCHEMA:
        raise NoTenantError("No tenant is in force. Use the `global` cache for what belongs to no tenant.")
    return f"t:{active.schema_name}:{key_prefix}:{version}:{key}"


def global_key(key: str, key_prefix: str, version: int) -> str:
    """Key of the `global` cache: for what belongs to no tenant by intent."""
    return f"g:{key_prefix}:{version}:{key}"
