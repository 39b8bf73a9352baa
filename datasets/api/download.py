"""Downloads a document's original file: never shown by the browser, always saved."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.http import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from chatcms.core.api.openapi import problems
from datasets import exceptions, selectors
from datasets.api.documents import REFUSALS
from datasets.files import stored_document
from datasets.handout import handed_out
from datasets.ingestion.readers.registry import KINDS
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability


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
        return handed_out(found, if_none_match=request.headers.get("If-None-Match"))
