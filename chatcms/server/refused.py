"""Answers what the door refused, in the shape of the API or the page that was asked for."""

from __future__ import annotations

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext

from chat.api.openai.errors import from_problem
from chatcms.core.bothways import BothWaysMiddleware
from chatcms.core.exceptions import AppError
from chatcms.core.problems import CONTENT_TYPE, problem_of
from chatcms.core.routes import API_PREFIX
from chatcms.server.door import REFUSED
from chatcms.server.exceptions import BodyTooLargeError
from tenants.pages.refusing import explain

_OPENAI = ("/v1/chat/completions", "/v1/models")


class RefusedMiddleware(BothWaysMiddleware):
    """Stands before everything that would read the body."""

    def enter(self, request: HttpRequest) -> HttpResponseBase | None:
        """Answer a refused request; let every other one pass."""
        error = getattr(request, "scope", {}).get(REFUSED)
        return None if error is None else refusal(request, error)


def refusal(request: HttpRequest, error: AppError) -> HttpResponse:
    """Return the answer: OpenAI's error on OpenAI's paths, a page to a browser, else a problem document."""
    document = problem_of(error)
    if f"{request.path}/".startswith(tuple(f"{path}/" for path in _OPENAI)):
        status, body, headers = from_problem(document)
        return HttpResponse(orjson.dumps(body), status=status, content_type="application/json", headers=headers)
    if request.path.startswith(API_PREFIX):
        return HttpResponse(orjson.dumps(document), status=document["status"], content_type=CONTENT_TYPE)
    if isinstance(error, BodyTooLargeError):
        error.detail = gettext(error.words) % {"limit": error.limit}
    return explain(request, error, None)
