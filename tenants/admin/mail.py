"""Mails, to see which could not be sent, and why."""

from __future__ import annotations

from django.contrib import admin

from tenants.admin.base import ReadOnlyAdmin
from tenants.models import Mail


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    """To whom each goes and what became of it; never what it says."""

    list_display = ["kind", "recipient", "state", "created_at", "sent_at", "error"]
    list_filter = ["state", "kind"]
    search_fields = ["=id", "recipient"]
    exclude = ["sealed", "is_wanted"]
