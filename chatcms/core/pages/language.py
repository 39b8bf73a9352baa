"""Chooses the language of a page: the person's choice, else the tenant's language, else the browser's wish."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers

from chatcms.core.api.routes import API_PREFIX
from chatcms.core.http.bothways import BothWaysMiddleware

# Programs and the platform's staff are spoken to in English.
ENGLISH_ONLY = (API_PREFIX, "/admin/")


class LanguageMiddleware(BothWaysMiddleware):
    """Activates the language of each request; what a tenant's page makes of it later, `speak` does."""

    def enter(self, request: HttpRequest) -> None:
        """Speak as the person's browser asks for."""
        if request.path.startswith(ENGLISH_ONLY):
            translation.activate(settings.LANGUAGE_CODE)
        else:
            translation.activate(translation.get_language_from_request(request))

    def leave(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say which language it became, and what that depends on."""
        # What anybody may keep is the same for everybody.
        is_everybodys = "public" in response.headers.get("Cache-Control", "")
        if not is_everybodys and not request.path.startswith(ENGLISH_ONLY):
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
