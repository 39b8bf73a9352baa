"""Cursor pagination for every list: stable under inserts, constant cost at any depth."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode

from django.core.exceptions import ValidationError as DjangoValidationError
from django.core.signing import BadSignature, Signer
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import Cursor, CursorPagination, _positive_int
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from chatcms.core.exceptions import InvalidInputError

_CURSOR_LENGTH = 2000


class InvalidCursorError(InvalidInputError):
    """The cursor is none of this list's."""

    code = "invalid_cursor"
    default_detail = "Send a `cursor` as it came in a `next` or `previous` link of this list."


class Pages(CursorPagination):
    """Newest first; `?limit=` up to 100 rows, `?cursor=` from the `next` or `previous` link.

    A cursor is signed for its own list and order: one that was made up, cut short, or taken from elsewhere is a
    mistake of the caller (422), never a strange page.
    """

    page_size = 25
    max_page_size = 100
    page_size_query_param = "limit"
    ordering = "-id"

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> Any:
        """Return the rows of the page; raise DRF's `ValidationError` for a limit, `InvalidCursorError` for a cursor."""
        self.request = request
        try:
            return super().paginate_queryset(queryset, request, view)
        except (DjangoValidationError, ValueError):
            raise InvalidCursorError from None

    def get_page_size(self, request: Request) -> int | None:
        """Return how many rows were asked for."""
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdigit() and len(asked) <= 3 and 1 <= int(asked) <= self.max_page_size):
            raise ValidationError({"limit": [f"Send a whole number from 1 to {self.max_page_size}."]})
        return int(asked)

    def decode_cursor(self, request: Request) -> Cursor | None:
        """Return where the page begins; None for the first."""
        encoded = request.query_params.get(self.cursor_query_param)
        if encoded is None:
            return None
        try:
            signed = urlsafe_b64decode(encoded[:_CURSOR_LENGTH].encode("ascii")).decode()
            tokens = dict(parse_qsl(self._signer().unsign(signed), keep_blank_values=True))
            offset = _positive_int(tokens.get("o", "0"), cutoff=self.offset_cutoff)
        except (BadSignature, ValueError):
            raise InvalidCursorError from None
        return Cursor(offset=offset, reverse="r" in tokens, position=cast(Any, tokens.get("p")))

    def encode_cursor(self, cursor: Cursor) -> str:
        """Return the address of the page that begins there."""
        tokens: dict[str, Any] = {"o": str(cursor.offset)} if cursor.offset else {}
        if cursor.reverse:
            tokens["r"] = "1"
        if cursor.position is not None:
            tokens["p"] = cursor.position
        encoded = urlsafe_b64encode(self._signer().sign(urlencode(tokens)).encode()).decode()
        return replace_query_param(str(self.base_url), self.cursor_query_param, encoded)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Describe a page of `schema`."""
        link = {"type": "string", "format": "uri", "nullable": True}
        cursor = self.cursor_query_param
        # drf-spectacular also asks with a mere mark, to see where it ends up.
        described = {**schema, "description": "What is on this page."} if isinstance(schema, dict) else schema
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": {
                    **link,
                    "example": f"https://cms.example/v1/tenant/bots?{cursor}=bz0yNQ",
                    "description": "The next page; null on the last one.",
                },
                "previous": {
                    **link,
                    "example": f"https://cms.example/v1/tenant/bots?{cursor}=cj0x",
                    "description": "The page before; null on the first one.",
                },
                "results": described,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        """Describe what a list may be asked for."""
        return [
            {
                "name": self.cursor_query_param,
                "required": False,
                "in": "query",
                "description": "Where the page begins: from a `next` or `previous` link, as it is.",
                "schema": {"type": "string", "maxLength": _CURSOR_LENGTH},
            },
            {
                "name": self.page_size_query_param,
                "required": False,
                "in": "query",
                "description": "How many to a page.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": self.max_page_size,
                    "default": self.page_size,
                },
            },
        ]

    def _signer(self) -> Signer:
        path = self.request.resolver_match.route if self.request.resolver_match else self.request.path
        return Signer(salt=f"cursor:{path}:{','.join(self.ordering)}")
