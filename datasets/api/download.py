"""Downloads a document's original file: never shown by the browser, always saved."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import BinaryIO

from asgiref.sync import sync_to_async
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from chatcms.core import preconditions
from chatcms.core.openapi import problems
from datasets import exceptions, selectors
from datasets.api.documents import REFUSALS
from datasets.files import StoredDocument, stored_document
from datasets.ingestion.readers.registry import KINDS
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_PIECE = 256 * 1024


class _Whatever(DefaultContentNegotiation):
    """The file is what it is, whatever type the client would rather have."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Take the first renderer, for problems."""
        first = next(iter(renderers))
        return first, str(first.media_type)


class DocumentDownloadView(TenantAPIView):
    """The file that a document was made from."""

    capabilities = {"GET": Capability.DATASETS_READ}
    content_negotiation_class = _Whatever

    @extend_schema(
        operation_id="documents_download",
        tags=["documents"],
        summary="Download a document's file",
        description="As it was uploaded, fetched or written. `ETag` is the file's SHA-256.",
        responses={
            **{(200, kind.content_type): OpenApiTypes.BINARY for kind in KINDS.values()},
            **problems(429, errors=(*REFUSALS, exceptions.NoSuchDocumentError, exceptions.NoStoredFileError)),
        },
    )
    def get(self, request: Request, document_id: uuid.UUID) -> HttpResponseBase:
        """Stream the file."""
        found = stored_document(selectors.document_by_id(document_id, by=self.actor))
        etag = f'"{found.sha256}"'
        if preconditions.is_known(etag, request.headers.get("If-None-Match")):
            response: HttpResponseBase = HttpResponse(status=304)
        else:
            response = StreamingHttpResponse(_pieces(found.path), headers=_headers(found))
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = "private, no-cache"
        return response


def _headers(found: StoredDocument) -> dict[str, str]:
    return {
        "Content-Type": found.content_type,
        "Content-Length": str(found.size_bytes),
        "Content-Disposition": content_disposition_header(as_attachment=True, filename=found.file_name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    """Give the file piece by piece; a slow disk keeps a thread waiting, not the event loop."""
    with await sync_to_async(_opened)(path) as file:
        while piece := await sync_to_async(file.read)(_PIECE):
            yield piece


def _opened(path: Path) -> BinaryIO:
    return path.open("rb")
