"""The one place that enters a tenant."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ParamSpec, Protocol, TypeVar

from asgiref.sync import sync_to_async
from django.db import connection

from chatcms.core.db.tenantdb import state
from chatcms.core.exceptions import AppError, NotFoundError

P = ParamSpec("P")
R = TypeVar("R")


class TenantLike(Protocol):
    """What is needed to enter: the id and the schema (a `Tenant` row, or a value that names one)."""

    @property
    def id(self) -> uuid.UUID: ...
    @property
    def schema_name(self) -> str: ...


class NoTenantInForceError(AppError):
    """Code that works on a tenant's data ran with none in force."""

    code = "no_tenant"
    kind = "unavailable"
    default_detail = "No tenant is in force here."


class NotOnThisDomainError(NotFoundError):
    """The request came by one tenant's own domain and asked for something of another tenant or the platform."""

    code = "not_on_this_domain"
    default_detail = "This domain shows one tenant only, and this is not of that tenant. Use the platform's address."


# The tenant whose own domain the request came by; None at the platform's addresses and outside of requests.
_only: ContextVar[uuid.UUID | None] = ContextVar("only_tenant", default=None)


def show_only(tenant_id: uuid.UUID) -> None:
    """Refuse every other tenant for the rest of this request, which came by that tenant's own domain."""
    _only.set(tenant_id)


def only_tenant_id() -> uuid.UUID | None:
    """Return the one tenant that this request may see, None when it came by no tenant's own domain."""
    return _only.get()


def is_shown(tenant_id: uuid.UUID | None) -> bool:
    """Say whether this request may see the tenant; None stands for what belongs to the platform."""
    return _only.get() in {None, tenant_id}


def check_shown(tenant_id: uuid.UUID | None) -> None:
    """Raise `NotOnThisDomainError` unless this request may see the tenant."""
    if not is_shown(tenant_id):
        raise NotOnThisDomainError


def enter(tenant: TenantLike) -> None:
    """Put `tenant` in force for the rest of this thread of control (a request that has been resolved).

    Raises `NotOnThisDomainError`.
    """
    check_shown(tenant.id)
    state.activate(state.ActiveTenant(tenant.schema_name, tenant.id))


@contextmanager
def tenant_scope(tenant: TenantLike) -> Iterator[None]:
    """Put `tenant` in force inside the block and what was before it back afterwards.

    Raises `NotOnThisDomainError` in a request that came by another tenant's domain.
    """
    check_shown(tenant.id)
    token = state.activate(state.ActiveTenant(tenant.schema_name, tenant.id))
    try:
        yield
    finally:
        state.restore(token)


@contextmanager
def schema_scope(schema_name: str) -> Iterator[None]:
    """Work on a schema as such inside the block, with no tenant in force: for tools that make schemas."""
    token = state.activate(state.ActiveTenant(schema_name))
    try:
        yield
    finally:
        state.restore(token)


@contextmanager
def public_scope() -> Iterator[None]:
    """Leave any tenant inside the block: for work on the public schema alone."""
    token = state.activate(state.PUBLIC)
    try:
        yield
    finally:
        state.restore(token)


def current_tenant_id() -> uuid.UUID:
    """Return the id of the tenant in force; raise `NoTenantInForceError` when there is none."""
    tenant_id = state.current().tenant_id
    if tenant_id is None:
        raise NoTenantInForceError
    return tenant_id


async def in_tenant(tenant: TenantLike, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run the synchronous `work` with `tenant` in force, then give its database connection back.

    The only way for async code to reach the database: one visit to the request's own thread, so that no
    connection is held while a provider or a reader is waited for.
    """

    def visit() -> R:
        with tenant_scope(tenant):
            try:
                return work(*args, **kwargs)
            finally:
                release_connection()

    return await sync_to_async(visit)()


def release_connection() -> None:
    """Give the connection back to its pool, unless a transaction (a test's, say) still needs it."""
    if not connection.in_atomic_block:
        connection.close()
