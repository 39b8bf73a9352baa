"""Datasets: list, make, change, delete, and try a question on one."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api.openapi import problems
from chatcms.core.api.ordering import OrderedPages, ordering_parameter
from chatcms.core.exceptions import PermissionDeniedError, PreconditionFailedError
from datasets import selectors, services
from datasets.api import queries, searching
from datasets.api.serializers import DatasetChangeSerializer, DatasetSerializer, NewDatasetSerializer
from datasets.exceptions import DatasetQuotaError, NoSuchDatasetError
from datasets.models import Dataset
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError
from tenants.permissions import Capability

_REFUSALS = (CredentialError, PermissionDeniedError)
_ORDERINGS = ("-id", "id", "name", "-name", "-updated_at", "updated_at")
_EXAMPLE = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
    "name": "Handbook",
    "description": "What our customers ask about",
    "language": "auto",
    "chunk_tokens": 200,
    "chunk_overlap": 40,
    "chunk_count": 412,
    "document_count": 9,
    "ready_count": 9,
    "failed_count": 0,
    "is_active": True,
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:00Z",
}


class DatasetsView(ListModelMixin, TenantAPIView):
    """All datasets of the tenant, and new ones."""

    serializer_class = DatasetSerializer
    capabilities = {"GET": Capability.DATASETS_READ, "POST": Capability.DATASETS_WRITE}
    pagination_class = OrderedPages
    orderings = _ORDERINGS

    def get_queryset(self) -> QuerySet[Dataset]:
        """With their counts; those that are asked for."""
        return selectors.datasets_with_counts(by=self.actor, **queries.asked(queries.DatasetQuery, self.request))

    @extend_schema(
        operation_id="datasets_list",
        tags=["datasets"],
        summary="List datasets",
        parameters=[queries.DatasetQuery, ordering_parameter(_ORDERINGS)],
        responses={200: DatasetSerializer(many=True), **problems(400, 429, errors=_REFUSALS)},
        examples=[OpenApiExample("A dataset", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request) -> Response:
        """Newest first, unless asked otherwise."""
        return self.list(request)

    @extend_schema(
        operation_id="datasets_create",
        tags=["datasets"],
        summary="Make a dataset",
        request=NewDatasetSerializer,
        responses={201: DatasetSerializer, **problems(400, 429, errors=(*_REFUSALS, DatasetQuotaError))},
        examples=[
            OpenApiExample("A handbook", value={"name": "Handbook"}, request_only=True),
            OpenApiExample("The dataset", value=_EXAMPLE, response_only=True, status_codes=[201]),
        ],
    )
    def post(self, request: Request) -> Response:
        """Make a dataset; a key that is limited to certain datasets cannot."""
        asked = NewDatasetSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        dataset = services.create_dataset(by=self.actor, **asked.validated_data)
        return self.tagged(dataset, DatasetSerializer(dataset).data, status=201)


class DatasetView(TenantAPIView):
    """One dataset."""

    serializer_class = DatasetSerializer
    capabilities = {
        "GET": Capability.DATASETS_READ,
        "PATCH": Capability.DATASETS_WRITE,
        "DELETE": Capability.DATASETS_WRITE,
    }

    @extend_schema(
        operation_id="datasets_read",
        tags=["datasets"],
        summary="Read a dataset",
        responses={200: DatasetSerializer, **problems(429, errors=(*_REFUSALS, NoSuchDatasetError))},
        examples=[OpenApiExample("The dataset", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """With its counts."""
        dataset = selectors.dataset_by_id(dataset_id, by=self.actor)
        return self.tagged(dataset, DatasetSerializer(dataset).data)

    @extend_schema(
        operation_id="datasets_update",
        tags=["datasets"],
        summary="Change a dataset",
        request=DatasetChangeSerializer,
        responses={
            200: DatasetSerializer,
            **problems(400, 429, errors=(*_REFUSALS, NoSuchDatasetError, PreconditionFailedError)),
        },
        examples=[
            OpenApiExample("Rename it", value={"name": "Handbook 2026"}, request_only=True),
            OpenApiExample("The dataset", value=_EXAMPLE, response_only=True, status_codes=[200]),
        ],
    )
    def patch(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Change the fields sent."""
        dataset = selectors.dataset_by_id(dataset_id, by=self.actor)
        asked = DatasetChangeSerializer(dataset, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        with self.unchanged(dataset):
            services.update_dataset(by=self.actor, dataset=dataset, **asked.validated_data)
        return self.tagged(dataset, DatasetSerializer(dataset).data)

    @extend_schema(
        operation_id="datasets_delete",
        tags=["datasets"],
        summary="Delete a dataset",
        description="Deletes its documents, chunks, vectors and files as well. This cannot be undone.",
        responses={204: None, **problems(429, errors=(*_REFUSALS, NoSuchDatasetError, PreconditionFailedError))},
    )
    def delete(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Delete all of it."""
        dataset = selectors.dataset_by_id(dataset_id, by=self.actor)
        with self.unchanged(dataset, after=selectors.documents_of(dataset)):
            services.delete_dataset(by=self.actor, dataset=dataset)
        return Response(status=204)


class DatasetSearchView(TenantAPIView):
    """Tries a question on a dataset, by the very function that bots answer with."""

    capabilities = {"POST": Capability.DATASETS_READ}
    idempotent = False

    @extend_schema(
        operation_id="datasets_search",
        tags=["datasets"],
        summary="Try a question",
        description=(
            "Finds what a bot would be given for this question, by the same code, with the scores of both legs "
            "(meaning and words), the decision whether that is good enough to answer from, and timings."
        ),
        request=searching.SearchSerializer,
        responses={
            200: searching.SearchResultSerializer,
            **problems(400, 429, errors=(*_REFUSALS, NoSuchDatasetError)),
        },
        examples=[searching.QUESTION_EXAMPLE, searching.RESULT_EXAMPLE],
    )
    def post(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Search the dataset."""
        asked = searching.SearchSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        dataset = selectors.dataset_by_id(dataset_id, by=self.actor)
        trial = services.try_question(
            dataset_ids=[dataset.id], question=asked.validated_data["query"], limit=asked.validated_data["limit"]
        )
        return Response(searching.SearchResultSerializer(trial).data)
