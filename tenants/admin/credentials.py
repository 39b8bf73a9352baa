"""API keys, to look at and to revoke."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from tenants.admin.base import ReadOnlyAdmin, staff
from tenants.models import ApiKey
from tenants.services import api_keys


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys of all tenants; members make them, staff can only revoke."""

    list_display = ["name", "prefix", "tenant", "scopes", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    list_select_related = ["tenant"]
    search_fields = ["name", "prefix", "tenant__name", "tenant__slug"]
    exclude = ["key_hash"]
    actions = ["revoke"]

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Those who could change keys if keys could be changed."""
        return request.user.has_perm("tenants.change_apikey")

    @admin.action(description="Revoke the selected keys", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        """Revoke each; the next request with it is refused."""
        for key in queryset:
            api_keys.revoke_api_key(by=staff(request), key=key)
        self.message_user(request, f"{len(queryset)} keys are revoked.", messages.SUCCESS)
