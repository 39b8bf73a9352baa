"""The sample: a bot with documents that answers before anything is set up."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from chatcms.portal.demo import sample
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def add(visit: Visit) -> HttpResponse:
    """Give the tenant the sample."""
    visit.need(Capability.DATASETS_WRITE)
    sample.add_sample(by=visit.actor)
    visit.saved(_("The sample is here. Its documents are being read; ask it something in a few seconds."))
    return visit.redirect("portal:dashboard")


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def remove(visit: Visit) -> HttpResponse:
    """Take the sample away again."""
    visit.need(Capability.DATASETS_WRITE)
    sample.remove_sample(by=visit.actor)
    visit.saved(_("The sample is gone."))
    return visit.redirect("portal:dashboard")
