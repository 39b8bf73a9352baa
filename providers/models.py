"""The providers of one tenant, in the tenant's schema."""

from __future__ import annotations

from django.db import models

from providers.abstract import ProviderRow
from providers.enums import ProviderType


class TenantAIProviderQuerySet(models.QuerySet["TenantAIProvider"]):
    """Selections of a tenant's providers."""

    def active(self) -> TenantAIProviderQuerySet:
        """Those that bots may use."""
        return self.filter(is_active=True)


class TenantAIProvider(ProviderRow):
    """A provider that this tenant set up: with its own key, or with the platform's (`global_provider_id`).

    A lent one has no config: its address, models and prices are in the platform's row alone.
    """

    # No foreign key: the platform's providers live in another schema.
    global_provider_id = models.UUIDField(null=True, blank=True)

    objects = TenantAIProviderQuerySet.as_manager()

    class Meta:
        db_table = "tenant_ai_providers"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["name"], name="tenant_ai_providers_name"),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=models.Q(is_default=True),
                name="tenant_ai_providers_one_default",
            ),
            models.CheckConstraint(
                condition=models.Q(global_provider_id=None) | models.Q(config={}),
                name="tenant_ai_providers_lent_has_no_config",
            ),
        ]

    @property
    def is_local(self) -> bool:
        """Whether it answers without any vendor."""
        return self.provider_type == ProviderType.LOCAL
