"""Questions with their answers: list and add those of a dataset, change and delete one, in and out as CSV."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api.openapi import problems
from chatcms.core.api.ordering import OrderedPages, ordering_parameter
from chatcms.core.exceptions import PreconditionFailedError
from chatcms.core.http.attachments import HEADER, attachment
from chatcms.core.text import csvout
from datasets import exceptions, pairs_csv, selectors, services
from datasets.api import queries
from datasets.api.documents import REFUSALS
from datasets.api.serializers import NewPairSerializer, PairFileSerializer, PairSerializer, TakenSerializer
from datasets.models import QAPair
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ORDERINGS = ("-id", "id", "-updated_at", "updated_at", "question", "-question")
_ADDING = (exceptions.PairError, exceptions.TooManyPairsError, exceptions.DocumentQuotaError)
_EXAMPLE = {
    "id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4bc",
    "dataset_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
    "document_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4bd",
    "question": "Do you ship to Norway?",
    "answer": "Yes, within five working days. Customs may ask you for a fee.",
    "state": "waiting",
    "chunk_id": None,
    "created_at": "2026-01-31T09:30:00Z",
    "updated_at": "2026-01-31T09:30:00Z",
}
_READY = {**_EXAMPLE, "state": "ready", "chunk_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4be"}
_ABOUT = """\
Each is a chunk of the dataset's one document of source `qa`, which the first one makes: the question is its section,
the answer its text. So bots find it like anything else that the dataset holds, by the words and the meaning of both. It
is found once its `state` is `ready`, seconds later as a rule.
"""


class PairsView(ListModelMixin, TenantAPIView):
    """The questions with their answers of one dataset, and new ones."""

    serializer_class = PairSerializer
    capabilities = {"GET": Capability.DATASETS_READ, "POST": Capability.DATASETS_WRITE}
    pagination_class = OrderedPages
    orderings = _ORDERINGS

    def get_queryset(self) -> QuerySet[QAPair]:
        """Those of the dataset in the address that are asked for."""
        dataset = selectors.dataset_by_id(self.kwargs["dataset_id"], by=self.actor)
        return selectors.pairs_of(dataset, **queries.asked(queries.PairQuery, self.request))

    @extend_schema(
        operation_id="qa_list",
        tags=["qa"],
        summary="List a dataset's questions and answers",
        parameters=[queries.PairQuery, ordering_parameter(_ORDERINGS)],
        responses={
            200: PairSerializer(many=True),
            **problems(400, errors=(*REFUSALS, exceptions.NoSuchDatasetError)),
        },
        examples=[OpenApiExample("A pair", value=_READY, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Newest first, unless asked otherwise."""
        return self.list(request)

    @extend_schema(
        operation_id="qa_create",
        tags=["qa"],
        summary="Add a question and its answer",
        description=_ABOUT,
        request=NewPairSerializer,
        responses={
            201: PairSerializer,
            **problems(
                400,
                errors=(*REFUSALS, exceptions.NoSuchDatasetError, exceptions.QuestionTakenError, *_ADDING),
            ),
        },
        examples=[
            OpenApiExample(
                "Norway",
                request_only=True,
                value={"question": _EXAMPLE["question"], "answer": _EXAMPLE["answer"]},
            ),
            OpenApiExample("Added", value=_EXAMPLE, response_only=True, status_codes=[201]),
        ],
    )
    def post(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Add a pair."""
        dataset = selectors.dataset_by_id(dataset_id, by=self.actor)
        asked = NewPairSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        pair = services.add_pair(by=self.actor, dataset=dataset, **asked.validated_data)
        return self.tagged(pair, PairSerializer(pair).data, status=201)


class PairView(TenantAPIView):
    """One question with its answer."""

    capabilities = {
        "GET": Capability.DATASETS_READ,
        "PATCH": Capability.DATASETS_WRITE,
        "DELETE": Capability.DATASETS_WRITE,
    }

    @extend_schema(
        operation_id="qa_read",
        tags=["qa"],
        summary="Show a question and its answer",
        responses={200: PairSerializer, **problems(errors=(*REFUSALS, exceptions.NoSuchPairError))},
        examples=[OpenApiExample("The pair", value=_READY, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request, pair_id: uuid.UUID) -> Response:
        """Give one pair."""
        pair = selectors.pair_by_id(pair_id, by=self.actor)
        return self.tagged(pair, PairSerializer(pair).data)

    @extend_schema(
        operation_id="qa_update",
        tags=["qa"],
        summary="Change a question or its answer",
        description="What is not sent stays. Until it is indexed anew, it is found as it was; the others stay.",
        request=NewPairSerializer(partial=True),
        responses={
            200: PairSerializer,
            **problems(
                400,
                errors=(
                    *(*REFUSALS, exceptions.NoSuchPairError, exceptions.PairError),
                    *(exceptions.QuestionTakenError, PreconditionFailedError),
                ),
            ),
        },
        examples=[
            OpenApiExample("Another answer", value={"answer": "Not at present."}, request_only=True),
            OpenApiExample(
                "The pair", value={**_EXAMPLE, "answer": "Not at present."}, response_only=True, status_codes=[200]
            ),
        ],
    )
    def patch(self, request: Request, pair_id: uuid.UUID) -> Response:
        """Change what is sent."""
        pair = selectors.pair_by_id(pair_id, by=self.actor)
        asked = NewPairSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        with self.unchanged(pair, after=selectors.document_of(pair)):
            pair = services.update_pair(by=self.actor, pair=pair, **asked.validated_data)
        return self.tagged(pair, PairSerializer(pair).data)

    @extend_schema(
        operation_id="qa_delete",
        tags=["qa"],
        summary="Delete a question and its answer",
        description="It is found no more from this moment on.",
        responses={204: None, **problems(errors=(*REFUSALS, exceptions.NoSuchPairError, PreconditionFailedError))},
    )
    def delete(self, request: Request, pair_id: uuid.UUID) -> Response:
        """Delete one pair."""
        pair = selectors.pair_by_id(pair_id, by=self.actor)
        with self.unchanged(pair, after=selectors.document_of(pair)):
            services.delete_pair(by=self.actor, pair=pair)
        return Response(status=204)


class PairImportView(TenantAPIView):
    """Many questions with their answers at once."""

    serializer_class = PairFileSerializer
    parser_classes = (MultiPartParser,)
    capabilities = {"POST": Capability.DATASETS_WRITE}
    # A file is no part of what a key stands for.
    idempotent = False

    @extend_schema(
        operation_id="qa_import",
        tags=["qa"],
        summary="Import questions and answers from CSV",
        description=(
            "All or none. An answer takes the place of one to the same question (case and blanks do not matter); what "
            "is in the dataset and not in the file stays. Without headings the first column is the question and the "
            "second the answer. Sending a file again changes nothing."
        ),
        request={"multipart/form-data": PairFileSerializer},
        responses={
            200: TakenSerializer,
            **problems(400, errors=(*REFUSALS, exceptions.NoSuchDatasetError, exceptions.UnreadableCSVError, *_ADDING)),
        },
        examples=[
            OpenApiExample(
                "Taken in", value={"added": 12, "changed": 3, "unchanged": 40}, response_only=True, status_codes=[200]
            )
        ],
    )
    def post(self, request: Request, dataset_id: uuid.UUID) -> Response:
        """Take the pairs of a file in."""
        dataset = selectors.dataset_by_id(dataset_id, by=self.actor)
        asked = PairFileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        pairs = pairs_csv.read_pairs(asked.validated_data["file"].read(pairs_csv.MAX_BYTES + 1))
        taken = services.take_in_pairs(by=self.actor, dataset=dataset, pairs=pairs)
        return Response(TakenSerializer(taken).data)


class PairExportView(TenantAPIView):
    """All questions with their answers of one dataset, as a file."""

    capabilities = {"GET": Capability.DATASETS_READ}
    pagination_class = None

    @extend_schema(
        operation_id="qa_export",
        tags=["qa"],
        summary="Export questions and answers as CSV",
        description="With the headings `question` and `answer`, the oldest first. It can be imported as it is.",
        responses={
            (200, "text/csv"): OpenApiResponse(str, description="A pair a line."),
            **problems(errors=(*REFUSALS, exceptions.NoSuchDatasetError)),
        },
    )
    def get(self, request: Request, dataset_id: uuid.UUID) -> HttpResponseBase:
        """Give the pairs of a dataset."""
        dataset = selectors.dataset_by_id(dataset_id, by=self.actor)
        return pairs_file(pairs_csv.exported(dataset))


def pairs_file(content: bytes) -> HttpResponse:
    """Return pairs as a file to be saved."""
    headers = {HEADER: attachment("questions-and-answers.csv"), "Cache-Control": "no-store"}
    return HttpResponse(content, content_type=csvout.CONTENT_TYPE, headers=headers)
