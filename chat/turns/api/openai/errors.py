"""Errors in OpenAI's shape, so that its official clients raise the right exception."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiResponse
from rest_framework.response import Response

from chat.turns.api.openai.documents import OpenAIErrorSerializer
from chatcms.core.api import drf_errors
from chatcms.core.api.openaierrors import from_problem
from chatcms.core.db.outages import LOGGED
from chatcms.core.exceptions import AppError


class UnsupportedParameterError(AppError):
    """The request asks for something that a bot does not do."""

    code = "unsupported_parameter"
    kind = "invalid"

    def __init__(self, param: str, detail: str) -> None:
        super().__init__(detail, param=param)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Give DRF the OpenAI error of `error`; None lets an unforeseen error become a 500."""
    response = drf_errors.exception_handler(error, context)
    if response is None:
        return None
    status, body, headers = from_problem(response.data)
    shaped = Response(body, status, headers={**response.headers, **headers}, content_type="application/json")
    setattr(shaped, LOGGED, getattr(response, LOGGED, False))
    return shaped


def described(*statuses: int) -> dict[tuple[int, str], OpenApiResponse]:
    """Return the error answers of a view for the schema: OpenAI's `{"error": {message, type, param, code}}`."""
    return {
        (status, "application/json"): OpenApiResponse(OpenAIErrorSerializer, description="OpenAI's error object.")
        for status in statuses
    }
