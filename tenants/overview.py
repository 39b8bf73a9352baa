"""Reads what several apps tell of a tenant by one query."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, Q, Subquery
from django.db.models.expressions import Combinable

from tenants.models import Tenant

Part = Combinable | Exists | Q | Subquery


def read(tenant: Tenant, **parts: Part) -> dict[str, Any]:
    """Return the value of each part, all of them by one query; the tenant is in force."""
    found: dict[str, Any] = Tenant.objects.annotate(**parts).values(*parts).get(pk=tenant.pk)
    return found
