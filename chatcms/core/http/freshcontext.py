"""Gives every request context variables of its own, whatever served the request before it on the connection."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from typing import Any

ASGIApp = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def with_fresh_context(application: ASGIApp) -> ASGIApp:
    """Return an application that answers each request in an empty context.

    A server starts a request that waited on a kept connection from within the task of the one before it: without
    this it would begin with that one's variables, among them the tenant in force and the executor that asgiref
    meant for another thread.
    """

    async def answer(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await asyncio.create_task(_run(application, scope, receive, send), context=Context())

    return answer


async def _run(application: ASGIApp, scope: dict[str, Any], receive: Any, send: Any) -> None:
    await application(scope, receive, send)
