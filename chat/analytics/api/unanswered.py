"""What people asked and nothing was found for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat.analytics.api.base import PROBLEMS, days_of
from chat.analytics.api.queries import PeriodQuery
from chat.analytics.api.serializers import CountField, PeriodSerializer
from chat.analytics.files import as_csv
from chat.analytics.tables import UNANSWERED_HEADINGS, unanswered_rows
from chat.analytics.unanswered import unanswered
from chatcms.core.api import serializers
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ABOUT = """\
The last 500 questions of the days for which documents were searched and nothing was found, or nothing that the model
found to hold the answer; those that mean the same come together, the one that most people asked first. Questions in
deleted conversations are not among them. A group that somebody has dismissed
(`PUT /v1/tenant/messages/{message_id}/dismissal`) is left out until one of its questions is asked anew; with
`dismissed=true` those come instead.
"""
_EXAMPLE = {
    "since": "2026-05-01",
    "until": "2026-05-30",
    "time_zone": "Europe/Oslo",
    "results": [
        {
            "question": "Do you ship to Iceland?",
            "people": 14,
            "asked": 19,
            "last_asked_at": "2026-05-30T09:30:00Z",
            "message_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
            "dismissed_at": None,
            "dismissed_by": "",
            "examples": [
                {
                    "question": "Can you deliver to Iceland?",
                    "conversation_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
                    "message_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b6",
                    "asked_at": "2026-05-30T09:30:00Z",
                }
            ],
        }
    ],
}


class GroupsQuery(PeriodQuery):
    """Which days, and which groups."""

    dismissed = serializers.BooleanField(default=False, help_text="Those that were dismissed, and no others.")


class UnansweredQuery(GroupsQuery):
    """Which days, which groups, and how many."""

    limit = serializers.IntegerField(
        min_value=1, max_value=100, default=25, help_text="How many groups at most, those that most people asked first."
    )


class UnansweredExampleSerializer(serializers.Serializer[Any]):
    """One of the questions, and where it was asked."""

    question = serializers.CharField(help_text="The question as it was put.")
    conversation_id = serializers.UUIDField(help_text="The conversation that it was asked in.")
    message_id = serializers.UUIDField(help_text="Of the answer.")
    asked_at = serializers.DateTimeField(help_text="When it was asked.")


class UnansweredGroupSerializer(serializers.Serializer[Any]):
    """Questions that mean the same."""

    question = serializers.CharField(help_text="As most people put it.")
    people = CountField("Different people who asked.")
    asked = CountField("How often it was asked.")
    last_asked_at = serializers.DateTimeField(help_text="When one of its questions was asked last.")
    message_id = serializers.UUIDField(help_text="Of an answer by which the group is dismissed, or shown again.")
    dismissed_at = serializers.DateTimeField(
        allow_null=True,
        help_text=(
            "When somebody marked the group as done; null while it is to be seen to, and once it is asked anew."
        ),
    )
    dismissed_by = serializers.CharField(help_text="Who did, as the audit log names them; empty when nobody has.")
    examples = UnansweredExampleSerializer(many=True, help_text="The latest.")


class UnansweredSerializer(PeriodSerializer):
    """Questions for which nothing was found."""

    results = UnansweredGroupSerializer(many=True, help_text="The groups, those that most people asked first.")


class UnansweredView(TenantAPIView):
    """Questions for which nothing was found, by meaning."""

    capabilities: ClassVar = {"GET": Capability.ANALYTICS_READ}
    serializer_class = UnansweredSerializer
    pagination_class = None

    @extend_schema(
        operation_id="analytics_unanswered",
        tags=["analytics"],
        summary="Show what was not answered",
        description=_ABOUT,
        parameters=[UnansweredQuery],
        responses={200: UnansweredSerializer, **PROBLEMS},
        examples=[OpenApiExample("A group", value=_EXAMPLE, response_only=True, status_codes=[200])],
    )
    def get(self, request: Request) -> Response:
        """Give the groups that most people asked."""
        asked = UnansweredQuery.asked(request, self.tenant)
        groups = unanswered(by=self.actor, period=asked.period, bot_id=asked.where.bot_id, **asked.more)
        return Response(UnansweredSerializer({**days_of(asked.period), "results": groups}).data)


class UnansweredCsvView(TenantAPIView):
    """Questions for which nothing was found, as a table."""

    capabilities: ClassVar = {"GET": Capability.ANALYTICS_READ}
    serializer_class = UnansweredSerializer
    pagination_class = None

    @extend_schema(
        operation_id="analytics_unanswered_csv",
        tags=["analytics"],
        summary="Show what was not answered, as CSV",
        description=(
            "A line for each group, all of them, with where it was asked last; a line of headings first.\n\n" + _ABOUT
        ),
        parameters=[GroupsQuery],
        responses={(200, "text/csv"): OpenApiResponse(str, description="A line for each group."), **PROBLEMS},
    )
    def get(self, request: Request) -> HttpResponse:
        """Give all groups, the one that most people asked first."""
        asked = GroupsQuery.asked(request, self.tenant)
        groups = unanswered(by=self.actor, period=asked.period, bot_id=asked.where.bot_id, limit=None, **asked.more)
        return as_csv("unanswered", asked.period, UNANSWERED_HEADINGS, unanswered_rows(groups))
