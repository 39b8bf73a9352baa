"""The platform's own providers, in the public schema."""

from __future__ import annotations

import uuid

from django.db import models

from providers.abstract import ProviderRow
from providers.enums import Availability
from tenants.models import Tenant


class GlobalAIProviderQuerySet(models.QuerySet["GlobalAIProvider"]):
    """Selections of the platform's providers."""

    def available_to(self, tenant_id: uuid.UUID) -> GlobalAIProviderQuerySet:
        """Active ones that this tenant may use."""
        allowed = models.Q(availability=Availability.ALL) | models.Q(allowed_tenants=tenant_id)
        return self.filter(allowed, is_active=True).distinct()


class GlobalAIProvider(ProviderRow):
    """A provider with the platform's key, lent to all or to selected tenants.

    Every column but the first six has a default in the database, so that a plain SQL INSERT of those works;
    for its sake neither the name nor the default is unique: the newest default counts.
    """

    availability = models.CharField(
        max_length=10, choices=Availability, default=Availability.ALL, db_default=Availability.ALL
    )
    allowed_tenants = models.ManyToManyField(
        Tenant, blank=True, related_name="+", db_table="global_ai_provider_tenants"
    )

    objects = GlobalAIProviderQuerySet.as_manager()

    class Meta:
        db_table = "global_ai_providers"
        ordering = ["-created_at"]
        verbose_name = "platform provider"
