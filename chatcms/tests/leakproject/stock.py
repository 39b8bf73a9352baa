"""The project on django-tenants' own backend, cache keys and middleware."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import HttpRequest
from django.utils.deprecation import MiddlewareMixin

from chatcms.tests.leakproject.ways import Named, read


class TenantMiddleware(MiddlewareMixin):
    """Enters the tenant as `TenantMainMiddleware` does: on the connection of the request's thread."""

    def process_request(self, request: HttpRequest) -> None:
        """Take the tenant from the address."""
        enter(Named(request.path.rpartition("/")[2]))


def enter(tenant: Named) -> None:
    """Put the tenant in force as django-tenants does."""
    connection.set_tenant(tenant)  # type: ignore[attr-defined]


def read_inside(tenant: Named) -> str:
    """Enter the tenant in this thread, and read."""
    enter(tenant)
    try:
        return read()
    finally:
        connection.close()


async def visit(tenant: Named, work: Callable[[], Any]) -> Any:
    """Do synchronous work in the request's thread."""
    return await sync_to_async(work)()
