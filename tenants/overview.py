"""Reads what several apps tell of a tenant by one query, with the figures of its people."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Coalesce

from chatcms.core.folded import counted
from tenants.models import Membership, Tenant

Part = Coalesce | CombinedExpression | Exists | Q | Subquery | Value


def read(tenant: Tenant, **parts: Part) -> dict[str, Any]:
    """Return the value of each part, all of them by one query; the tenant is in force."""
    found: dict[str, Any] = Tenant.objects.annotate(**parts).values(*parts).get(pk=tenant.pk)
    return found


def members_kept() -> Coalesce:
    """How many active members the tenant has."""
    return counted(Membership.objects.filter(tenant=OuterRef("pk"), is_active=True))
