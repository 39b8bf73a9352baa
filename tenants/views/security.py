"""How members sign in, and when the platform's staff may come in."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from tenants.forms.security import SecurityForm
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability
from tenants.selectors import access_grant_of, access_grants_of, member_request_of, member_requests_of
from tenants.services import grants, requests
from tenants.services.settings import change_settings, settings_of


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.ACCESS_GRANTS_READ)
def security(visit: Visit) -> HttpResponse:
    """Show and change what is asked of members and of staff; list every grant, past and present."""
    row = settings_of(visit.tenant)
    names = ("require_second_factor", "approve_staff_access")
    form = SecurityForm(visit.request.POST or None, initial={name: getattr(row, name) for name in names})
    if visit.request.method == "POST":
        visit.need(Capability.SETTINGS_WRITE)
        form = SecurityForm(visit.request.POST)
        if form.is_valid():
            change_settings(by=visit.actor, tenant=visit.tenant, **form.cleaned_data)
            visit.saved(_("It is saved, and holds from the next page on."))
            return visit.redirect("tenants:security")
    listing = visit.listing(access_grants_of(visit.tenant.pk))
    values = {"form": form, "listing": listing, "asked": member_requests_of(visit.tenant.pk, waiting_first=True)[:25]}
    return visit.render("portal/tenants/security.html", values)


@require_POST
@tenant_page(Capability.MEMBER_REQUESTS_ANSWER)
def approve_member(visit: Visit, request_id: uuid.UUID) -> HttpResponse:
    """Give somebody the role that staff asked for."""
    requests.approve(by=visit.actor, request=member_request_of(visit.tenant.pk, request_id))
    visit.saved(_("It is approved. You can change or remove them among the members."))
    return visit.redirect("tenants:security")


@require_POST
@tenant_page(Capability.MEMBER_REQUESTS_ANSWER)
def decline_member(visit: Visit, request_id: uuid.UUID) -> HttpResponse:
    """Turn down what staff asked for."""
    requests.decline(by=visit.actor, request=member_request_of(visit.tenant.pk, request_id))
    visit.saved(_("It is turned down. Nothing is changed."))
    return visit.redirect("tenants:security")


@require_POST
@tenant_page(Capability.ACCESS_GRANTS_APPROVE)
def approve(visit: Visit, grant_id: uuid.UUID) -> HttpResponse:
    """Let the member of staff in who asks."""
    grants.approve(by=visit.actor, grant=access_grant_of(visit.tenant.pk, grant_id))
    visit.saved(_("They may come in now, for as long as they asked. You can end it at once."))
    return visit.redirect("tenants:security")


@require_POST
@tenant_page(Capability.ACCESS_GRANTS_REVOKE)
def close(visit: Visit, grant_id: uuid.UUID) -> HttpResponse:
    """End a grant, or turn a request down."""
    grants.close(by=visit.actor, grant=access_grant_of(visit.tenant.pk, grant_id))
    visit.saved(_("It is over: from the next page on they are out."))
    return visit.redirect("tenants:security")
