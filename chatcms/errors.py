"""What is answered where no view was reached or one broke: problem+json to programs, a page to people."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from chatcms.core.problems import CONTENT_TYPE, problem
from chatcms.core.routes import API_PREFIX


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The request cannot be understood, or names a host that is not ours."""
    return _answer(request, 400, "bad_request", "This request cannot be understood", "Check the address and try again.")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came without its token: an old page, or another site."""
    return _answer(
        request, 403, "form_expired", "This form has expired", "Go back, load the page again and send it once more."
    )


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The caller is known and may not."""
    return _answer(request, 403, "permission_denied", "You may not do this", "Ask an owner or admin of the tenant.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No address of the product."""
    return _answer(
        request,
        404,
        "not_found",
        "There is no such page",
        "There is nothing at this address. Check it for typing errors.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke that nobody foresaw; the log has it under the request's id."""
    return _answer(
        request,
        500,
        "internal_error",
        "Something broke on our side",
        "It has been noted. Try again; if it stays, give the platform's staff the request id.",
    )


def _answer(request: HttpRequest, status: int, code: str, heading: str, text: str) -> HttpResponse:
    document: dict[str, Any] = problem(status=status, code=code, detail=text)
    if request.path.startswith(API_PREFIX) or "text/html" not in request.headers.get("Accept", ""):
        return HttpResponse(orjson.dumps(document), status=status, content_type=CONTENT_TYPE)
    values = {"heading": heading, "text": text, "request_id": document["request_id"]}
    return render(None, "portal/message.html", values, status=status)
