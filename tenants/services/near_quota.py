"""Finds tenants that have used up most of what their plan gives, from figures of the public schema."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.utils import timezone

from tenants.models import Membership, Tenant, UsageDay

NEAR = 0.8


@dataclass(frozen=True, slots=True)
class Quota:
    """What a tenant has used of one limit of its plan this month; no limit is None."""

    name: str
    used: Decimal
    limit: Decimal | None

    @property
    def share(self) -> float:
        """The part that is used, 0 without a limit."""
        return float(self.used / self.limit) if self.limit else 0.0


def quotas_of(tenant: Tenant) -> list[Quota]:
    """Return what one tenant has used of its plan: members, and this month's messages and cost."""
    return _quotas(tenant, _figures([tenant.pk]))


def tenants_near() -> list[tuple[Tenant, Quota]]:
    """Return tenants that have used `NEAR` of a limit or more, each with the fullest one; the fullest first."""
    tenants = list(Tenant.objects.select_related("plan").exclude(plan=None))
    figures = _figures([tenant.pk for tenant in tenants])
    fullest = [(tenant, max(_quotas(tenant, figures), key=lambda each: each.share)) for tenant in tenants]
    near = [pair for pair in fullest if pair[1].share >= NEAR]
    return sorted(near, key=lambda pair: pair[1].share, reverse=True)


Figures = dict[uuid.UUID, dict[str, Any]]


def _figures(tenant_ids: list[uuid.UUID]) -> Figures:
    figures: Figures = {tenant_id: {"members": 0, "messages": 0, "cost": 0} for tenant_id in tenant_ids}
    members = Membership.objects.filter(tenant_id__in=tenant_ids, is_active=True).order_by().values("tenant_id")
    for row in members.annotate(count=Count("id")):
        figures[row["tenant_id"]]["members"] = row["count"]
    first = timezone.now().date().replace(day=1)
    days = UsageDay.objects.filter(tenant_id__in=tenant_ids, day__gte=first).order_by().values("tenant_id")
    for sums in days.annotate(sum_messages=Sum("messages"), sum_cost=Sum("cost")):
        figures[sums["tenant_id"]].update(messages=sums["sum_messages"], cost=sums["sum_cost"])
    return figures


def _quotas(tenant: Tenant, figures: Figures) -> list[Quota]:
    plan, used = tenant.plan, figures[tenant.pk]
    limits = {
        "members": plan.max_members if plan else None,
        "messages": plan.max_monthly_messages if plan else None,
        "cost": plan.max_monthly_cost if plan else None,
    }
    return [
        Quota(name, Decimal(used[name]), None if limit is None else Decimal(limit)) for name, limit in limits.items()
    ]
