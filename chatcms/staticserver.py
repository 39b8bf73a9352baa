"""Serves static files in front of Django, so that no API request pays for looking for one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from asgiref.wsgi import WsgiToAsgi
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from whitenoise import WhiteNoise

Scope = dict[str, Any]
ASGIApp = Callable[[Scope, Any, Any], Awaitable[None]]

ONE_HOUR = 3600


def _not_found(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response(f"404 {HTTPStatus.NOT_FOUND.phrase}", [("Content-Type", "text/plain")])
    return [b"There is no such file.\n"]


def with_static_files(django_application: ASGIApp) -> ASGIApp:
    """Return an application that answers `STATIC_URL` from the apps' static folders with ETag and caching."""
    files = WhiteNoise(_not_found, max_age=0 if settings.DEBUG else ONE_HOUR, autorefresh=settings.DEBUG)
    for finder in get_finders():
        for storage in getattr(finder, "storages", {}).values():
            files.add_files(storage.location, prefix=settings.STATIC_URL)
    static_application: ASGIApp = WsgiToAsgi(files)  # type: ignore[no-untyped-call]

    async def application(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(settings.STATIC_URL):
            await static_application(scope, receive, send)
        else:
            await django_application(scope, receive, send)

    return application
