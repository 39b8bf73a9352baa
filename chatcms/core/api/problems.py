"""Builds RFC 9457 problem documents, the one place where an error meets an HTTP status."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from chatcms.core.exceptions import AppError
from chatcms.core.http.requestid import current_request_id

CONTENT_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="chatcms"'

STATUS_OF_KIND: dict[str, int] = {
    "invalid": 400,
    "unauthenticated": 401,
    "budget": 402,
    "forbidden": 403,
    "not_found": 404,
    "timeout": 408,
    "conflict": 409,
    "precondition": 412,
    "too_large": 413,
    "unsupported": 415,
    "unprocessable": 422,
    "bot_misconfigured": 424,
    "quota": 403,
    "rate_limited": 429,
    "provider_failed": 502,
    "unavailable": 503,
    "provider_timeout": 504,
    "storage_full": 507,
}


def status_of(error: AppError) -> int:
    """Return the HTTP status of a named error."""
    return STATUS_OF_KIND.get(error.kind, 400)


def problem(*, status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """Build a problem document: `type`, `title`, `status`, `detail`, `code`, `request_id` and extras."""
    document: dict[str, Any] = {
        "type": f"urn:chatcms:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": current_request_id(),
    }
    document.update(extra)
    return document


def problem_of(error: AppError) -> dict[str, Any]:
    """Build the problem document of a named error."""
    return problem(status=status_of(error), code=error.code, detail=error.detail, **error.extra)
