"""What a tenant sets for itself: its look and language, and how long conversations are kept."""

from __future__ import annotations

from typing import Any

from django.forms import Form
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chatcms.core.pages.refusals import Refusals, refusals_in
from tenants.exceptions import NoLogoError
from tenants.forms.tenant import BrandingForm, RetentionForm
from tenants.models.settings import PRODUCT_COLOR
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability
from tenants.services import logos
from tenants.services import settings as services

_LOOK = ("accent_color", "language", "time_zone", "website", "support_email")


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.SETTINGS_READ)
def branding(visit: Visit) -> HttpResponse:
    """Show and change name, colour, language, addresses and logo."""
    row = services.settings_of(visit.tenant)
    initial = {"name": visit.tenant.name, **{name: getattr(row, name) for name in _LOOK}}
    initial["accent_color"] = row.own_color or PRODUCT_COLOR
    form = BrandingForm(visit.request.POST or None, visit.request.FILES or None, initial=initial)
    if _saved(visit, form):
        return visit.redirect("tenants:branding")
    values = {"form": form, "has_identity_secret": bool(row.identity_secret), "has_logo": bool(row.logo_name)}
    return visit.render("portal/tenants/branding.html", values, status=422 if form.errors else 200)


@require_POST
@tenant_page(Capability.SETTINGS_WRITE)
def remove_logo(visit: Visit) -> HttpResponse:
    """Delete the logo that was uploaded."""
    with Refusals(visit.refused, kinds=(NoLogoError,)):
        logos.remove_logo(by=visit.actor, tenant=visit.tenant)
        visit.saved(_("The logo is removed."))
    return visit.redirect("tenants:branding")


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.SETTINGS_READ)
def retention(visit: Visit) -> HttpResponse:
    """Show and change how long conversations are kept."""
    row = services.settings_of(visit.tenant)
    form = RetentionForm(visit.request.POST or None, initial={"retention_days": row.retention_days})
    if _saved(visit, form):
        return visit.redirect("tenants:retention")
    return visit.render("portal/tenants/retention.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_POST
@tenant_page(Capability.SETTINGS_WRITE)
def identity_secret(visit: Visit) -> HttpResponse:
    """Make or replace the secret for visitors' identity and show it, this once."""
    secret = services.make_identity_secret(by=visit.actor, tenant=visit.tenant)
    return visit.render("portal/tenants/identity_secret.html", {"secret": secret})


@require_POST
@tenant_page(Capability.SETTINGS_WRITE)
def remove_identity_secret(visit: Visit) -> HttpResponse:
    """Take the secret for visitors' identity away."""
    services.remove_identity_secret(by=visit.actor, tenant=visit.tenant)
    visit.saved(_("The secret is gone. Nobody can vouch for visitors any more."))
    return visit.redirect("tenants:branding")


def _saved(visit: Visit, form: Form) -> bool:
    """Save a sent form if it can be; what cannot is told by the form."""
    if visit.request.method != "POST":
        return False
    visit.need(Capability.SETTINGS_WRITE)
    if not form.is_valid():
        return False
    changes: Any = form.cleaned_data
    with refusals_in(form):
        logos.change_look(by=visit.actor, tenant=visit.tenant, **changes)
        visit.saved(_("The settings are saved."))
        return True
    return False
