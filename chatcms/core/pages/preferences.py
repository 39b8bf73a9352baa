"""What a browser remembers about how pages should look: the colour scheme, in a cookie that the server reads."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

LIFETIME = 365 * 24 * 3600


class Scheme(StrEnum):
    """Light or dark; the system's choice until a person makes one."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


SCHEMES = ((Scheme.SYSTEM, _("System")), (Scheme.LIGHT, _("Light")), (Scheme.DARK, _("Dark")))


def scheme_of(request: HttpRequest) -> Scheme:
    """Return the scheme that this browser chose."""
    return scheme_named(request.COOKIES.get(settings.SCHEME_COOKIE_NAME, "")) or Scheme.SYSTEM


def scheme_named(name: str) -> Scheme | None:
    """Return the scheme of that name, None when there is none."""
    try:
        return Scheme(name)
    except ValueError:
        return None


def remember(response: HttpResponseBase, name: str, value: str) -> None:
    """Let the browser keep a choice for a year."""
    response.set_cookie(name, value, max_age=LIFETIME, secure=settings.SPEAKS_TLS, httponly=True, samesite="Lax")
