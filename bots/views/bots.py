"""Bots: the list, and a new one."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bots import selectors, services
from bots.catalogue import TEMPLATES, template_of
from bots.forms import NewBotForm
from bots.models import Bot
from bots.offers import offers, start_of_new_bot
from chatcms.core.pages.refusals import refusals_in
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_ORDERS = {"name": "name", "changed": "updated_at"}
_STATES = {"on": True, "off": False}
ARCHIVED = "archived"


@require_GET
@tenant_page(Capability.BOTS_READ)
def bots(visit: Visit) -> HttpResponse:
    """List the tenant's bots: those in use, or the archived ones."""
    search = visit.request.GET.get("search", "").strip()[:200]
    state = visit.request.GET.get("state", "")
    rows = selectors.bots_found(by=visit.actor, search=search, is_active=_STATES.get(state), archived=state == ARCHIVED)
    listing = visit.listing(rows, orders=_ORDERS, default="name")
    values = {"listing": listing, "search": search, "state": state, "is_filtered": bool(search or state)}
    return visit.render("portal/bots/bot_list.html", values)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BOTS_WRITE)
def create(visit: Visit) -> HttpResponse:
    """Make a bot from a template."""
    form = NewBotForm(visit.request.POST or None, offers=offers(by=visit.actor))
    if visit.request.method == "POST" and form.is_valid() and (bot := _made(visit, form)):
        visit.saved(_("The bot is there. Ask it something."))
        return visit.redirect("bots:edit", bot.pk)
    status = 200 if visit.request.method == "GET" else 422
    values = {"form": form, "templates": TEMPLATES, "start": start_of_new_bot()}
    return visit.render("portal/bots/bot_create.html", values, status=status)


def _made(visit: Visit, form: NewBotForm) -> Bot | None:
    template = template_of(form.cleaned_data["template"])
    settings = template.settings if template else {}
    dataset_ids = [uuid.UUID(dataset_id) for dataset_id in form.cleaned_data["datasets"]]
    with refusals_in(form, {"dataset_ids": "datasets"}):
        return services.create_bot(by=visit.actor, name=form.cleaned_data["name"], dataset_ids=dataset_ids, **settings)
    return None
