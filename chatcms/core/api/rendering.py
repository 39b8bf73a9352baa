"""Renders API answers with orjson, and lets streams be asked for by their media type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.utils.functional import Promise
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList


class FastJSONRenderer(BaseRenderer):
    """JSON in UTF-8, about ten times faster than DRF's own."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Encode `data`; nothing at all for an answer without a body."""
        if data is None:
            return b""
        return orjson.dumps(data, default=plain, option=orjson.OPT_NON_STR_KEYS)


class Negotiation(DefaultContentNegotiation):
    """Chooses by `Accept`, and where nothing fits sends what there is, as RFC 9110 allows: better than nothing."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return the renderer and its media type."""
        known = list(renderers)
        try:
            return super().select_renderer(request, known, format_suffix)  # type: ignore[no-any-return]
        except NotAcceptable:
            return known[0], known[0].media_type


class EventStreamRenderer(FastJSONRenderer):
    """Lets a client send `Accept: text/event-stream`; an error before the stream is still JSON."""

    media_type = "text/event-stream"
    format = "sse"


def plain(value: Any) -> Any:
    """Turn what DRF makes and JSON has no word for into what it has; `TypeError` for anything else."""
    if isinstance(value, ReturnDict):
        return dict(value)
    if isinstance(value, ReturnList):
        return list(value)
    if isinstance(value, Decimal | Promise):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be put into JSON")
