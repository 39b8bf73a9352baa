"""Tenants, their domains and plans."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from chatcms.core.exceptions import AppError
from tenants.admin.base import ModelAdmin, TabularInline, staff
from tenants.admin.forms import ConfirmDeletionForm, ConfirmForm, MomentWidget, NewTenantForm
from tenants.enums import DomainProof, TenantStatus
from tenants.models import Domain, Membership, Plan, RestingDomain, Tenant
from tenants.quotas import Quota
from tenants.services import catalogue, domains, lifecycle, near_quota, provisioning
from tenants.types import Actor


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done to a tenant in some states, once it is confirmed."""

    label: str
    explanation: str
    states: tuple[TenantStatus, ...]


_UNFINISHED = (TenantStatus.PENDING, TenantStatus.CREATING, TenantStatus.FAILED)
ACTS = {
    "resume": Act("Go on with making it", "Goes on from the step that failed.", _UNFINISHED),
    "suspend": Act("Suspend", "Shuts out members, keys and visitors at once. Nothing is lost.", (TenantStatus.READY,)),
    "reinstate": Act("Open again", "Lets members, keys and visitors in again.", (TenantStatus.SUSPENDED,)),
    "delete": Act(
        "Delete",
        "Shuts the tenant now and deletes it for good, with all its data, in seven days.",
        tuple(status for status in TenantStatus if status != TenantStatus.DELETING),
    ),
    "keep": Act("Keep it after all", "Calls the deletion off.", (TenantStatus.DELETING,)),
}


class MembershipInline(TabularInline):
    """The tenant's people, to look at."""

    model = Membership
    template = "admin/tenants/membership/inline.html"
    fields = ("user", "role", "is_active", "created_at")
    readonly_fields = ("user", "role", "is_active", "created_at")
    extra = 0
    can_delete = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """With their names at hand."""
        return super().get_queryset(request).select_related("user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Added under Memberships."""
        return False


@admin.register(Tenant)
class TenantAdmin(ModelAdmin):
    """Make tenants, rename them, give them a plan, suspend and delete them."""

    change_form_template = "admin/tenants/tenant/change_form.html"
    list_display = ["name", "slug", "status", "plan", "members", "schema", "created_at"]
    list_filter = ["status", "plan"]
    list_select_related = ["plan", "schema_version"]
    search_fields = ["name", "slug", "=id"]
    ordering = ["name"]
    inlines = [MembershipInline]
    readonly_fields = [
        "used", "slug", "status", "status_detail", "schema_name", "schema", "delete_after", "created_at", "updated_at",
    ]  # fmt: skip
    fields = ["name", "plan", *readonly_fields]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        """With the number of members."""
        active = Q(memberships__is_active=True)
        tenants: QuerySet[Tenant] = super().get_queryset(request)
        return tenants.annotate(member_count=Count("memberships", filter=active))

    @admin.display(description="Members", ordering="member_count")
    def members(self, tenant: Any) -> int:
        """How many people may enter."""
        return int(tenant.member_count)

    @admin.display(description="Used this month")
    def used(self, tenant: Tenant) -> SafeString:
        """What is used of the plan."""
        lines = ((quota.name.replace("_", " ").capitalize(), _said(quota)) for quota in near_quota.quotas_of(tenant))
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", lines))

    @admin.display(description="Schema")
    def schema(self, tenant: Tenant) -> str:
        """Whether it is made, and how its last migration went."""
        if tenant.schema_made_at is None:
            return "not made"
        version = getattr(tenant, "schema_version", None)
        return f"failed: {version.error}" if version is not None and version.error else "made"

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Deletion is an act of its own, with a typed confirmation and a time to think."""
        return False

    def save_model(self, request: HttpRequest, obj: Tenant, form: forms.Form, change: bool) -> None:
        """Store through the service."""
        catalogue.change_tenant(by=staff(request), tenant=obj, name=obj.name, plan=obj.plan)

    def get_urls(self) -> list[URLPattern]:
        """Add the pages of the acts."""
        view = self.admin_site.admin_view(self.act_view)
        act = path("<uuid:tenant_id>/act/<str:name>/", view, name="tenants_tenant_act")
        return [act, *super().get_urls()]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make a tenant; what stops halfway is kept and shown, so that it can be gone on with."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewTenantForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._make(request, form.cleaned_data)
        return self._form_page(request, form, "Add tenant", "", "Make the tenant")

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the acts that the tenant's state allows above its fields."""
        tenant = self.get_object(request, object_id)
        acts = []
        if tenant is not None and self.has_change_permission(request, tenant):
            acts = [
                (self._act_url(tenant, name), act.label) for name, act in ACTS.items() if tenant.status in act.states
            ]
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "acts": acts})

    def act_view(self, request: HttpRequest, tenant_id: uuid.UUID, name: str) -> HttpResponse:
        """Ask for confirmation, then act."""
        tenant = get_object_or_404(Tenant, pk=tenant_id)
        if name not in ACTS or not self.has_change_permission(request, tenant):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        form = ConfirmDeletionForm(data, tenant=tenant) if name == "delete" else ConfirmForm(data)
        if form.is_valid():
            reason = str(form.cleaned_data.get("reason", ""))
            return self._act(request, tenant, name, reason)
        act = ACTS[name]
        return self._form_page(request, form, f"{act.label}: {tenant.name}", act.explanation, act.label)

    def _make(self, request: HttpRequest, asked: dict[str, Any]) -> HttpResponse:
        slug = asked["slug"]
        try:
            provisioning.create_tenant(
                by=staff(request),
                name=asked["name"],
                slug=slug,
                owner_email=asked["owner_email"] or None,
                plan=asked["plan"],
            )
        except AppError as error:
            self.message_user(request, error.detail, messages.ERROR)
        else:
            self.message_user(request, self._ready(slug), messages.SUCCESS)
        tenant = Tenant.objects.filter(slug=slug).first()
        return HttpResponseRedirect(self._page_of(tenant) if tenant else reverse("admin:tenants_tenant_changelist"))

    def _act(self, request: HttpRequest, tenant: Tenant, name: str, reason: str) -> HttpResponse:
        try:
            _do(staff(request), tenant, name, reason)
        except AppError as error:
            self.message_user(request, error.detail, messages.ERROR)
        else:
            tenant.refresh_from_db()
            self.message_user(request, f"{tenant.name} is {tenant.get_status_display().lower()}.", messages.SUCCESS)
        return HttpResponseRedirect(self._page_of(tenant))

    def _form_page(
        self, request: HttpRequest, form: forms.Form, title: str, explanation: str, button: str
    ) -> TemplateResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "form": form,
            "title": title,
            "explanation": explanation,
            "button": button,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/tenants/tenant/form.html", context, status=status)

    def _ready(self, slug: str) -> SafeString:
        return format_html("The tenant is ready: <a href='/t/{}/'>/t/{}/</a>", slug, slug)

    def _page_of(self, tenant: Tenant) -> str:
        return reverse("admin:tenants_tenant_change", args=[tenant.pk])

    def _act_url(self, tenant: Tenant, name: str) -> str:
        return reverse("admin:tenants_tenant_act", args=[tenant.pk, name])


def _said(quota: Quota) -> str:
    places, unit = (2, " USD") if quota.name == "monthly_cost" else (0, "")
    used = f"{quota.used:,.{places}f}{unit}"
    return f"{used}, no limit" if quota.limit is None else f"{used} of {quota.limit:,.{places}f}{unit}"


def _do(by: Actor, tenant: Tenant, name: str, reason: str) -> None:
    if name == "resume":
        provisioning.resume(tenant, by=by)
    elif name == "suspend":
        lifecycle.suspend_tenant(by=by, tenant=tenant, reason=reason)
    elif name == "reinstate":
        lifecycle.reinstate_tenant(by=by, tenant=tenant)
    elif name == "delete":
        lifecycle.request_deletion(by=by, tenant=tenant)
    else:
        lifecycle.cancel_deletion(by=by, tenant=tenant)


@admin.register(Domain)
class DomainAdmin(ModelAdmin):
    """Host names that lead to tenants."""

    list_display = ["domain", "tenant", "is_primary", "verified_at", "proof", "lapsed_at"]
    list_select_related = ["tenant"]
    readonly_fields = ["proof", "lapsed_at", "last_warned_at", "looked_at"]
    search_fields = ["domain", "tenant__name", "tenant__slug"]
    autocomplete_fields = ["tenant"]
    formfield_overrides = {models.DateTimeField: {"widget": MomentWidget}}

    def save_model(self, request: HttpRequest, obj: Domain, form: forms.Form, change: bool) -> None:
        """Store through the services; a moment that is entered is the word of the staff that it is the tenant's."""
        is_vouched_for = "verified_at" in form.changed_data and obj.verified_at is not None
        domains.save_domain(by=staff(request), domain=obj)
        if is_vouched_for:
            domains.verify_domain(by=staff(request), domain=obj, proof=DomainProof.STAFF)

    def delete_model(self, request: HttpRequest, obj: Domain) -> None:
        """Delete through the service."""
        domains.delete_domain(by=staff(request), domain=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Domain]) -> None:
        """Delete each through the service."""
        for domain in queryset:
            self.delete_model(request, domain)


@admin.register(RestingDomain)
class RestingDomainAdmin(ModelAdmin):
    """Names that tenants gave up; deleting one lets another tenant verify it now."""

    list_display = ["domain", "tenant_id", "until"]
    search_fields = ["domain"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Names come here by themselves."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: RestingDomain | None = None) -> bool:
        """There is nothing to change."""
        return False

    def delete_model(self, request: HttpRequest, obj: RestingDomain) -> None:
        """Release through the service."""
        domains.release_domain(by=staff(request), resting=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[RestingDomain]) -> None:
        """Release each through the service."""
        for resting in queryset:
            self.delete_model(request, resting)


@admin.register(Plan)
class PlanAdmin(ModelAdmin):
    """What tenants may use."""

    list_display = ["name", "code", "is_default", "max_bots", "max_documents", "max_members", "max_monthly_messages"]
    search_fields = ["name", "code"]

    def save_model(self, request: HttpRequest, obj: Plan, form: forms.Form, change: bool) -> None:
        """Store through the service."""
        catalogue.save_plan(by=staff(request), plan=obj)

    def delete_model(self, request: HttpRequest, obj: Plan) -> None:
        """Delete through the service."""
        catalogue.delete_plan(by=staff(request), plan=obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Plan]) -> None:
        """Delete each through the service."""
        for plan in queryset:
            self.delete_model(request, plan)
