"""The base of middleware that works before an answer, after it, or both, for synchronous and asynchronous views."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

Handler = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]


class BothWaysMiddleware:
    """Calls `enter` and `leave` around what comes next, without a thread for either."""

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
        return self.leave(request, self.enter(request) or cast(HttpResponseBase, self.get_response(request)))

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        answer = self.enter(request) or await cast(Awaitable[HttpResponseBase], self.get_response(request))
        return self.leave(request, answer)

    def enter(self, request: HttpRequest) -> HttpResponseBase | None:
        """Do what comes before; an answer given here is the answer."""

    def leave(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Return the answer, with what is to be in it."""
        return response
