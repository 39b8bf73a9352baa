"""The tenant's figures as a whole, compared with the days before, and broken down."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat.analytics.api.base import PROBLEMS, days_of
from chat.analytics.api.queries import BreakdownQuery, FiguresQuery
from chat.analytics.api.serializers import BreakdownSerializer, ComparisonSerializer, shown
from chat.analytics.figures import broken_down, compared
from chat.analytics.files import as_csv
from chat.analytics.names import names_of
from chat.analytics.tables import HEADINGS, rows_of
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ABOUT = """\
Days are those of the tenant's time zone, at most 400. Figures outlive the conversations they are of: they hold no text.
The last minutes are in them; a rating that comes long after its question is, after five minutes.
"""
_FIGURES = {
    "conversations": 612, "questions": 1038, "answers": 1051, "messages": 2089, "people": 412, "visitors": 405,
    "from_documents": 901, "unanswered": 104, "curated": 21, "unsearched": 0, "failed": 12, "stopped": 9,
    "answered_rate": 0.8965, "failure_rate": 0.0116, "up": 188, "down": 23, "satisfaction": 0.891,
    "prompt_tokens": 1204332, "completion_tokens": 210554, "tokens": 1414886, "cost": "4.51430000", "currency": "USD",
    "unpriced": 0, "cache_read_tokens": 722560, "cache_write_tokens": 65536, "reasoning_tokens": 40210,
    "first_token_ms": {"p50": 580, "p95": 1510}, "total_ms": {"p50": 2900, "p95": 7200},
}  # fmt: skip
_DAYS = {"since": "2026-05-01", "until": "2026-05-30", "time_zone": "Europe/Oslo"}


class AnalyticsView(TenantAPIView):
    """The figures of some days as a whole."""

    capabilities: ClassVar = {"GET": Capability.ANALYTICS_READ}
    serializer_class = ComparisonSerializer
    pagination_class = None

    @extend_schema(
        operation_id="analytics_read",
        tags=["analytics"],
        summary="Show the figures",
        description=_ABOUT,
        parameters=[FiguresQuery],
        responses={200: ComparisonSerializer, **PROBLEMS},
        examples=[
            OpenApiExample(
                "A month",
                response_only=True,
                status_codes=[200],
                value={
                    **_DAYS,
                    "figures": _FIGURES,
                    "previous": {"since": "2026-04-01", "until": "2026-04-30"},
                    "previous_figures": _FIGURES,
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Give the figures of some days, and of as many before them to compare with."""
        asked = FiguresQuery.asked(request, self.tenant)
        found = compared(by=self.actor, period=asked.period, where=asked.where)
        before = found.period.before
        return Response(
            {
                **days_of(asked.period),
                "figures": shown(found.now),
                "previous": {"since": before.since, "until": before.until},
                "previous_figures": shown(found.before),
            }
        )


class BreakdownView(TenantAPIView):
    """The figures by something."""

    capabilities: ClassVar = {"GET": Capability.ANALYTICS_READ}
    serializer_class = BreakdownSerializer
    pagination_class = None

    @extend_schema(
        operation_id="analytics_breakdown",
        tags=["analytics"],
        summary="Show the figures by day, bot, model or channel",
        description=_ABOUT + "\nDays come in order and without gaps; bots, models and channels most questions first.",
        parameters=[BreakdownQuery],
        responses={200: BreakdownSerializer, **PROBLEMS},
        examples=[
            OpenApiExample(
                "By day",
                response_only=True,
                status_codes=[200],
                value={
                    **_DAYS,
                    "by": "day",
                    "results": [{"key": "2026-05-01", "name": "2026-05-01", "figures": _FIGURES}],
                },
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Give the figures of each."""
        asked = BreakdownQuery.asked(request, self.tenant)
        grouping = asked.more["by"]
        lines = broken_down(by=self.actor, period=asked.period, grouping=grouping, where=asked.where)
        names = names_of(grouping, lines)
        results = [{"key": line.key, "name": names.get(line.key, ""), "figures": shown(line.figures)} for line in lines]
        return Response({**days_of(asked.period), "by": grouping, "results": results})


class BreakdownCsvView(TenantAPIView):
    """The figures by something, as a table."""

    capabilities: ClassVar = {"GET": Capability.ANALYTICS_READ}
    serializer_class = BreakdownSerializer
    pagination_class = None

    @extend_schema(
        operation_id="analytics_breakdown_csv",
        tags=["analytics"],
        summary="Show the figures by day, bot, model or channel, as CSV",
        description="A line for each, in the order of the breakdown; a line of headings first.",
        parameters=[BreakdownQuery],
        responses={(200, "text/csv"): OpenApiResponse(str, description="A line for each."), **PROBLEMS},
    )
    def get(self, request: Request) -> HttpResponse:
        """Give the figures of each."""
        asked = BreakdownQuery.asked(request, self.tenant)
        grouping = asked.more["by"]
        lines = broken_down(by=self.actor, period=asked.period, grouping=grouping, where=asked.where)
        rows = rows_of(lines, names_of(grouping, lines))
        return as_csv(f"figures-by-{grouping}", asked.period, (grouping, "name", *HEADINGS), rows)
