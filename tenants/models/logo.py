"""The picture that a tenant uploaded as its logo."""

from __future__ import annotations

from django.db import models

from chatcms.core.db.models import TimestampedModel
from tenants.models.tenant import Tenant


class TenantLogo(TimestampedModel):
    """A tenant's logo as it was uploaded, under the name that `TenantSettings.logo_name` has too.

    It is a table of its own because every page loads the settings, and only the picture's address the picture.
    """

    tenant = models.OneToOneField(Tenant, on_delete=models.CASCADE, related_name="logo")
    name = models.CharField(max_length=80)
    content_type = models.CharField(max_length=40)
    content = models.BinaryField()

    class Meta:
        db_table = "tenant_logos"

    def __str__(self) -> str:
        return f"logo of {self.tenant_id}"
