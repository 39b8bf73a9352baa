"""Answers what the door refused, in the shape of the API or the page that was asked for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from chatcms.core.api.problems import problem_of
from chatcms.core.api.routes import API_PREFIX
from chatcms.core.api.shapes import written
from chatcms.core.exceptions import AppError
from chatcms.core.http.bothways import BothWaysMiddleware
from chatcms.server.door import REFUSED
from tenants.pages.refusing import explain


class RefusedMiddleware(BothWaysMiddleware):
    """Stands before everything that would read the body."""

    def enter(self, request: HttpRequest) -> HttpResponseBase | None:
        """Answer a refused request; let every other one pass."""
        error = getattr(request, "scope", {}).get(REFUSED)
        return None if error is None else refusal(request, error)


def refusal(request: HttpRequest, error: AppError) -> HttpResponse:
    """Return the answer: OpenAI's error on OpenAI's paths, a page to a browser, else a problem document."""
    if request.path.startswith(API_PREFIX):
        it = written(request.path, problem_of(error))
        return HttpResponse(it.body, status=it.status, content_type=it.content_type, headers=it.headers)
    return explain(request, error, None)
