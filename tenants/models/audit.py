"""The audit log: who did what to which thing, append-only by the database itself."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now

from chatcms.core.db.ids import uuid7


class AuditEvent(models.Model):
    """One fact; ids are plain values, so that the line outlives what it speaks of."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    at = models.DateTimeField(auto_now_add=True, db_default=Now())
    tenant_id = models.UUIDField(null=True, db_index=True)
    action = models.CharField(max_length=80)
    actor_type = models.CharField(max_length=20)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=254, blank=True)
    target_type = models.CharField(max_length=60, blank=True)
    target_id = models.CharField(max_length=60, blank=True)
    target_label = models.CharField(max_length=255, blank=True)
    detail = models.JSONField(default=dict)
    # The grant under which the platform's staff acted inside a tenant.
    grant_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        db_table = "audit_log"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["tenant_id", "-id"], name="audit_by_tenant"),
            models.Index(
                fields=["action", "-id"], condition=models.Q(tenant_id__isnull=True), name="audit_of_platform"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target_type} {self.target_id}"
