"""The logo that a tenant uploaded, for whoever sees its pages."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from chatcms.core.http.caching import FOR_GOOD
from chatcms.core.pages.refusals import refusal
from tenants.exceptions import NoLogoError
from tenants.services import logos

_HEADERS = {
    "Cache-Control": FOR_GOOD,
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'",
}


@require_safe
def logo(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Give the picture by its present name; by the name of an earlier one nothing."""
    try:
        found = logos.logo_named(slug=slug, name=name)
    except NoLogoError as error:
        raise Http404(refusal(error)) from error
    return HttpResponse(bytes(found.content), content_type=found.content_type, headers=_HEADERS)
