"""Django's admin as the platform's: staff sign in like everybody, with a second factor where one is asked for."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import slugify
from django.utils.translation import gettext as _

from chatcms.portal import condition
from chatcms.portal.admin.usage import usage
from tenants.models import User
from tenants.pages import door
from tenants.services.factors import demands

GROUPS = (
    ("Tenants", ["Tenant", "Domain", "RestingDomain", "Plan", "AccessGrant"]),
    ("People", ["User", "Membership", "Group"]),
    ("Models", ["GlobalAIProvider"]),
    ("Work", ["Job", "Mail"]),
    ("Record", ["AuditEvent", "ApiKey"]),
)


class PlatformSite(admin.AdminSite):
    """The one admin site; whoever is let in is active, of the platform's staff, and has what the platform asks for."""

    site_header = site_title = "Chat AI CMS platform"
    index_title = "Platform"

    @property
    def site_url(self) -> str:  # type: ignore[override]  # a class attribute there
        """Where tenants' people go."""
        return f"{settings.PUBLIC_URL}/"

    def has_permission(self, request: HttpRequest) -> bool:
        """Let active staff in, with a second factor where the platform asks for one."""
        return super().has_permission(request) and not _lacks_factor(request)

    def get_urls(self) -> list[Any]:
        """Add the pages that put tenants together."""
        return [path("usage/", self.admin_view(usage), name="usage"), *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """List what there is by what one comes for, not by which app keeps it."""
        apps = super().get_app_list(request, app_label)
        if app_label is not None:
            return apps
        models = {model["object_name"]: model for app in apps for model in app["models"]}
        groups = [(title, [models.pop(name) for name in names if name in models]) for title, names in GROUPS]
        groups.append(("Other", list(models.values())))
        url = reverse("admin:index")
        return [
            {"name": title, "app_label": slugify(title), "app_url": f"{url}#{slugify(title)}", "has_module_perms": True,
             "models": shown}
            for title, shown in groups if shown
        ]  # fmt: skip

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Answer "is anything wrong?" above the lists of what there is."""
        found = condition.findings()
        shown = [(each, f"{reverse(each.page)}?{each.query}" if each.page else "") for each in found]
        return super().index(request, {**(extra_context or {}), "findings": shown, "worst": condition.worst(found)})

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the one sign-in page, to where second factors are added, or say that this is not for the person."""
        target = _target(request)
        if not request.user.is_authenticated:
            return redirect_to_login(target, login_url=reverse("portal:sign-in"))
        if self.has_permission(request):
            return HttpResponseRedirect(target)
        if super().has_permission(request):
            return redirect(f"{reverse('account:factors')}?{urlencode({'next': target})}")
        values = {
            "heading": _("This is for the platform's staff"),
            "text": _("You are signed in as somebody who is not. Sign out first if you have another account."),
            "denied": True,
        }
        return render(request, "portal/message.html", values, status=403)

    def logout(  # type: ignore[override]  # the stubs expect a page of its own
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """End the session and show the sign-in page."""
        if request.method == "POST":
            door.leave(request)
        return redirect_to_login(reverse("admin:index"), login_url=reverse("portal:sign-in"))

    def password_change(  # type: ignore[override]  # as above
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the page of the account on which everybody changes their password."""
        return redirect("account:password")


def _lacks_factor(request: HttpRequest) -> bool:
    user = request.user
    return settings.REQUIRE_STAFF_SECOND_FACTOR and isinstance(user, User) and not demands.has_one(user)


def _target(request: HttpRequest) -> str:
    target = request.GET.get(REDIRECT_FIELD_NAME, "")
    if url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return target
    return reverse("admin:index")
