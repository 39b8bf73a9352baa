"""Which days, and which answers in them, figures are asked for; checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request

from chat.analytics.figures import Narrowing
from chat.analytics.period import Period, period_of
from chat.enums import Channel
from chatcms.core.api import serializers
from tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class AskedFigures:
    """A query that has been checked; `more` is what the view itself asks for."""

    period: Period
    where: Narrowing
    more: dict[str, Any]


class PeriodQuery(serializers.Serializer[Any]):
    """Which days, in the tenant's time zone."""

    since = serializers.DateField(required=False, help_text="The first day; as usual 29 days before the last one.")
    until = serializers.DateField(required=False, help_text="The last day, included; as usual today.")
    bot_id = serializers.UUIDField(required=False, help_text="What was asked of this bot.")

    @classmethod
    def asked(cls, request: Request, tenant: Tenant) -> AskedFigures:
        """Return the checked query of a request; raise `AnalyticsPeriodError` for days that cannot be had."""
        query = serializers.checked_query(cls, request)
        period = period_of(tenant_id=tenant.pk, since=query.pop("since", None), until=query.pop("until", None))
        narrowing = {name: query.pop(name, None) for name in ("bot_id", "channel", "model")}
        return AskedFigures(period, Narrowing(**narrowing), query)


class FiguresQuery(PeriodQuery):
    """Which days, and what of them."""

    channel = serializers.ChoiceField(
        choices=Channel.choices, required=False, help_text="Only conversations that are held through this."
    )
    model = serializers.CharField(max_length=200, required=False, help_text="What this model answered.")


class BreakdownQuery(FiguresQuery):
    """Which days, what of them, and by what."""

    by = serializers.ChoiceField(
        choices=["day", "week", "month", "bot", "model", "channel"],
        default="day",
        help_text="A week begins on Monday; the first and last one, and month, may lie partly outside of the days.",
    )


class DocumentsQuery(PeriodQuery):
    """Which days, and which end of the list."""

    order = serializers.ChoiceField(choices=["most", "least"], default="most", help_text="Cited most or least often.")
    limit = serializers.IntegerField(
        min_value=1, max_value=100, default=25, help_text="How many at most, the most cited first."
    )
