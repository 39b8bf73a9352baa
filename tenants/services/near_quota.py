"""Finds tenants that have used up most of what their plan gives, without entering each of them."""

from __future__ import annotations

from django.db.models import OuterRef, QuerySet
from django.utils import timezone

from chatcms.core.db.folded import summed, summed_money
from tenants import quotas
from tenants.context import tenant_scope
from tenants.models import Tenant, UsageDay
from tenants.quotas import NEAR, Quota

# What the platform's own tables know of every tenant: the others are counted in a tenant's schema.
_KNOWN: tuple[quotas.Figure, ...] = ("members", "monthly_messages", "monthly_cost")


def quotas_of(tenant: Tenant) -> list[Quota]:
    """Return what one tenant has used of each thing that plans bound, as the tenant itself sees it.

    Of a tenant whose schema is not made yet only the members.
    """
    if tenant.schema_made_at is None:
        return quotas.quotas_of(tenant.pk, tenant.plan, "members")
    with tenant_scope(tenant):
        return quotas.quotas_of(tenant.pk, tenant.plan, *quotas.FIGURES)


def tenants_near() -> list[tuple[Tenant, Quota]]:
    """Return tenants that have used `NEAR` of a limit or more, each with the fullest one; the fullest first.

    Members are counted as everywhere; messages and cost by the usage that was rolled up last, within the hour, so that
    no schema is entered.
    """
    tenants = _with_figures(Tenant.objects.select_related("plan").exclude(plan=None))
    fullest = [(tenant, max(_quotas(tenant), key=lambda each: each.share)) for tenant in tenants]
    near = [pair for pair in fullest if pair[1].share >= NEAR]
    return sorted(near, key=lambda pair: pair[1].share, reverse=True)


def _with_figures(tenants: QuerySet[Tenant]) -> QuerySet[Tenant]:
    days = UsageDay.objects.filter(tenant=OuterRef("pk"), day__gte=timezone.now().date().replace(day=1))
    return tenants.annotate(
        **quotas.columns("members"),
        used_monthly_messages=summed(days, "messages"),
        used_monthly_cost=summed_money(days, "cost"),
    )


def _quotas(tenant: Tenant) -> list[Quota]:
    return [Quota(name, getattr(tenant, f"used_{name}"), quotas.limit_of(tenant.plan, name)) for name in _KNOWN]
