"""The cookie by which a browser shows that a person signed in on it before."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from chatcms.core.http.bothways import BothWaysMiddleware
from tenants.models import User
from tenants.services import devices

_MADE = "_device_tokens"


def sent(request: HttpRequest) -> str:
    """Return what the browser sent, which `tenants.services.devices` judges."""
    return request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")


def remember(request: HttpRequest, user: User) -> None:
    """Have the answer tell the browser that `user` has signed in on it."""
    setattr(request, _MADE, devices.added(sent(request), user))


class DeviceCookieMiddleware(BothWaysMiddleware):
    """Sets the cookie on the answer to whatever request signed somebody in."""

    def leave(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Hand the browser its token."""
        if made := getattr(request, _MADE, ""):
            response.set_cookie(
                settings.DEVICE_COOKIE_NAME,
                made,
                max_age=devices.LIFETIME,
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        return response
