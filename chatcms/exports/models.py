"""The exports that were asked for, in the tenant's schema."""

from __future__ import annotations

from django.db import models

from chatcms.core.db.models import TimestampedModel
from chatcms.exports.enums import ExportState


class TenantExport(TimestampedModel):
    """One file with all that the tenant has; it is kept for a week."""

    state = models.CharField(max_length=10, choices=ExportState, default=ExportState.QUEUED)
    size_bytes = models.PositiveBigIntegerField(default=0)
    asked_by = models.UUIDField(null=True)
    asked_by_label = models.CharField(max_length=254, blank=True, default="")

    class Meta:
        db_table = "tenant_exports"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(state=ExportState.QUEUED), name="tenant_exports_one_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"
