"""How pages look in this browser: colour scheme and language."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.views.decorators.http import require_POST

from chatcms.core.pages.preferences import remember, scheme_named
from tenants.pages.returning import safe_target


@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Remember the `scheme` or the `language` that was chosen, and lead back."""
    response = HttpResponseRedirect(safe_target(request))
    if scheme := scheme_named(request.POST.get("scheme", "")):
        remember(response, settings.SCHEME_COOKIE_NAME, scheme)
    if (language := request.POST.get("language", "")) in dict(settings.LANGUAGES):
        remember(response, settings.LANGUAGE_COOKIE_NAME, language)
    return response
