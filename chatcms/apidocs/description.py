"""Serves the description of the API, which is made once per process: making it takes seconds."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.encoding import force_bytes
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularRedocView, SpectacularSwaggerView
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api.rendering import FastJSONRenderer

FRESH_SECONDS = 300
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
# The libraries make style sheets as they go, and Redoc a worker; of scripts only ours run.
_READER_POLICY = (
    "default-src 'none'; script-src 'self' {hashes}; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; worker-src blob:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
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


class _ReaderPage:
    """A page that reads the document, under a policy that names each of its scripts by its hash."""

    # It is the same for everybody: a credential that is sent along is not looked at.
    authentication_classes: Sequence[type[BaseAuthentication]] = ()

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Add the policy once the page is rendered."""
        final: Response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        final.add_post_render_callback(_with_policy)
        return final


class SwaggerView(_ReaderPage, SpectacularSwaggerView):
    """The document as Swagger UI."""


class RedocView(_ReaderPage, SpectacularRedocView):
    """The document as Redoc."""


def _with_policy(response: HttpResponse) -> None:
    hashes = " ".join(map(_hash, _INLINE_SCRIPT.findall(response.content.decode())))
    response.headers["Content-Security-Policy"] = _READER_POLICY.format(hashes=hashes)


def _hash(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return f"'sha256-{digest}'"
