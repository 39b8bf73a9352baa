"""Holds which tenant the running code acts for, one value for each thread of control.

A ContextVar follows `await`, `sync_to_async`, `asyncio.to_thread` and `create_task`, and is never shared
between two requests; an attribute of the connection is shared by whoever uses that thread next.
"""

from __future__ import annotations

import uuid
from contextvars import ContextVar, Token
from dataclasses import dataclass

PUBLIC_SCHEMA = "public"


@dataclass(frozen=True, slots=True)
class ActiveTenant:
    """The tenant in force: its schema and, when it is a real tenant, its id."""

    schema_name: str
    tenant_id: uuid.UUID | None = None
    include_public: bool = True


PUBLIC = ActiveTenant(PUBLIC_SCHEMA)

_active: ContextVar[ActiveTenant] = ContextVar("chatcms_active_tenant", default=PUBLIC)


def current() -> ActiveTenant:
    """Return the tenant in force; `PUBLIC` when none is."""
    return _active.get()


def activate(active: ActiveTenant) -> Token[ActiveTenant]:
    """Make `active` the tenant in force; give the token to `restore` when done."""
    return _active.set(active)


def restore(token: Token[ActiveTenant]) -> None:
    """Put back what was in force before `activate`."""
    _active.reset(token)
