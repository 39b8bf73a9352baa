"""Jobs of all tenants, to look at, to try again and to call off."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from chatcms.core.exceptions import AppError
from chatcms.jobs import services
from chatcms.jobs.models import Job, PeriodicTask
from tenants.admin.base import ReadOnlyAdmin, staff


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """What is queued, running, done or dead, and why."""

    list_display = ["kind", "tenant", "state", "attempts", "queue", "run_after", "finished_at", "last_error"]
    list_filter = ["state", "kind", "queue"]
    list_select_related = ["tenant"]
    search_fields = ["=id", "=target_id", "tenant__slug"]
    actions = ["try_again"]

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Those who could change jobs if jobs could be changed."""
        return request.user.has_perm("jobs.change_job")

    @admin.action(description="Try the selected jobs again", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Put dead and cancelled jobs into the queue again."""
        for job in queryset:
            try:
                services.try_again(by=staff(request), job=job)
            except AppError as error:
                self.message_user(request, f"{job}: {error.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{job.kind} {job.target_id} is queued.", messages.SUCCESS)


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(ReadOnlyAdmin):
    """When each periodic task ran last, and the tenants it failed for."""

    list_display = ["name", "started_at", "succeeded_at", "duration_ms", "failed_for", "error"]
    search_fields = ["name"]

    @admin.display(description="Failed for")
    def failed_for(self, row: PeriodicTask) -> str:
        """The slugs of those tenants."""
        return ", ".join(failed["slug"] for failed in row.failed_tenants)
