"""The audit log, to read."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse

from tenants.admin.base import ReadOnlyAdmin, staff
from tenants.models import AuditEvent
from tenants.services.auditing import for_staff, read_by_staff


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    """Who did what to which thing; the database refuses to change a line, and so does this page."""

    list_display = ["at", "action", "actor_type", "actor_label", "target_type", "target_label", "tenant_id"]
    list_filter = ["actor_type", "action"]
    search_fields = ["=action", "actor_label", "target_label", "=target_id", "=tenant_id", "=request_id"]
    date_hierarchy = "at"
    list_per_page = 50
    exclude = ["detail"]
    readonly_fields = ["facts"]

    @admin.display(description="detail")
    def facts(self, line: AuditEvent) -> str:
        """What the line tells; of a tenant's line, what things were and are is for the tenant."""
        return json.dumps(for_staff(line), indent=2, ensure_ascii=False)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show a line; who looks at a tenant's is on the tenant's own record."""
        line = self.get_object(request, object_id)
        if line is not None and self.has_view_permission(request, line):
            read_by_staff(by=staff(request), line=line)
        return super().change_view(request, object_id, form_url, extra_context)
