"""A tenant's providers: the list, a new one, its settings, a real test, its end."""

from __future__ import annotations

import uuid
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatcms.core.exceptions import AppError
from chatcms.core.pages.refusals import Refusals, refusal, said
from providers import selectors, services
from providers.catalog import selectors as catalog
from providers.catalog.models import GlobalAIProvider
from providers.enums import ProviderType
from providers.exceptions import DefaultInUseError, ProviderError, ProviderInUseError, ProviderSettingsError
from providers.forms import NewProviderForm, ProviderForm, ProviderSettingsForm
from providers.models import TenantAIProvider
from providers.timeout_fields import TIMEOUT_FIELDS
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

_ORDERS = {"name": "name", "added": "id"}
_FIELDS = {
    "/api_key": "api_key",
    "/config/base_url": "base_url",
    "/name": "name",
    **{f"/config/timeouts/{name}": field for name, field in TIMEOUT_FIELDS.items()},
}


@require_GET
@tenant_page(Capability.PROVIDERS_READ)
def providers(visit: Visit) -> HttpResponse:
    """List the tenant's providers, and those that the platform lends."""
    listing = visit.listing(selectors.all_providers(), orders=_ORDERS, default="-added")
    values = {"listing": listing, "lent": _lent(visit)}
    return visit.render("portal/providers/provider_list.html", values)


def _lent(visit: Visit) -> list[GlobalAIProvider]:
    """What the platform lends and the tenant could use more than it does; a second built-in one is no gain."""
    own = list(selectors.all_providers())
    taken = {row.global_provider_id for row in own}
    has_builtin = any(row.provider_type == ProviderType.LOCAL for row in own)
    return [
        row
        for row in catalog.able_to_answer(visit.tenant.id)
        if row.pk not in taken and not (has_builtin and row.provider_type == ProviderType.LOCAL)
    ]


@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "POST"])
@tenant_page(Capability.PROVIDERS_WRITE)
def create(visit: Visit) -> HttpResponse:
    """Add a provider with a key of the tenant's own, and try it."""
    form = NewProviderForm(visit.request.POST or None)
    if visit.request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        with Refusals(partial(_explain, form)):
            provider = services.create_provider(
                by=visit.actor,
                name=asked["name"],
                provider_type=asked["provider_type"],
                api_key=asked["api_key"],
                config=form.config(),
            )
            visit.saved(_("Your bots keep what they run on. To use this provider, choose it in a bot's settings."))
            return _tried(visit, provider)
    status = 200 if visit.request.method == "GET" else 422
    return visit.render("portal/providers/provider_create.html", {"form": form}, status=status)


@require_POST
@tenant_page(Capability.PROVIDERS_WRITE)
def use(visit: Visit, global_id: uuid.UUID) -> HttpResponse:
    """Add a provider that the platform lends."""
    provider = services.use_global(by=visit.actor, global_id=global_id)
    visit.saved(_("“%(name)s” is there for your bots.") % {"name": provider.name})
    return visit.redirect("providers:list")


@sensitive_post_parameters("api_key")
@require_http_methods(["GET", "POST"])
@tenant_page(Capability.PROVIDERS_READ)
def edit(visit: Visit, provider_id: uuid.UUID) -> HttpResponse:
    """Show and change a provider's settings; an empty key keeps the one that is stored."""
    provider = selectors.provider_by_id(provider_id)
    form = ProviderSettingsForm(visit.request.POST or None, initial=ProviderSettingsForm.initial_of(provider))
    if visit.request.method == "POST":
        visit.need(Capability.PROVIDERS_WRITE)
        if form.is_valid():
            with Refusals(partial(_explain, form)):
                _save(visit, provider, form)
                visit.saved(_("The settings are saved."))
                return visit.redirect("providers:edit", provider.pk)
    status = 422 if form.errors else 200
    asks = form.is_bound and bool(form.errors) and provider.is_active and not form.cleaned_data.get("is_active")
    values = {"provider": provider, "form": form, "models": _models(provider), "asks_to_confirm": asks}
    return visit.render("portal/providers/provider_edit.html", values, status=status)


@require_POST
@tenant_page(Capability.PROVIDERS_WRITE)
def test(visit: Visit, provider_id: uuid.UUID) -> HttpResponse:
    """Make a real, tiny call and say how it went."""
    return _tried(visit, selectors.provider_by_id(provider_id))


@require_POST
@tenant_page(Capability.PROVIDERS_WRITE)
def make_default(visit: Visit, provider_id: uuid.UUID) -> HttpResponse:
    """Make a provider the one of new bots; ask first, where that moves bots that name none."""
    provider = selectors.provider_by_id(provider_id)
    try:
        services.set_default(by=visit.actor, provider=provider, confirmed="confirm" in visit.request.POST)
    except DefaultInUseError as error:
        values = {"provider": provider, "usages": error.extra["usages"]}
        return visit.render("portal/providers/provider_confirm.html", values, status=409)
    visit.saved(_("New bots run on “%(name)s” now.") % {"name": provider.name})
    return visit.redirect("providers:list")


@require_POST
@tenant_page(Capability.PROVIDERS_WRITE)
def delete(visit: Visit, provider_id: uuid.UUID) -> HttpResponse:
    """Delete a provider with its key; one that is used says by whom."""
    provider = selectors.provider_by_id(provider_id)
    services.delete_provider(by=visit.actor, provider=provider)
    visit.saved(_("“%(name)s” is deleted with its key.") % {"name": provider.name})
    return visit.redirect("providers:list")


def _tried(visit: Visit, provider: TenantAIProvider) -> HttpResponse:
    result = services.test_connection(by=visit.actor, provider=provider)
    visit.saved(_("It works: %(detail)s") % {"detail": said(result.detail)}) if result.ok else visit.failed(
        said(result.detail)
    )
    return visit.redirect("providers:edit", provider.pk)


def _save(visit: Visit, provider: TenantAIProvider, form: ProviderSettingsForm) -> None:
    changes: services.ProviderChanges = {"name": form.cleaned_data["name"], "is_active": form.cleaned_data["is_active"]}
    if provider.global_provider_id is None and not provider.is_local:
        changes["config"] = form.config(provider.settings)
        changes["api_key"] = form.cleaned_data["api_key"]
    confirmed = form.cleaned_data["confirm"]
    services.update_provider(by=visit.actor, provider=provider, confirmed=confirmed, **changes)


def _models(provider: TenantAIProvider) -> list[Any]:
    try:
        return services.models_of(provider)
    except ProviderError:
        return []


def _explain(form: ProviderForm, error: AppError) -> None:
    if isinstance(error, ProviderInUseError):
        names = ", ".join(usage["name"] for usage in error.extra["usages"])
        form.add_error("is_active", _("It is used by %(names)s. They would fall back or refuse.") % {"names": names})
        return
    field = _FIELDS.get(error.pointer) if isinstance(error, ProviderSettingsError) else None
    form.add_error(field if field in form.fields else None, refusal(error))
