"""Keeps the platform's admin on a host name of its own (`ADMIN_HOST`), and everything else off it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast
from urllib.parse import urlsplit

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

Handler = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]

ADMIN_PAGES = "/admin/"
# What staff need beside the admin itself: its API, signing in, their own account.
ADMIN_API = "/v1/admin/"
BESIDE = (
    "/sign-in/", "/sign-out/", "/signed-in/", "/resume/", "/account/", "/password-reset/", "/preferences/",
    "/favicon.ico", "/jsi18n/", "/v1/auth/", "/v1/health",
)  # fmt: skip


class AdminHostMiddleware:
    """Answers 404 for the admin on other hosts, and for everything but the admin on its own; off without a setting."""

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
        return _led(request) or self.get_response(request)

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        return _led(request) or await cast(Awaitable[HttpResponseBase], self.get_response(request))


def admin_url() -> str:
    """Return the address of the admin, from wherever one is."""
    if not settings.ADMIN_HOST:
        return ADMIN_PAGES
    return f"{urlsplit(settings.PUBLIC_URL).scheme}://{settings.ADMIN_HOST}{ADMIN_PAGES}"


def _led(request: HttpRequest) -> HttpResponseBase | None:
    if not settings.ADMIN_HOST:
        return None
    is_here = request.get_host().lower() == settings.ADMIN_HOST
    is_admin = request.path.startswith((ADMIN_PAGES, ADMIN_API))
    if is_here and request.path == "/":
        return HttpResponseRedirect(ADMIN_PAGES)
    if is_admin != is_here and not (is_here and request.path.startswith(BESIDE)):
        raise Http404
    return None
