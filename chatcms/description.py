"""Serves the description of the API, which is made once per process: making it takes seconds."""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.encoding import force_bytes
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.rendering import FastJSONRenderer

FRESH_SECONDS = 300
FORMATS = {"json": "application/json", "yaml": "application/yaml"}


class DescriptionView(SpectacularAPIView):
    """The OpenAPI document, as YAML or JSON; the same for everybody."""

    permission_classes = []

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Give the document in the form that is asked for: by `?format=`, or else by `Accept`."""
        asked = request.query_params.get("format")
        if asked is not None and asked not in FORMATS:
            raise ValidationError({"format": f"It is one of: {', '.join(FORMATS)}."})
        media_type = FORMATS[asked] if asked else str(request.accepted_renderer.media_type)
        body, etag = _document(media_type)
        response = HttpResponse(body, content_type=media_type, headers={"ETag": etag})
        patch_cache_control(response, public=True, max_age=FRESH_SECONDS)
        patch_vary_headers(response, ["Accept"])
        http_request: HttpRequest = request._request
        return get_conditional_response(http_request, etag=etag, response=response) or response

    def handle_exception(self, exc: Exception) -> Response:
        """Give a problem as JSON, in whatever form the document was asked for."""
        problem = super().handle_exception(exc)
        self.request.accepted_renderer = FastJSONRenderer()
        return problem


@cache
def _document(media_type: str) -> tuple[bytes, str]:
    renderer = next(each for each in DescriptionView.renderer_classes if each.media_type == media_type)
    body = force_bytes(renderer().render(_schema(), media_type, {}))
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


@cache
def _schema() -> Any:
    return SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
