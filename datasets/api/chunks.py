"""Chunks: list and add those of a document, read, edit, switch off and delete one."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api.openapi import problems
from chatcms.core.api.pagination import Pages
from chatcms.core.exceptions import PreconditionFailedError
from datasets import exceptions, selectors, services
from datasets.api import queries
from datasets.api.documents import REFUSALS
from datasets.api.serializers import ChunkChangeSerializer, ChunkSerializer, NewChunkSerializer
from datasets.models import Chunk
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_EXAMPLE = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b8",
    "document_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
    "dataset_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
    "seq": 0,
    "text": "The battery is covered for 4 years.",
    "section": "Warranty › What is covered",
    "page": 2,
    "token_count": 9,
    "is_active": True,
    "edited_at": None,
}
_EDITED = {**_EXAMPLE, "text": "The battery is covered for 5 years.", "edited_at": "2026-02-01T08:00:00Z"}
_UNTIL_READ_AGAIN = "Edits last until the document is read again; then its chunks are made anew."
_EMBEDDING = (exceptions.ChunkTooLongError, exceptions.DocumentBusyError)
# Embedding asks the provider of the dataset, if it names one.
_PROVIDER_FAILURES = (424, 502, 503, 504)


class ChunkPages(Pages):
    """Chunks in reading order."""

    ordering = "seq"


class DocumentChunksView(ListModelMixin, TenantAPIView):
    """What was made from a document."""

    serializer_class = ChunkSerializer
    pagination_class = ChunkPages
    capabilities = {"GET": Capability.DATASETS_READ, "POST": Capability.DATASETS_WRITE}
    idempotent = False

    def get_queryset(self) -> QuerySet[Chunk]:
        """Those of the document's present version that are asked for."""
        document = selectors.document_by_id(self.kwargs["document_id"], by=self.actor)
        return selectors.chunks_of(document, **queries.asked(queries.ChunkQuery, self.request))

    @extend_schema(
        operation_id="documents_chunks",
        tags=["chunks"],
        summary="List a document's chunks",
        parameters=[queries.ChunkQuery],
        responses={
            200: ChunkSerializer(many=True),
            **problems(400, 429, errors=(*REFUSALS, exceptions.NoSuchDocumentError)),
        },
        examples=[OpenApiExample("A chunk", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, document_id: uuid.UUID) -> Response:
        """In reading order."""
        return self.list(request)

    @extend_schema(
        operation_id="chunks_create",
        tags=["chunks"],
        summary="Add a chunk",
        description=f"Adds a chunk at the end of a document that is ready. {_UNTIL_READ_AGAIN}",
        request=NewChunkSerializer,
        responses={
            201: ChunkSerializer,
            **problems(400, 429, *_PROVIDER_FAILURES, errors=(*REFUSALS, exceptions.NoSuchDocumentError, *_EMBEDDING)),
        },
        examples=[
            OpenApiExample(
                "A chunk",
                value={"text": "The battery is covered for 4 years.", "section": "Warranty"},
                request_only=True,
            ),
            OpenApiExample("Added", value={**_EDITED, "seq": 12}, response_only=True, status_codes=[201]),
        ],
    )
    def post(self, request: Request, document_id: uuid.UUID) -> Response:
        """Add a chunk."""
        document = selectors.document_by_id(document_id, by=self.actor)
        asked = NewChunkSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        chunk = services.add_chunk(by=self.actor, document=document, **asked.validated_data)
        return self.tagged(chunk, ChunkSerializer(chunk).data, status=201)


class ChunkView(TenantAPIView):
    """One chunk."""

    capabilities = {
        "GET": Capability.DATASETS_READ,
        "PATCH": Capability.DATASETS_WRITE,
        "DELETE": Capability.DATASETS_WRITE,
    }

    @extend_schema(
        operation_id="chunks_read",
        tags=["chunks"],
        summary="Read a chunk",
        responses={200: ChunkSerializer, **problems(429, errors=(*REFUSALS, exceptions.NoSuchChunkError))},
        examples=[OpenApiExample("The chunk", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, chunk_id: uuid.UUID) -> Response:
        """Read one chunk."""
        chunk = selectors.chunk_by_id(chunk_id, by=self.actor)
        return self.tagged(chunk, ChunkSerializer(chunk).data)

    @extend_schema(
        operation_id="chunks_update",
        tags=["chunks"],
        summary="Edit a chunk, or switch it off or on",
        description=(
            "A new text is searched as soon as this answers. One that is switched off is found by no search and "
            f"counts in no statistic until it is switched on. {_UNTIL_READ_AGAIN}"
        ),
        request=ChunkChangeSerializer,
        responses={
            200: ChunkSerializer,
            **problems(
                400,
                429,
                *_PROVIDER_FAILURES,
                errors=(
                    *REFUSALS,
                    exceptions.NoSuchChunkError,
                    exceptions.ChunkChangedError,
                    PreconditionFailedError,
                    *_EMBEDDING,
                ),
            ),
        },
        examples=[
            OpenApiExample("Edit it", value={"text": "The battery is covered for 5 years."}, request_only=True),
            OpenApiExample("Switch it off", value={"is_active": False}, request_only=True),
            OpenApiExample("Edited", value=_EDITED, response_only=True, status_codes=[200]),
        ],
    )
    def patch(self, request: Request, chunk_id: uuid.UUID) -> Response:
        """Change what is sent."""
        chunk = selectors.chunk_by_id(chunk_id, by=self.actor)
        asked = ChunkChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        edit = services.prepare_edit(chunk=chunk, **asked.validated_data)
        with self.unchanged(chunk, after=selectors.document_of(chunk)):
            changed = services.apply_edit(by=self.actor, edit=edit)
        return self.tagged(changed, ChunkSerializer(changed).data)

    @extend_schema(
        operation_id="chunks_delete",
        tags=["chunks"],
        summary="Delete a chunk",
        description=f"Answers that cite it keep the citation and lose the quote. {_UNTIL_READ_AGAIN}",
        responses={
            204: None,
            **problems(
                429,
                errors=(
                    *REFUSALS,
                    exceptions.NoSuchChunkError,
                    exceptions.DocumentBusyError,
                    PreconditionFailedError,
                ),
            ),
        },
    )
    def delete(self, request: Request, chunk_id: uuid.UUID) -> Response:
        """Delete it."""
        chunk = selectors.chunk_by_id(chunk_id, by=self.actor)
        with self.unchanged(chunk, after=selectors.document_of(chunk)):
            services.delete_chunk(by=self.actor, chunk=chunk)
        return Response(status=204)
