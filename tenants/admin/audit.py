"""The audit log, to read."""

from __future__ import annotations

from django.contrib import admin

from tenants.admin.base import ReadOnlyAdmin
from tenants.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what to which thing; the database refuses to change a line, and so does this page."""

    list_display = ["at", "action", "actor_type", "actor_label", "target_type", "target_label", "tenant_id"]
    list_filter = ["actor_type", "action"]
    search_fields = ["=action", "actor_label", "target_label", "=target_id", "=tenant_id", "=request_id"]
    date_hierarchy = "at"
    list_per_page = 50
