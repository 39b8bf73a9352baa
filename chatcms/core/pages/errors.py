"""What is answered where no view was reached or one broke: problem+json to programs, a page to people."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from chatcms.core.api.problems import problem, problem_of
from chatcms.core.api.routes import API_PREFIX
from chatcms.core.api.shapes import instead_of, written
from chatcms.core.db.outages import LOGGED, StorageFullError, passing_error
from chatcms.core.exceptions import AppError


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
        instead_of(request.path) or "There is nothing at this address. Check it for typing errors.",
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """Something broke that nobody foresaw, and the log has it under the request's id; or something is away for now."""
    passing = passing_error(sys.exc_info()[1])
    if passing is not None:
        return fault(request.path, request.headers, passing)
    return _answer(
        request,
        500,
        "internal_error",
        "Something broke on our side",
        "It has been noted. Try again; if it stays, give the platform's staff the request id.",
    )


def fault(path: str, headers: Mapping[str, str], error: AppError) -> HttpResponse:
    """Answer a fault that passes by itself, in the shape that was asked for; needs neither database nor session."""
    document = problem_of(error)
    if path.startswith(API_PREFIX) or "text/html" not in headers.get("Accept", ""):
        response = for_programs(path, document)
    else:
        values = {**_words(error), "request_id": document["request_id"]}
        response = render(None, "portal/message.html", values, status=document["status"])
    response.headers["Retry-After"] = str(error.extra["retry_after"])
    response.headers["Cache-Control"] = "no-store"
    setattr(response, LOGGED, True)
    return response


def for_programs(path: str, document: dict[str, Any]) -> HttpResponse:
    """Answer with an error in the shape of the API that was asked."""
    it = written(path, document)
    return HttpResponse(it.body, status=it.status, content_type=it.content_type, headers=it.headers)


def _words(error: AppError) -> dict[str, str]:
    if isinstance(error, StorageFullError):
        text = _(
            "Nothing of this was saved. Tell the people who run this site, and try again when they have made room."
        )
        return {"heading": _("There is no space left"), "text": text}
    text = _("Something this site needs does not answer at the moment. Nothing is lost: try again in a few seconds.")
    return {"heading": _("One moment, please"), "text": text}


def _answer(request: HttpRequest, status: int, code: str, heading: str, text: str) -> HttpResponse:
    document: dict[str, Any] = problem(status=status, code=code, detail=text)
    if request.path.startswith(API_PREFIX) or "text/html" not in request.headers.get("Accept", ""):
        return for_programs(request.path, document)
    values = {"heading": heading, "text": text, "request_id": document["request_id"]}
    return render(None, "portal/message.html", values, status=status)
