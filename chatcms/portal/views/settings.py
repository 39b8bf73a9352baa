"""The settings of a tenant: what there is to set, and where."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.http import require_GET

from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_GET
@tenant_page(Capability.SETTINGS_READ)
def settings(visit: Visit) -> HttpResponse:
    """List the pages of settings that the member may enter."""
    return visit.render("portal/settings_index.html")
