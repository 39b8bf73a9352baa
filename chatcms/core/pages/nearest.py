"""Leads who opens the address of a form's act to the page that has the form."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

from chatcms.core.api.routes import API_PREFIX
from chatcms.core.http.bothways import BothWaysMiddleware


class NearestPageMiddleware(BothWaysMiddleware):
    """Instead of an empty 405, people who open an address that only takes forms get the page above it.

    It comes about by loading a page again after a form was refused, or by coming back to it from the history.
    """

    def leave(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Lead one step up; that may lead further."""
        is_looking = request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("Accept", "")
        is_refused = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED
        if not (is_refused and is_looking) or request.path == "/" or request.path.startswith(API_PREFIX):
            return response
        return HttpResponseRedirect(request.path.rstrip("/").rpartition("/")[0] + "/")
