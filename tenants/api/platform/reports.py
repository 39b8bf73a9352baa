"""What the platform's staff look up: usage across tenants, and the audit log."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.http.attachments import HEADER, attachment
from chatcms.core.text import csvout
from tenants import exceptions, selectors
from tenants.api.platform.serializers import (
    PlatformAuditQuery,
    PlatformAuditSerializer,
    UsageQuery,
    UsageReportSerializer,
)
from tenants.api.platform.tenants import REFUSALS
from tenants.api_base import PlatformAPIView
from tenants.models import AuditEvent
from tenants.services import reports


class UsageView(PlatformAPIView):
    """Usage across tenants."""

    serializer_class = UsageReportSerializer

    @extend_schema(
        operation_id="platform_usage",
        tags=["platform"],
        summary="Sum up usage across tenants",
        description="From counters that are rolled up every hour; up to 366 days. The largest first, days in order.",
        parameters=[UsageQuery],
        responses={
            200: UsageReportSerializer,
            **problems(400, errors=(*REFUSALS, exceptions.PeriodError, exceptions.NoSuchTenantError)),
        },
    )
    def get(self, request: Request) -> Response:
        """Give the sums."""
        report = reports.usage(**serializers.checked_query(UsageQuery, request))
        return Response(UsageReportSerializer(report).data)


class UsageCsvView(PlatformAPIView):
    """Usage across tenants as a table."""

    serializer_class = UsageReportSerializer

    @extend_schema(
        operation_id="platform_usage_csv",
        tags=["platform"],
        summary="Sum up usage across tenants, as CSV",
        parameters=[UsageQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(str, description="A line for each sum."),
            **problems(400, errors=(*REFUSALS, exceptions.PeriodError, exceptions.NoSuchTenantError)),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Give the sums as CSV."""
        report = reports.usage(**serializers.checked_query(UsageQuery, request))
        name = report["group_by"]
        rows: list[list[Any]] = [[name, *reports.COUNTERS]]
        for line in report["results"]:
            shown = line["tenant"].slug if name == "tenant" else line[name]
            rows.append([str(shown), *(line[counter] for counter in reports.COUNTERS)])
        headers = {HEADER: attachment(f"usage-by-{name}.csv")}
        return HttpResponse(csvout.document(rows), content_type=csvout.CONTENT_TYPE, headers=headers)


class PlatformAuditView(ListModelMixin, PlatformAPIView):
    """The audit log of all."""

    serializer_class = PlatformAuditSerializer

    def get_queryset(self) -> QuerySet[AuditEvent]:
        """The lines that are asked for."""
        return selectors.audit_lines(**serializers.checked_query(PlatformAuditQuery, self.request))

    @extend_schema(
        operation_id="platform_audit_list",
        tags=["platform"],
        summary="Read the audit log",
        parameters=[PlatformAuditQuery],
        responses={200: PlatformAuditSerializer(many=True), **problems(400, errors=REFUSALS)},
    )
    def get(self, request: Request) -> Response:
        """The latest first; nothing is ever changed or deleted here, by the database itself."""
        return self.list(request)
