"""Documents: upload, list, read, try again, delete, and the chunks made from one."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.exceptions import PermissionDeniedError
from chatcms.core.openapi import problems
from chatcms.core.pagination import Pages
from datasets import exceptions, selectors, services
from datasets.api.serializers import ChunkSerializer, DocumentSerializer, UploadSerializer
from datasets.models import Chunk, Document
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.permissions import Capability

_REFUSALS = (CredentialError, PermissionDeniedError)
_UPLOAD_REFUSALS = (
    exceptions.NoSuchDatasetError,
    exceptions.SameDocumentError,
    exceptions.FileTooLargeError,
    exceptions.UnreadableFileError,
    exceptions.EmptyFileError,
    exceptions.DocumentQuotaError,
    exceptions.StorageQuotaError,
)
_EXAMPLE = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
    "dataset_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
    "name": "handbook.pdf",
    "content_type": "application/pdf",
    "size_bytes": 48211,
    "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    "state": "embedding",
    "progress_done": 64,
    "progress_total": 112,
    "error_code": "",
    "error_detail": "",
    "page_count": 31,
    "chunk_count": 0,
    "language": "english",
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:04Z",
    "ready_at": None,
}


class DocumentsView(ListModelMixin, TenantAPIView):
    """The documents of one dataset, and uploads to it."""

    serializer_class = DocumentSerializer
    parser_classes = (MultiPartParser,)
    capabilities = {"GET": Capability.DATASETS_READ, "POST": Capability.DATASETS_WRITE}

    def get_queryset(self) -> QuerySet[Document]:
        """Those of the dataset in the address."""
        return selectors.documents_of(selectors.dataset_by_id(self.kwargs["dataset_id"]))

    @extend_schema(
        operation_id="documents_list",
        tags=["documents"],
        summary="List a dataset's documents",
        responses={
            200: DocumentSerializer(many=True),
            **problems(errors=(*_REFUSALS, exceptions.NoSuchDatasetError)),
        },
        examples=[OpenApiExample("A document", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Newest first."""
        return self.list(request)

    @extend_schema(
        operation_id="documents_create",
        tags=["documents"],
        summary="Upload a document",
        description=(
            "Stores the file and queues it; ask for the document to follow its state to `ready` or `failed`. "
            "What is in the file decides its type."
        ),
        request={"multipart/form-data": UploadSerializer},
        responses={201: DocumentSerializer, **problems(400, errors=(*_REFUSALS, *_UPLOAD_REFUSALS))},
        examples=[
            OpenApiExample("Queued", value={**_EXAMPLE, "state": "queued"}, response_only=True, status_codes=[201])
        ],
    )
    def post(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Take a file in."""
        asked = UploadSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        file = asked.validated_data["file"]
        document = services.upload_document(
            by=self.actor,
            dataset=selectors.dataset_by_id(dataset_id),
            name=file.name,
            file=file,
            content_type=file.content_type or "",
        )
        return Response(DocumentSerializer(document).data, status=201)


class DocumentView(TenantAPIView):
    """One document."""

    capabilities = {"GET": Capability.DATASETS_READ, "DELETE": Capability.DATASETS_WRITE}

    @extend_schema(
        operation_id="documents_read",
        tags=["documents"],
        summary="Read a document's state",
        responses={
            200: DocumentSerializer,
            **problems(errors=(*_REFUSALS, exceptions.NoSuchDocumentError)),
        },
        examples=[OpenApiExample("On its way", value=_EXAMPLE, response_only=True)],
    )
    def get(self, request: Request, document_id: uuid.UUID) -> Response:
        """State, progress and, when it failed, why."""
        return Response(DocumentSerializer(selectors.document_by_id(document_id)).data)

    @extend_schema(
        operation_id="documents_delete",
        tags=["documents"],
        summary="Delete a document",
        description="Deletes its chunks, vectors and file as well. This cannot be undone.",
        responses={204: None, **problems(errors=(*_REFUSALS, exceptions.NoSuchDocumentError))},
    )
    def delete(self, request: Request, document_id: uuid.UUID) -> Response:
        """Delete all of it."""
        services.delete_document(by=self.actor, document=selectors.document_by_id(document_id))
        return Response(status=204)


class DocumentRetryView(TenantAPIView):
    """Another try for a document that failed."""

    capabilities = {"POST": Capability.DATASETS_WRITE}

    @extend_schema(
        operation_id="documents_retry",
        tags=["documents"],
        summary="Try a failed document again",
        request=None,
        responses={
            200: DocumentSerializer,
            **problems(errors=(*_REFUSALS, exceptions.NoSuchDocumentError, exceptions.NotFailedError)),
        },
        examples=[OpenApiExample("Queued", value={**_EXAMPLE, "state": "queued"}, response_only=True)],
    )
    def post(self, request: Request, document_id: uuid.UUID) -> Response:
        """Queue it again."""
        document = selectors.document_by_id(document_id)
        return Response(DocumentSerializer(services.retry_document(by=self.actor, document=document)).data)


class ChunkPages(Pages):
    """Chunks in reading order."""

    ordering = "seq"


class DocumentChunksView(ListModelMixin, TenantAPIView):
    """What was made from a document."""

    serializer_class = ChunkSerializer
    pagination_class = ChunkPages
    capabilities = {"GET": Capability.DATASETS_READ}

    def get_queryset(self) -> QuerySet[Chunk]:
        """Those of the document's present version."""
        return selectors.chunks_of(selectors.document_by_id(self.kwargs["document_id"]))

    @extend_schema(
        operation_id="documents_chunks",
        tags=["documents"],
        summary="List a document's chunks",
        responses={
            200: ChunkSerializer(many=True),
            **problems(errors=(*_REFUSALS, exceptions.NoSuchDocumentError)),
        },
        examples=[
            OpenApiExample(
                "A chunk",
                value={
                    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b8",
                    "seq": 0,
                    "text": "The battery is covered for 4 years.",
                    "section": "Warranty › What is covered",
                    "page": 2,
                    "token_count": 9,
                    "is_active": True,
                },
                response_only=True,
                status_codes=[200],
            )
        ],
    )
    def get(self, request: Request, document_id: uuid.UUID) -> Response:
        """In reading order."""
        return self.list(request)
