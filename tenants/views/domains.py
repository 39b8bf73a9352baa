"""A tenant's own domains: named, checked, taken away."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from chatcms.core.pages.refusals import Refusals, refusals_in
from tenants import selectors
from tenants.forms.tenant import DomainForm
from tenants.models import Domain
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability
from tenants.services import domains as domains_service
from tenants.services import own_domains as services
from tenants.services.lapsed_domains import frees_at


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.SETTINGS_READ)
def domains(visit: Visit) -> HttpResponse:
    """List the domains with how to point one here; name another one."""
    form = DomainForm(visit.request.POST or None)
    if visit.request.method == "POST":
        visit.need(Capability.SETTINGS_WRITE)
        if form.is_valid():
            with refusals_in(form, at="domain"):
                services.add_own_domain(by=visit.actor, tenant=visit.tenant, name=form.cleaned_data["domain"])
                visit.saved(_("Make both entries in the domain's DNS, then check it."))
                return visit.redirect("tenants:domains")
    values = {"form": form, "domains": _shown(visit), "here": services.here()}
    return visit.render("portal/tenants/domain_list.html", values, status=422 if form.errors else 200)


def _shown(visit: Visit) -> list[tuple[Domain, str, str, datetime | None]]:
    """Each domain with the name and value of the record that proves it, and when it is freed."""
    rows = selectors.domains_of(visit.tenant.id)
    return [(row, services.record_name(row), services.record_value(row), frees_at(row)) for row in rows]


@require_POST
@tenant_page(Capability.SETTINGS_WRITE)
def check(visit: Visit, domain_id: uuid.UUID) -> HttpResponse:
    """See whether a domain leads here."""
    domain = selectors.domain_of(visit.tenant.id, domain_id)
    with Refusals(visit.refused):
        services.check_own_domain(by=visit.actor, domain=domain)
        visit.saved(_("%(domain)s leads here, and shows this tenant within a minute.") % {"domain": domain.domain})
    return visit.redirect("tenants:domains")


@require_POST
@tenant_page(Capability.SETTINGS_WRITE)
def remove(visit: Visit, domain_id: uuid.UUID) -> HttpResponse:
    """Take a domain away."""
    domain = selectors.domain_of(visit.tenant.id, domain_id)
    domains_service.delete_domain(by=visit.actor, domain=domain)
    visit.saved(_("%(domain)s shows nothing of this tenant any more.") % {"domain": domain.domain})
    return visit.redirect("tenants:domains")
