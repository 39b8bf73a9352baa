"""Documents: add, list, read, rename, delete, try again, and download."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api.openapi import problems
from chatcms.core.api.ordering import OrderedPages, ordering_parameter
from chatcms.core.api.parsers import StrictJSONParser
from chatcms.core.exceptions import PermissionDeniedError, PreconditionFailedError
from chatcms.core.outbound.egress import EgressRefusedError
from datasets import exceptions, selectors, services
from datasets.api import queries
from datasets.api.serializers import (
    DocumentChangeSerializer,
    DocumentSerializer,
    NewDocumentSerializer,
    TakenInSerializer,
    UploadSerializer,
)
from datasets.enums import Arrival
from datasets.models import Dataset, Document
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.permissions import Capability

REFUSALS = (CredentialError, PermissionDeniedError)
_ADD_REFUSALS = (
    exceptions.NoSuchDatasetError,
    exceptions.SameDocumentError,
    exceptions.SameAddressError,
    exceptions.FileTooLargeError,
    exceptions.UnreadableFileError,
    exceptions.EmptyFileError,
    exceptions.DocumentQuotaError,
    exceptions.StorageQuotaError,
    EgressRefusedError,
)
_ORDERINGS = ("-id", "id", "name", "-name", "-updated_at", "updated_at", "-size_bytes", "size_bytes")
_EXAMPLE = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
    "dataset_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
    "name": "handbook.pdf",
    "source": "upload",
    "source_url": "",
    "content_type": "application/pdf",
    "size_bytes": 48211,
    "sha256": "b5bb9d8014a0f9b1d61e21e796d78dccdf1352f23cd32812f4850b878ae4944c",
    "state": "embedding",
    "progress_done": 64,
    "progress_total": 112,
    "error_code": "",
    "error_detail": "",
    "notices": [],
    "page_count": 31,
    "chunk_count": 0,
    "language": "english",
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:04Z",
    "ready_at": None,
}
_QUEUED = {**_EXAMPLE, "state": "queued", "progress_done": 0, "progress_total": 0, "page_count": None, "language": ""}


class DocumentsView(ListModelMixin, TenantAPIView):
    """The documents of one dataset, and new ones."""

    serializer_class = DocumentSerializer
    parser_classes = (MultiPartParser, StrictJSONParser)
    capabilities = {"GET": Capability.DATASETS_READ, "POST": Capability.DATASETS_WRITE}
    pagination_class = OrderedPages
    orderings = _ORDERINGS

    def get_queryset(self) -> QuerySet[Document]:
        """Those of the dataset in the address that are asked for."""
        dataset = selectors.dataset_by_id(self.kwargs["dataset_id"], by=self.actor)
        return selectors.documents_of(dataset, **queries.asked(queries.DocumentQuery, self.request))

    @extend_schema(
        operation_id="documents_list",
        tags=["documents"],
        summary="List a dataset's documents",
        parameters=[queries.DocumentQuery, ordering_parameter(_ORDERINGS)],
        responses={
            200: DocumentSerializer(many=True),
            **problems(400, 429, errors=(*REFUSALS, exceptions.NoSuchDatasetError)),
        },
        examples=[OpenApiExample("A document", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Newest first, unless asked otherwise."""
        return self.list(request)

    @extend_schema(
        operation_id="documents_create",
        tags=["documents"],
        summary="Add a document",
        description=(
            "As a file (`multipart/form-data`), by its address (`url`: it is fetched later, over https, redirects "
            "included, only from public hosts), or as `text`. Ask for the document to follow its state to `ready` or "
            "`failed`; a failed one says why. What is in a file decides its type.\n\nA file or text that is called "
            "as one of the dataset is its next version: the document keeps its id, and its earlier text answers until "
            "the new one is ready, which replaces all chunks, edited ones included. `on_same_name` keeps both instead. "
            "The same content again is answered with 200 and changes nothing.\n\nA dataset holds each content and "
            "each address once: an address whose content turns out to be there already fails with `same_document`."
        ),
        request={"multipart/form-data": UploadSerializer, "application/json": NewDocumentSerializer},
        responses={
            200: TakenInSerializer,
            201: TakenInSerializer,
            **problems(400, 429, errors=(*REFUSALS, *_ADD_REFUSALS)),
        },
        examples=[
            OpenApiExample(
                "By its address",
                value={"url": "https://www.example.com/handbook.html"},
                request_only=True,
                media_type="application/json",
            ),
            OpenApiExample(
                "As text",
                value={"name": "Opening hours", "text": "# Opening hours\n\nMonday to Friday, 9 to 17."},
                request_only=True,
                media_type="application/json",
            ),
            OpenApiExample("Queued", value={**_QUEUED, "arrival": "created"}, response_only=True, status_codes=[201]),
            OpenApiExample(
                "A new version", value={**_QUEUED, "arrival": "replaced"}, response_only=True, status_codes=[200]
            ),
        ],
    )
    def post(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Take a document in."""
        dataset = selectors.dataset_by_id(dataset_id, by=self.actor)
        is_form = (request.content_type or "").startswith("multipart/")
        taken = self._uploaded(dataset) if is_form else self._linked_or_written(dataset)
        status = 201 if taken.arrival == Arrival.CREATED else 200
        return self.tagged(
            taken.document, TakenInSerializer(taken.document, context={"arrival": taken.arrival}).data, status=status
        )

    def _uploaded(self, dataset: Dataset) -> services.TakenIn:
        asked = UploadSerializer(data=self.request.data)
        asked.is_valid(raise_exception=True)
        file = asked.validated_data.pop("file")
        return services.upload_document(
            by=self.actor,
            dataset=dataset,
            name=file.name,
            file=file,
            content_type=file.content_type or "",
            **asked.validated_data,
        )

    def _linked_or_written(self, dataset: Dataset) -> services.TakenIn:
        asked = NewDocumentSerializer(data=self.request.data)
        asked.is_valid(raise_exception=True)
        if "url" in asked.validated_data:
            linked = services.add_url(by=self.actor, dataset=dataset, **asked.validated_data)
            return services.TakenIn(linked, Arrival.CREATED)
        return services.add_text(by=self.actor, dataset=dataset, **asked.validated_data)


class DocumentView(TenantAPIView):
    """One document."""

    capabilities = {
        "GET": Capability.DATASETS_READ,
        "PATCH": Capability.DATASETS_WRITE,
        "DELETE": Capability.DATASETS_WRITE,
    }

    @extend_schema(
        operation_id="documents_read",
        tags=["documents"],
        summary="Read a document's state",
        responses={
            200: DocumentSerializer,
            **problems(429, errors=(*REFUSALS, exceptions.NoSuchDocumentError)),
        },
        examples=[OpenApiExample("On its way", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, document_id: uuid.UUID) -> Response:
        """State, progress and, when it failed, why."""
        document = selectors.document_by_id(document_id, by=self.actor)
        return self.tagged(document, DocumentSerializer(document).data)

    @extend_schema(
        operation_id="documents_update",
        tags=["documents"],
        summary="Rename a document",
        request=DocumentChangeSerializer,
        responses={
            200: DocumentSerializer,
            **problems(400, 422, 429, errors=(*REFUSALS, exceptions.NoSuchDocumentError, PreconditionFailedError)),
        },
        examples=[
            OpenApiExample("Rename it", value={"name": "Handbook, 3rd edition"}, request_only=True),
            OpenApiExample("The document", value=_EXAMPLE, response_only=True, status_codes=[200]),
        ],
    )
    def patch(self, request: Request, document_id: uuid.UUID) -> Response:
        """Change its name, which citations show."""
        document = selectors.document_by_id(document_id, by=self.actor)
        asked = DocumentChangeSerializer(document, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        with self.unchanged(document):
            name = asked.validated_data.get("name", document.name)
            services.rename_document(by=self.actor, document=document, name=name)
        return self.tagged(document, DocumentSerializer(document).data)

    @extend_schema(
        operation_id="documents_delete",
        tags=["documents"],
        summary="Delete a document",
        description="Deletes its chunks, vectors and file as well. This cannot be undone.",
        responses={
            204: None,
            **problems(429, errors=(*REFUSALS, exceptions.NoSuchDocumentError, PreconditionFailedError)),
        },
    )
    def delete(self, request: Request, document_id: uuid.UUID) -> Response:
        """Delete all of it."""
        document = selectors.document_by_id(document_id, by=self.actor)
        with self.unchanged(document):
            services.delete_document(by=self.actor, document=document)
        return Response(status=204)


class DocumentRetryView(TenantAPIView):
    """Another try for a document that failed, another fetch for one from the web."""

    capabilities = {"POST": Capability.DATASETS_WRITE}

    @extend_schema(
        operation_id="documents_retry",
        tags=["documents"],
        summary="Try a failed document again, or fetch one anew",
        description=(
            "Queues a document that failed, or one from the web that is ready, which is fetched once more. Until the "
            "new content is ready the old one goes on answering; when nothing has changed, it stays as it is. New "
            "content replaces all chunks, edited ones included."
        ),
        request=None,
        responses={
            200: DocumentSerializer,
            **problems(429, errors=(*REFUSALS, exceptions.NoSuchDocumentError, exceptions.NotFailedError)),
        },
        examples=[OpenApiExample("Queued", value=_QUEUED, response_only=True, status_codes=[200])],
    )
    def post(self, request: Request, document_id: uuid.UUID) -> Response:
        """Queue it again."""
        document = selectors.document_by_id(document_id, by=self.actor)
        services.retry_document(by=self.actor, document=document)
        return self.tagged(document, DocumentSerializer(document).data)
