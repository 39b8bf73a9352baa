"""Wraps each request: its id, its processing time, and no tenant left over from elsewhere."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from chatcms.core import requestid
from chatcms.core.tenantdb import state

Handler = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class RequestMiddleware:
    """Starts every request in the public schema and stamps `X-Request-ID` and `X-Process-Time` (seconds)."""

    sync_capable = True
    async_capable = True

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponseBase | Awaitable[HttpResponseBase]:
        if self.is_async:
            return self._call_async(request)
        started = self._begin(request)
        return self._end(request, cast(HttpResponseBase, self.get_response(request)), started)

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        started = self._begin(request)
        response = await cast(Awaitable[HttpResponseBase], self.get_response(request))
        return self._end(request, response, started)

    def _begin(self, request: HttpRequest) -> float:
        # The tenant stays in force after the response: a streamed body is read later, in the same context.
        state.activate(state.PUBLIC)
        requestid.begin(request.headers.get(requestid.HEADER))
        return time.perf_counter()

    def _end(self, request: HttpRequest, response: HttpResponseBase, started: float) -> HttpResponseBase:
        response.headers[requestid.HEADER] = requestid.current_request_id()
        response.headers["X-Process-Time"] = f"{time.perf_counter() - started:.6f}"
        return response
