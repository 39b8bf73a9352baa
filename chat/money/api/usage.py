"""What a tenant has used, and how much of its plan is left."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from chat.money.services import reports
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import PermissionDeniedError
from chatcms.core.http.attachments import HEADER, attachment
from chatcms.core.text import csvout
from tenants.api_base import TenantAPIView
from tenants.exceptions import CredentialError, PeriodError
from tenants.permissions import Capability

_REFUSALS = (CredentialError, PermissionDeniedError)
_SUM: dict[str, Any] = {
    "messages": 1204,
    "prompt_tokens": 1480233,
    "completion_tokens": 210874,
    "cost": "1.84512000",
    "unpriced": 0,
    "cache_read_tokens": 901120,
    "cache_write_tokens": 65536,
    "reasoning_tokens": 40210,
}


class TenantUsageQuery(serializers.Serializer[Any]):
    """Which days of usage, summed up by what."""

    since = serializers.DateField(required=False, help_text="First day, UTC; 29 days before the last if absent.")
    until = serializers.DateField(required=False, help_text="Last day, UTC; today if absent.")
    bot_id = serializers.UUIDField(required=False, help_text="Only what this bot used.")
    model = serializers.CharField(max_length=200, required=False, help_text="Only what this model used, by its id.")
    group_by = serializers.ChoiceField(
        choices=["day", "bot", "model"], required=False, default="day", help_text="By what the sums are divided."
    )


class UsedBotSerializer(serializers.Serializer[Any]):
    """A bot that was used; its name is null when it is deleted."""

    id = serializers.UUIDField(help_text="The bot.")
    name = serializers.CharField(allow_null=True, help_text="What it is called; null once it is deleted.")


class TenantUsageTotalSerializer(serializers.Serializer[Any]):
    """What was used in all of the days."""

    messages = serializers.IntegerField(help_text="Answers.")
    prompt_tokens = serializers.IntegerField(help_text="Tokens of all that models were sent.")
    completion_tokens = serializers.IntegerField(help_text="Tokens of answers.")
    cost = serializers.DecimalField(max_digits=18, decimal_places=8, help_text="US dollars.")
    unpriced = serializers.IntegerField(help_text="Answers of models whose price is unknown; not in `cost`.")
    cache_read_tokens = serializers.IntegerField(help_text="What of `prompt_tokens` was read from the vendor's cache.")
    cache_write_tokens = serializers.IntegerField(
        help_text="What of `prompt_tokens` was written to the vendor's cache."
    )
    reasoning_tokens = serializers.IntegerField(help_text="What of `completion_tokens` was spent on thoughts.")


class TenantUsageSumSerializer(TenantUsageTotalSerializer):
    """What was used: on one day, by one bot, or of one model."""

    day = serializers.DateField(required=False, help_text="The day, in UTC; only when divided by days.")
    bot = UsedBotSerializer(required=False, help_text="The bot; only when divided by bots.")
    model = serializers.CharField(required=False, help_text="The model's id; only when divided by models.")


class TenantUsageReportSerializer(serializers.Serializer[Any]):
    """Usage of the tenant."""

    since = serializers.DateField(help_text="The first day, in UTC.")
    until = serializers.DateField(help_text="The last day, in UTC; it counts in.")
    group_by = serializers.CharField(help_text="By what the sums are divided, as asked.")
    results = TenantUsageSumSerializer(many=True, help_text="The sums, each named by the member that `group_by` says.")
    total = TenantUsageTotalSerializer(help_text="The sum of all of them.")


class CountShareSerializer(serializers.Serializer[Any]):
    """How many of something; null is no limit."""

    limit = serializers.IntegerField(allow_null=True, help_text="How many the plan allows; null: as many as you like.")
    used = serializers.IntegerField(help_text="How many there are.")
    left = serializers.IntegerField(allow_null=True, help_text="How many are left; null without a limit.")


class MoneyShareSerializer(serializers.Serializer[Any]):
    """How much money, in US dollars; null is no limit."""

    limit = serializers.DecimalField(
        max_digits=18,
        decimal_places=8,
        allow_null=True,
        help_text="How much the plan allows, in US dollars; null: as much as you like.",
    )
    used = serializers.DecimalField(max_digits=18, decimal_places=8, help_text="How much is spent, in US dollars.")
    left = serializers.DecimalField(
        max_digits=18,
        decimal_places=8,
        allow_null=True,
        help_text="How much is left, in US dollars; null without a limit.",
    )


class PlanInForceSerializer(serializers.Serializer[Any]):
    """The plan of a tenant."""

    code = serializers.CharField(help_text="The plan's short name, which never changes.")
    name = serializers.CharField(help_text="What the plan is called.")


class QuotaSerializer(serializers.Serializer[Any]):
    """What the plan allows, and how much of it is used."""

    plan = PlanInForceSerializer(allow_null=True, help_text="Null when nothing bounds the tenant.")
    resets_at = serializers.DateTimeField(help_text="When what is counted by the month begins anew.")
    bots = CountShareSerializer(help_text="Archived ones take no place.")
    datasets = CountShareSerializer(help_text="Datasets that there are.")
    documents = CountShareSerializer(help_text="Documents in all datasets.")
    storage_bytes = CountShareSerializer(help_text="Bytes of uploaded files.")
    members = CountShareSerializer(help_text="Open invitations take places too.")
    monthly_messages = CountShareSerializer(help_text="Answers, those under way included.")
    monthly_cost = MoneyShareSerializer(help_text="What answers have cost in this month (UTC).")


class UsageView(TenantAPIView):
    """Usage of the tenant."""

    serializer_class = TenantUsageReportSerializer
    capabilities: ClassVar = {"GET": Capability.USAGE_READ}
    pagination_class = None

    @extend_schema(
        operation_id="usage_read",
        tags=["usage"],
        summary="Sum usage up",
        description=(
            "By day, bot or model; up to 366 days. Counts what was used also when the conversation or the bot is "
            "deleted since. Days come in order, bots and models with the most answers first."
        ),
        parameters=[TenantUsageQuery],
        responses={200: TenantUsageReportSerializer, **problems(400, errors=(*_REFUSALS, PeriodError))},
        examples=[
            OpenApiExample(
                "By day",
                value={
                    "since": "2026-01-31",
                    "until": "2026-01-31",
                    "group_by": "day",
                    "results": [{"day": "2026-01-31", **_SUM}],
                    "total": _SUM,
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Give the sums."""
        report = reports.usage(by=self.actor, **serializers.checked_query(TenantUsageQuery, request))
        return Response(TenantUsageReportSerializer(report).data)


class UsageCsvView(TenantAPIView):
    """Usage of the tenant, as a table."""

    capabilities: ClassVar = {"GET": Capability.USAGE_READ}
    pagination_class = None

    @extend_schema(
        operation_id="usage_csv",
        tags=["usage"],
        summary="Sum usage up, as CSV",
        parameters=[TenantUsageQuery],
        responses={
            (200, "text/csv"): OpenApiResponse(str, description="A line for each sum."),
            **problems(400, errors=(*_REFUSALS, PeriodError)),
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Give the sums as CSV."""
        report = reports.usage(by=self.actor, **serializers.checked_query(TenantUsageQuery, request))
        group = report["group_by"]
        heading = ["bot_id", "bot"] if group == "bot" else [group]
        rows: list[list[Any]] = [[*heading, *reports.COUNTERS]]
        for line in report["results"]:
            named = list(line["bot"].values()) if group == "bot" else [line[group]]
            rows.append([*named, *(line[counter] for counter in reports.COUNTERS)])
        headers = {HEADER: attachment(f"usage-by-{group}.csv"), "Cache-Control": "no-store"}
        return HttpResponse(csvout.document(rows), content_type=csvout.CONTENT_TYPE, headers=headers)


class QuotaView(TenantAPIView):
    """The plan of the tenant."""

    serializer_class = QuotaSerializer
    capabilities: ClassVar = {"GET": Capability.QUOTA_READ}
    pagination_class = None

    @extend_schema(
        operation_id="quota_read",
        tags=["usage"],
        summary="Show what the plan allows and what is left",
        responses={200: QuotaSerializer, **problems(errors=_REFUSALS)},
        examples=[
            OpenApiExample(
                "A plan",
                value={
                    "plan": {"code": "standard", "name": "Standard"},
                    "resets_at": "2026-02-01T00:00:00Z",
                    "bots": {"limit": 10, "used": 3, "left": 7},
                    "datasets": {"limit": None, "used": 2, "left": None},
                    "documents": {"limit": 1000, "used": 412, "left": 588},
                    "storage_bytes": {"limit": 1073741824, "used": 20971520, "left": 1052770304},
                    "members": {"limit": 5, "used": 5, "left": 0},
                    "monthly_messages": {"limit": 20000, "used": 1204, "left": 18796},
                    "monthly_cost": {"limit": "50.00000000", "used": "1.84512000", "left": "48.15488000"},
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """Give the plan's limits, each with what is used and left."""
        return Response(QuotaSerializer(reports.quota(tenant=self.tenant)).data)
