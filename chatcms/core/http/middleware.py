"""Wraps each request: its id, its processing time, no tenant left over from elsewhere, and an API's headers."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.security import SecurityMiddleware

from chatcms.core.db.tenantdb import state
from chatcms.core.http import requestid
from chatcms.core.http.bothways import BothWaysMiddleware

_STARTED = "chatcms.started"


class RequestMiddleware(BothWaysMiddleware):
    """Starts every request in the public schema and stamps `X-Request-ID` and `X-Process-Time` (seconds)."""

    def enter(self, request: HttpRequest) -> None:
        """Begin with no tenant in force, which then stays: a streamed body is read later, in the same context."""
        state.activate(state.PUBLIC)
        requestid.begin(request.headers.get(requestid.HEADER))
        request.META[_STARTED] = time.perf_counter()

    def leave(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say which request it was, and how long it took."""
        response.headers[requestid.HEADER] = requestid.current_request_id()
        response.headers["X-Process-Time"] = f"{time.perf_counter() - request.META[_STARTED]:.6f}"
        return response


class ApiHeadersMiddleware:
    """Does for the API what Django's security and common middleware do for pages, without a thread for each.

    Refuses a host that is not ours, leads to https where that is demanded, and sets `Content-Length`,
    `X-Content-Type-Options`, `Referrer-Policy` and `Strict-Transport-Security`.
    """

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self.get_response = get_response
        self._security = SecurityMiddleware(_unreachable)
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.get_host()
        response = self._security.process_request(request) or await self.get_response(request)
        if not response.streaming and not response.has_header("Content-Length"):
            response.headers["Content-Length"] = str(len(cast(HttpResponse, response).content))
        return self._security.process_response(request, cast(HttpResponse, response))


def _unreachable(request: HttpRequest) -> HttpResponse:
    raise AssertionError("The security middleware is used for its two hooks only.")
