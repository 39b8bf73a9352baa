"""A tenant's API keys: the list, a new one shown once, its name, end and limits, its end."""

from __future__ import annotations

import uuid
from datetime import datetime, time, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatcms.core.pages.refusals import refusals_in
from chatcms.portal.forms import ApiKeyForm, NewApiKeyForm
from tenants.enums import Scope
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability
from tenants.selectors import within
from tenants.services import api_keys as services


@require_GET
@tenant_page(Capability.KEYS_READ)
def keys(visit: Visit) -> HttpResponse:
    """List the keys that are good; asked for, the others too."""
    everything = visit.request.GET.get("all") == "1"
    rows = within.api_keys_of(visit.tenant, is_live=None if everything else True)
    values = {"listing": visit.listing(rows), "everything": everything}
    return visit.render("portal/keys/key_list.html", values)


@never_cache
@require_http_methods(["GET", "POST"])
@tenant_page(Capability.KEYS_WRITE)
def create(visit: Visit) -> HttpResponse:
    """Make a key and show it, this once."""
    form = NewApiKeyForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        with refusals_in(form):
            key, plain = services.create_api_key(
                by=visit.actor,
                tenant=visit.tenant,
                name=asked["name"],
                scopes=[Scope(scope) for scope in asked["scopes"]],
                expires_at=_end_of(asked["expires_on"]),
                bot_ids=form.ids("bots"),
                dataset_ids=form.ids("datasets"),
            )
            return visit.render("portal/keys/key_created.html", {"key": key, "plain": plain})
    return visit.render("portal/keys/key_create.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.KEYS_WRITE)
def edit(visit: Visit, key_id: uuid.UUID) -> HttpResponse:
    """Show and change a key's name, end and limits."""
    key = within.api_key_by_id(visit.tenant, key_id)
    form = ApiKeyForm(visit.request.POST or None, initial=ApiKeyForm.initial_of(key))
    if visit.request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        with refusals_in(form):
            services.change_api_key(
                by=visit.actor,
                key=key,
                name=asked["name"],
                expires_at=_end_of(asked["expires_on"]),
                bot_ids=form.ids("bots"),
                dataset_ids=form.ids("datasets"),
            )
            visit.saved(_("The key is saved; what it may do counts from the next request on."))
            return visit.redirect("portal:keys")
    values = {"key": key, "form": form}
    return visit.render("portal/keys/key_edit.html", values, status=422 if form.errors else 200)


@require_POST
@tenant_page(Capability.KEYS_WRITE)
def revoke(visit: Visit, key_id: uuid.UUID) -> HttpResponse:
    """Revoke a key, from the next request on."""
    key = within.api_key_by_id(visit.tenant, key_id)
    services.revoke_api_key(by=visit.actor, key=key)
    visit.saved(_("“%(name)s” is revoked: programs that use it are refused from now on.") % {"name": key.name})
    return visit.redirect("portal:keys")


def _end_of(day: object) -> datetime | None:
    """Return when the day that a form named is over in the present time zone."""
    return timezone.make_aware(datetime.combine(day, time.min) + timedelta(days=1)) if day else None  # type: ignore[arg-type]
