"""Describes in the OpenAPI schema what the views cannot say themselves: the problem documents of errors."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiResponse
from rest_framework import serializers

from chatcms.core.exceptions import AppError
from chatcms.core.problems import CONTENT_TYPE, status_of

Responses = dict[Any, Any]

_DESCRIPTIONS = {
    400: "The request is not valid; `errors` points at the fields.",
    401: "The credential is missing, wrong, expired or revoked.",
    402: "The money budget is used up.",
    403: "The caller is known but may not do this.",
    404: "There is no such thing in this tenant.",
    409: "The request clashes with the present state.",
    412: "The thing has changed since the `ETag` that `If-Match` names.",
    413: "The body is larger than allowed.",
    415: "The kind of file or body is not supported.",
    422: "A value is well formed but not acceptable.",
    424: "The bot is not set up so that it can answer.",
    429: "Too many requests; `Retry-After` says for how many seconds to wait.",
    502: "The model's provider failed.",
    503: "A part of the service is not available at the moment.",
    504: "The model's provider did not answer in time.",
}


class FieldProblemSerializer(serializers.Serializer[Any]):
    """What is wrong with one field."""

    pointer = serializers.CharField(help_text="JSON pointer to the field, for example `/name`.")
    detail = serializers.CharField()
    code = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error, as RFC 9457 has it."""

    type = serializers.CharField(help_text="`urn:chatcms:problem:<code>`")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence fit for the person who reads it.")
    code = serializers.CharField(help_text="Stable; decide by this one.")
    request_id = serializers.CharField()
    errors = FieldProblemSerializer(many=True, required=False)  # type: ignore[assignment]  # a field


def problems(*statuses: int, errors: tuple[type[AppError], ...] = ()) -> Responses:
    """Return the error answers of a view: by status, and by named errors whose codes are listed with them.

    Use as `@extend_schema(responses={200: Body, **problems(401, 403, errors=(SlugTakenError,))})`.
    """
    named: dict[int, list[type[AppError]]] = {status: [] for status in statuses}
    for error in errors:
        named.setdefault(status_of(error()), []).append(error)
    return {(status, CONTENT_TYPE): _response(status, named[status]) for status in sorted(named)}


def _response(status: int, errors: list[type[AppError]]) -> OpenApiResponse:
    description = _DESCRIPTIONS.get(status, HTTPStatus(status).phrase)
    if errors:
        description += " Codes: " + ", ".join(f"`{error.code}`" for error in errors) + "."
    examples = [
        OpenApiExample(
            error.code,
            value={
                "type": f"urn:chatcms:problem:{error.code}",
                "title": HTTPStatus(status).phrase,
                "status": status,
                "detail": error.default_detail,
                "code": error.code,
                "request_id": "0192f0c1a2b37c4d8e5f60718293a4b5",
            },
            response_only=True,
            media_type=CONTENT_TYPE,
        )
        for error in errors
    ]
    return OpenApiResponse(ProblemSerializer, description=description, examples=examples)
