"""The project on this product's backend, cache keys and context."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import markcoroutinefunction
from django.db import connection
from django.http import HttpRequest, HttpResponseBase

from chatcms.tests.leakproject.ways import Named, read
from tenants import context


class TenantMiddleware:
    """Enters the tenant as the authentication of the API does."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        enter(Named(request.path.rpartition("/")[2]))
        return await self.get_response(request)


def enter(tenant: Named) -> None:
    """Put the tenant in force."""
    context.enter(tenant)


def read_inside(tenant: Named) -> str:
    """Enter the tenant in this thread, and read."""
    try:
        with context.tenant_scope(tenant):
            return read()
    finally:
        connection.close()


async def visit(tenant: Named, work: Callable[[], Any]) -> Any:
    """Do synchronous work for the tenant."""
    return await context.in_tenant(tenant, work)
