"""Keeps the platform's admin on a host name of its own (`ADMIN_HOST`), and everything else off it."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect

from chatcms.core.http.bothways import BothWaysMiddleware

ADMIN_PAGES = "/admin/"
# What staff need beside the admin itself: its API, signing in, their own account.
ADMIN_API = "/v1/admin/"
BESIDE = (
    "/sign-in/", "/sign-out/", "/signed-in/", "/resume/", "/account/", "/password-reset/", "/preferences/",
    "/favicon.ico", "/jsi18n/", "/v1/auth/",
)  # fmt: skip


class AdminHostMiddleware(BothWaysMiddleware):
    """Answers 404 for the admin on other hosts, and for everything but the admin on its own; off without a setting."""

    def enter(self, request: HttpRequest) -> HttpResponseBase | None:
        """Lead to the admin, turn away, or let pass."""
        return _led(request)


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
