"""Chooses the language of a page: the person's choice, else the tenant's language, else the browser's wish."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import cast

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

Handler = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]

# Programs and the platform's staff are spoken to in English.
ENGLISH_ONLY = ("/v1/", "/admin/")


class LanguageMiddleware:
    """Activates the language of each request; what a tenant's page makes of it later, `speak` does."""

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
        self._begin(request)
        return self._end(request, cast(HttpResponseBase, self.get_response(request)))

    async def _call_async(self, request: HttpRequest) -> HttpResponseBase:
        self._begin(request)
        return self._end(request, await cast(Awaitable[HttpResponseBase], self.get_response(request)))

    def _begin(self, request: HttpRequest) -> None:
        if request.path.startswith(ENGLISH_ONLY):
            translation.activate(settings.LANGUAGE_CODE)
        else:
            translation.activate(translation.get_language_from_request(request))

    def _end(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        if not request.path.startswith(ENGLISH_ONLY):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
            response.headers.setdefault("Content-Language", translation.get_language())
        return response


def speak(request: HttpRequest, language: str) -> None:
    """Go on in the tenant's language, unless the person has chosen one, or we do not speak it."""
    if settings.LANGUAGE_COOKIE_NAME in request.COOKIES:
        return
    try:
        translation.activate(translation.get_supported_language_variant(language.lower()))
    except LookupError:
        return
