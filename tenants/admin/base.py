"""What the admin's pages share: who is acting, and pages that only show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest

from tenants.types import Actor

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:  # neither can be subscripted when the program runs
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline


def staff(request: HttpRequest) -> Actor:
    """The member of staff who makes the request, as services want it."""
    return Actor(type="staff", id=request.user.pk, label=request.user.get_username())


class ReadOnlyAdmin(ModelAdmin):
    """Rows that can be looked at and neither added, changed nor deleted here."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nobody adds one."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody changes one."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes one."""
        return False
