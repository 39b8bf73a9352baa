"""Which of the tenant's documents answers were made from."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat.analytics.api.base import PROBLEMS, days_of
from chat.analytics.api.queries import DocumentsQuery, PeriodQuery
from chat.analytics.api.serializers import DocumentsUsedSerializer
from chat.analytics.documents import documents_used
from chat.analytics.files import as_csv
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ABOUT = """\
An answer cites a document once, however many of its passages it points to. With `bot_id` only the documents that the
bot searches are listed. Documents that were never ready, or were deleted, are not listed.
"""
_EXAMPLE = {
    "since": "2026-05-01",
    "until": "2026-05-30",
    "time_zone": "Europe/Oslo",
    "cited": 31,
    "never_cited": 9,
    "results": [
        {
            "document_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
            "name": "Returns and refunds.pdf",
            "dataset_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
            "dataset": "Handbook",
            "answers": 212,
            "last_cited": "2026-05-30",
        }
    ],
}


class AnalyticsDocumentsView(TenantAPIView):
    """The most or the least used documents."""

    capabilities: ClassVar = {"GET": Capability.ANALYTICS_READ}
    serializer_class = DocumentsUsedSerializer
    pagination_class = None

    @extend_schema(
        operation_id="analytics_documents",
        tags=["analytics"],
        summary="Show which documents are used",
        description=_ABOUT,
        parameters=[DocumentsQuery],
        responses={200: DocumentsUsedSerializer, **PROBLEMS},
        examples=[OpenApiExample("The most used", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request) -> Response:
        """Give the documents that were cited most, or least, in some days."""
        asked = DocumentsQuery.asked(request, self.tenant)
        used = documents_used(by=self.actor, period=asked.period, bot_id=asked.where.bot_id, **asked.more)
        shown = {
            **days_of(asked.period),
            "cited": used.cited,
            "never_cited": used.never_cited,
            "results": used.lines,
        }
        return Response(DocumentsUsedSerializer(shown).data)


class AnalyticsDocumentsCsvView(TenantAPIView):
    """All documents and how often they were cited, as a table."""

    capabilities: ClassVar = {"GET": Capability.ANALYTICS_READ}
    serializer_class = DocumentsUsedSerializer
    pagination_class = None

    @extend_schema(
        operation_id="analytics_documents_csv",
        tags=["analytics"],
        summary="Show which documents are used, as CSV",
        description="All of them, the most used first; a line of headings first.\n\n" + _ABOUT,
        parameters=[PeriodQuery],
        responses={(200, "text/csv"): OpenApiResponse(str, description="A line for each document."), **PROBLEMS},
    )
    def get(self, request: Request) -> HttpResponse:
        """Give all documents, the most used first."""
        asked = PeriodQuery.asked(request, self.tenant)
        used = documents_used(by=self.actor, period=asked.period, bot_id=asked.where.bot_id, limit=None)
        headings = ("document_id", "name", "dataset_id", "dataset", "answers", "last_cited")
        rows = ([getattr(line, name) for name in headings] for line in used.lines)
        return as_csv("documents", asked.period, headings, rows)
