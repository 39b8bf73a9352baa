"""Gives DRF's views the problem document of whatever they raise."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from chatcms.core.api.problems import CHALLENGE, CONTENT_TYPE, problem, problem_of
from chatcms.core.db.outages import LOGGED, passing_error
from chatcms.core.exceptions import AppError

_CODES_OF_DRF: dict[type[drf.APIException], str] = {
    drf.NotAuthenticated: "not_authenticated",
    drf.AuthenticationFailed: "authentication_failed",
    drf.PermissionDenied: "permission_denied",
    drf.NotFound: "not_found",
    drf.MethodNotAllowed: "method_not_allowed",
    drf.NotAcceptable: "not_acceptable",
    drf.UnsupportedMediaType: "unsupported_media_type",
    drf.ParseError: "malformed_body",
    drf.Throttled: "rate_limited",
}


def field_errors(detail: Any, pointer: str = "") -> list[dict[str, str]]:
    """Flatten DRF's nested validation detail into `[{"pointer": "/a/0/b", "detail": "...", "code": "..."}]`."""
    if isinstance(detail, dict):
        errors: list[dict[str, str]] = []
        for key, value in detail.items():
            inner = pointer if key == "non_field_errors" else f"{pointer}/{key}"
            errors += field_errors(value, inner)
        return errors
    if isinstance(detail, list):
        errors = []
        for index, value in enumerate(detail):
            inner = f"{pointer}/{index}" if isinstance(value, dict | list) else pointer
            errors += field_errors(value, inner)
        return errors
    return [{"pointer": pointer, "detail": str(detail), "code": str(getattr(detail, "code", "invalid"))}]


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Give DRF the problem document of `error`; None lets an unforeseen error become a 500."""
    headers: dict[str, str] = {}
    passing = passing_error(error)
    if passing is not None:
        set_rollback()
        return passing_response(passing)
    if isinstance(error, AppError):
        document = problem_of(error)
        headers = _headers_of(error)
    elif isinstance(error, drf.ValidationError):
        errors = field_errors(error.detail)
        document = problem(status=400, code="invalid_request", detail=_summary(errors), errors=errors)
    elif isinstance(error, drf.APIException):
        document, headers = _from_drf(error)
    elif isinstance(error, Http404):
        document = problem(status=404, code="not_found", detail="There is no such thing here. Check the id.")
    elif isinstance(error, PermissionDenied):
        document = problem(status=403, code="permission_denied", detail="You may not do this.")
    else:
        return None
    set_rollback()
    return Response(document, status=document["status"], headers=headers, content_type=CONTENT_TYPE)


def passing_response(error: AppError) -> Response:
    """Answer a fault that passes by itself; the log has its beginning and its end, and not each request."""
    document = problem_of(error)
    response = Response(document, document["status"], headers=_headers_of(error), content_type=CONTENT_TYPE)
    setattr(response, LOGGED, True)
    return response


def _headers_of(error: AppError) -> dict[str, str]:
    headers = {}
    if (wait := error.extra.get("retry_after")) is not None:
        headers["Retry-After"] = str(int(wait))
    if error.kind == "unauthenticated":
        headers["WWW-Authenticate"] = CHALLENGE
    return headers


def _summary(errors: list[dict[str, str]]) -> str:
    if not errors:
        return "The request is not valid."
    first = errors[0]
    field = first["pointer"].lstrip("/").replace("/", ".")
    return f"{field}: {first['detail']}" if field else first["detail"]


def _from_drf(error: drf.APIException) -> tuple[dict[str, Any], dict[str, str]]:
    headers: dict[str, str] = {}
    if (challenge := getattr(error, "auth_header", None)) is not None:
        headers["WWW-Authenticate"] = challenge
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait))
    code = _CODES_OF_DRF.get(type(error), error.default_code)
    return problem(status=error.status_code, code=code, detail=str(error.detail)), headers
