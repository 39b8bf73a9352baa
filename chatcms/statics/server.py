"""Serves static files in front of Django, so that no API request pays for looking for one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any
from wsgiref.headers import Headers

from asgiref.wsgi import WsgiToAsgi
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.exceptions import ImproperlyConfigured
from whitenoise import WhiteNoise

from chatcms.core.http.caching import FOR_GOOD

Scope = dict[str, Any]
ASGIApp = Callable[[Scope, Any, Any], Awaitable[None]]

ONE_HOUR = 3600


def _not_found(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    start_response(f"404 {HTTPStatus.NOT_FOUND.phrase}", [("Content-Type", "text/plain")])
    return [b"There is no such file.\n"]


def with_static_files(django_application: ASGIApp) -> ASGIApp:
    """Return an application that answers `STATIC_URL` itself, and hands everything else to Django.

    With `STATIC_ROOT` the files are those collected there, compressed, and kept by browsers for good where their
    name holds their hash. Without it, and in development, they come from the apps' own folders.
    """
    files = _collected() if settings.STATIC_ROOT and not settings.DEBUG else _from_apps()
    static_application: ASGIApp = WsgiToAsgi(files)  # type: ignore[no-untyped-call]

    async def application(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] == "http" and scope["path"].startswith(settings.STATIC_URL):
            await static_application(scope, receive, send)
        else:
            await django_application(scope, receive, send)

    return application


def _collected() -> WhiteNoise:
    storage: Any = staticfiles_storage
    hashed = {settings.STATIC_URL + name for name in storage.hashed_files.values()}
    if not hashed:
        raise ImproperlyConfigured(
            f"STATIC_ROOT is {settings.STATIC_ROOT}, where no static files are collected. "
            "Run manage.py collectstatic --noinput, or leave STATIC_ROOT out."
        )

    def keep_hashed_ones(headers: Headers, path: str, url: str) -> None:
        if url in hashed:
            headers["Cache-Control"] = FOR_GOOD

    files = WhiteNoise(_not_found, max_age=ONE_HOUR, add_headers_function=keep_hashed_ones)
    files.add_files(settings.STATIC_ROOT, prefix=settings.STATIC_URL)
    return files


def _from_apps() -> WhiteNoise:
    files = WhiteNoise(_not_found, max_age=0 if settings.DEBUG else ONE_HOUR, autorefresh=settings.DEBUG)
    for finder in get_finders():
        for storage in getattr(finder, "storages", {}).values():
            files.add_files(storage.location, prefix=settings.STATIC_URL)
    return files
