"""Describes in the OpenAPI schema what the views cannot say themselves: errors, and the rules on every route.

What follows from a rule is written into each operation by looking at its view: who may be refused, that requests are
counted, which headers a change may be made conditional with, and that a create may be repeated.
"""

from __future__ import annotations

import inspect
from http import HTTPStatus
from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiExample, OpenApiResponse

import chatcms.core.api.openapi_fields  # noqa: F401  its extensions are known once it is imported
from chatcms.core.api import serializers
from chatcms.core.api.declared import UnknownMemberError
from chatcms.core.api.pagination import InvalidCursorError, Pages
from chatcms.core.api.problems import CONTENT_TYPE, status_of
from chatcms.core.exceptions import (
    AppError,
    IdempotencyInFlightError,
    IdempotencyKeyReusedError,
    InvalidIdempotencyKeyError,
    PreconditionFailedError,
    RateLimitedError,
)

Responses = dict[Any, Any]
Operation = dict[str, Any]

_HEADERS: dict[str, Any] = {
    "RateLimit": {
        "description": "The tightest limit: how many requests are left and in how many seconds all of them are back, "
        'for example `"key";r=11999;t=1`.',
        "schema": {"type": "string"},
    },
    "RateLimit-Policy": {
        "description": "Every limit that the request was counted against: how many in how many seconds, for example "
        '`"tenant";q=30000;w=60, "key";q=12000;w=60`.',
        "schema": {"type": "string"},
    },
    "Retry-After": {"description": "In how many seconds to ask again.", "schema": {"type": "integer", "minimum": 0}},
    "ETag": {
        "description": "What the thing looks like now; send it as `If-Match` with a change.",
        "schema": {"type": "string"},
    },
    "Idempotency-Replayed": {
        "description": "`true` when this is the answer that the same request got before.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}
_PARAMETERS: dict[str, Any] = {
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "description": "Makes the request safe to repeat for 24 hours: sent again with the same key it gets the same "
        "answer and does nothing. Another request with the same key is refused with 422, and one that comes while the "
        "first is being carried out with 409.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 256, "pattern": "^[!-~]+$"},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` that the caller has seen: the change is made only if it is still so, else 412.",
        "schema": {"type": "string"},
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The `ETag` that the caller has already: answered with 304 if it is still so.",
        "schema": {"type": "string"},
    },
}
# What is not an id.
_PATH_PARTS = {
    "bot": "The bot, by its id or slug.",
    "model": "The bot, by its slug or id.",
    "number": "The number of the version.",
}

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
    detail = serializers.CharField(help_text="What is wrong, in a sentence.")
    code = serializers.CharField(help_text="What is wrong, in a word; stable.")


class ProblemSerializer(serializers.Serializer[Any]):
    """An error, as RFC 9457 has it."""

    type = serializers.CharField(help_text="`urn:chatcms:problem:<code>`")
    title = serializers.CharField(help_text="The name of the HTTP status.")
    status = serializers.IntegerField(help_text="The HTTP status.")
    detail = serializers.CharField(help_text="A sentence fit for the person who reads it.")
    code = serializers.CharField(help_text="Stable; decide by this one.")
    request_id = serializers.CharField(
        help_text="The id of the request, also in the header `X-Request-ID`; name it to whoever looks into it."
    )
    required_scope = serializers.CharField(
        required=False, allow_null=True, help_text="With 403: the scope that the key lacks; null when no key may do it."
    )
    required_role = serializers.CharField(
        required=False, allow_null=True, help_text="With 403: the least role that may do it."
    )
    errors = FieldProblemSerializer(
        many=True, required=False, help_text="What is wrong with single fields, where that can be told."
    )  # type: ignore[assignment]  # a field


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


class RuledSchema(AutoSchema):
    """Writes into an operation what the rules on every route add to it."""

    def get_operation(self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any) -> Any:
        """Describe one operation, None for a hidden one."""
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is None or not hasattr(type(self.view), "address"):
            return operation
        _describe_path(operation)
        for name in self._rule_parameters():
            operation.setdefault("parameters", []).append({"$ref": f"#/components/parameters/{name}"})
        if not getattr(self.view, "strict", False):
            operation["x-tolerant"] = True
        self._add_problems(operation)
        self._add_headers(operation["responses"])
        operation["responses"] = dict(sorted(operation["responses"].items()))
        return operation

    @property
    def _handler_uses(self) -> set[str]:
        """The names of what the handler calls: whether it tags its answers and guards its changes."""
        handler = inspect.unwrap(getattr(self.view, self.method.lower()))
        return set(handler.__code__.co_names)

    @property
    def _is_repeatable(self) -> bool:
        once = getattr(self.view, "idempotent", False) or getattr(self.view, "asks_once", False)
        return self.method == "POST" and once

    def _rule_parameters(self) -> list[str]:
        uses = self._handler_uses
        wanted = {
            "Idempotency-Key": self._is_repeatable,
            "If-Match": "unchanged" in uses,
            "If-None-Match": "tagged" in uses and self.method == "GET",
        }
        return [name for name, is_wanted in wanted.items() if is_wanted]

    def _add_problems(self, operation: Operation) -> None:
        added: dict[int, list[type[AppError]]] = {429: [RateLimitedError]}
        if getattr(self.view, "strict", False):
            added[422] = [UnknownMemberError]
        if any(one.get("name") == Pages.cursor_query_param for one in operation.get("parameters", [])):
            added.setdefault(422, []).append(InvalidCursorError)
        if hasattr(type(self.view), "capabilities"):
            added |= {401: [], 403: []}
        if "{" in self.path:
            added[404] = []
        if "requestBody" in operation or any(one.get("in") == "query" for one in operation.get("parameters", [])):
            added[400] = []
        if "requestBody" in operation:
            added[415] = []
        if self._is_repeatable:
            added |= {400: [InvalidIdempotencyKeyError], 409: [IdempotencyInFlightError]}
            added.setdefault(422, []).append(IdempotencyKeyReusedError)
        if "unchanged" in self._handler_uses:
            added |= {412: [PreconditionFailedError], 404: []}
        responses = operation["responses"]
        for status, errors in added.items():
            if str(status) not in responses:
                response = _response(status, errors)
                responses[str(status)] = self._get_response_for_code(  # type: ignore[no-untyped-call]
                    response, str(status), media_types=[CONTENT_TYPE]
                )
        if "tagged" in self._handler_uses and self.method == "GET":
            responses.setdefault("304", {"description": "The caller has it already: `If-None-Match` names it."})

    def _add_headers(self, responses: dict[str, Any]) -> None:
        for status, response in responses.items():
            names = ["RateLimit", "RateLimit-Policy"]
            if status in {"402", "429", "503"} or (status == "409" and self._is_repeatable):
                names.append("Retry-After")
            if "tagged" in self._handler_uses and status in {"200", "201", "304"}:
                names.append("ETag")
            if self._is_repeatable and status.startswith("2"):
                names.append("Idempotency-Replayed")
            headers = response.setdefault("headers", {})
            for name in names:
                headers.setdefault(name, {"$ref": f"#/components/headers/{name}"})


def _describe_path(operation: Operation) -> None:
    """Say of each part of the path that names a thing what it is."""
    for parameter in operation.get("parameters", []):
        if parameter.get("in") == "path" and "description" not in parameter:
            name: str = parameter["name"]
            noun = name.removesuffix("_id").replace("_", " ")
            known = _PATH_PARTS.get(name)
            parameter["description"] = known or f"The id of the {noun}."


def close_bodies(result: Operation, **_: Any) -> Operation:
    """Say of each body that it has no other members than those named; a hook of drf-spectacular.

    Not of those that OpenAI's protocol defines: its clients may send more than a bot takes.
    """
    components = result["components"]["schemas"]
    for path in result["paths"].values():
        for operation in path.values():
            if "x-tolerant" not in operation:
                for media in operation.get("requestBody", {}).get("content", {}).values():
                    _close(media.get("schema", {}), components)
            operation.pop("x-tolerant", None)
    return result


def _close(schema: Any, components: dict[str, Any]) -> None:
    """Close an object and all that nests in it; one whose names are free stays open."""
    if isinstance(schema, list):
        for one in schema:
            _close(one, components)
        return
    if "$ref" in schema:
        schema = components[schema["$ref"].rpartition("/")[2]]
    if "properties" in schema and "additionalProperties" not in schema:
        schema["additionalProperties"] = False
        _close(list(schema["properties"].values()), components)
    if "items" in schema:
        _close(schema["items"], components)
    # Alternatives that are written out are a field's own matter, which reads them itself.
    _close([one for name in ("allOf", "oneOf", "anyOf") for one in schema.get(name, ()) if "$ref" in one], components)


def add_components(result: Operation, **_: Any) -> Operation:
    """Put the headers and parameters that operations refer to into the schema; a hook of drf-spectacular."""
    components = result.setdefault("components", {})
    components.setdefault("headers", {}).update(_HEADERS)
    components.setdefault("parameters", {}).update(_PARAMETERS)
    return result
