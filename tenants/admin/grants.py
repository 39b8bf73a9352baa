"""Leave to enter a tenant: staff ask for it here, and give it back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html

from chatcms.core.exceptions import AppError
from chatcms.core.pages.forms import TextField
from tenants.admin.base import ReadOnlyAdmin, staff
from tenants.enums import GrantRole
from tenants.models import AccessGrant, Tenant
from tenants.services import grants

EXPLANATION = (
    "You enter as a viewer or an editor, for a time. The owners get a mail, see your reason and what you do, and can "
    "end it at once; some want to be asked first."
)


class NewGrantForm(forms.Form):
    """Where to, as what, for how long and why."""

    tenant = forms.ModelChoiceField(Tenant.objects.enterable())
    role = forms.ChoiceField(choices=GrantRole.choices)
    minutes = forms.IntegerField(min_value=5, max_value=480, initial=60, help_text="5 to 480.")
    reason = TextField(max_length=500, help_text="The tenant reads it: name the ticket, say what you look for.")


@admin.register(AccessGrant)
class AccessGrantAdmin(ReadOnlyAdmin):
    """Who of the platform's staff may enter which tenant, and could."""

    list_display = ["staff", "tenant", "role", "shown_state", "reason", "created_at", "ends_at", "visit"]
    list_filter = ["role", ("closed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["staff", "tenant"]
    search_fields = ["staff__email", "tenant__name", "tenant__slug", "reason"]
    actions = ["end"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Those who have the right to ask."""
        return request.user.has_perm("tenants.add_accessgrant")

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Those who have the right to ask may give back; others' too."""
        return self.has_add_permission(request)

    @admin.display(description="State")
    def shown_state(self, grant: AccessGrant) -> str:
        """Where it is in its life."""
        return str(grant.state.label)

    @admin.display(description="Way in")
    def visit(self, grant: AccessGrant) -> str:
        """The way in, while it is open."""
        if grant.state != "active":
            return ""
        return format_html('<a href="/t/{}/">Enter</a>', grant.tenant.slug)

    @admin.action(description="End the selected grants", permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[AccessGrant]) -> None:
        """End each; one that is over already is told."""
        for grant in queryset:
            try:
                grants.close(by=staff(request), grant=grant)
            except AppError as error:
                self.message_user(request, f"{grant}: {error.detail}", messages.ERROR)
            else:
                self.message_user(request, f"{grant.staff} is out of {grant.tenant}.", messages.SUCCESS)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for leave to enter a tenant."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewGrantForm(request.POST or None, initial={"tenant": request.GET.get("tenant")})
        if request.method == "POST" and form.is_valid():
            asked = form.cleaned_data
            try:
                grant = grants.ask(by=staff(request), **{**asked, "role": GrantRole(asked["role"])})
            except AppError as error:
                form.add_error(None, error.detail)
            else:
                waits = grant.starts_at is None
                told = "The owners are asked; they have a day to answer." if waits else "You may enter now."
                self.message_user(request, told, messages.SUCCESS)
                return HttpResponseRedirect(reverse("admin:tenants_accessgrant_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "title": "Ask to enter a tenant",
            "explanation": EXPLANATION,
            "button": "Ask",
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/tenants/tenant/form.html", context, status=status)
