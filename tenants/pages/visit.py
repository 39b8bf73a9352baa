"""One member's visit to one tenant's portal: what views and templates know about it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from chatcms.core.exceptions import AppError, PermissionDeniedError
from chatcms.core.pages.refusals import refusal
from tenants import permissions
from tenants.models import Membership, Tenant, TenantSettings, User
from tenants.pages.branding import accent_style, logo_address, logo_origin
from tenants.pages.listing import Listing
from tenants.pages.navigation import SECTIONS, SETTINGS, Link, links
from tenants.permissions import Capability
from tenants.selectors import memberships_of
from tenants.types import Actor

M = TypeVar("M", bound=Model)
# The switcher lists so many; the page of all tenants has the rest.
SWITCHER_SHOWS = 12


class Visit:
    """Who visits which tenant with which request; made by `tenant_page`, handed to the view and to its template."""

    def __init__(self, request: HttpRequest, actor: Actor, tenant: Tenant) -> None:
        self.request = request
        self.actor = actor
        self.tenant = tenant

    # --- what the visitor may do -----------------------------------------------------------------------

    def may(self, capability: Capability) -> bool:
        """Say whether the member has `capability` here."""
        return permissions.allows(self.actor, capability)

    def need(self, capability: Capability) -> None:
        """Raise `PermissionDeniedError` unless the member has `capability` here."""
        if not self.may(capability):
            raise PermissionDeniedError

    @cached_property
    def can(self) -> dict[str, bool]:
        """What the member may do, for templates: `{% if visit.can.bots_write %}`."""
        return {capability.name.lower(): self.may(capability) for capability in Capability}

    # --- answering -------------------------------------------------------------------------------------

    @property
    def is_htmx(self) -> bool:
        """Whether a fragment is asked for, not a whole page."""
        return "HX-Request" in self.request.headers

    def render(self, template: str, values: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Render a page or fragment of this tenant; `visit` and `tenant` are in every template."""
        everywhere = {"visit": self, "tenant": self.tenant}
        response = render(self.request, template, {**everywhere, **(values or {})}, status=status)
        if origin := logo_origin(self.settings):
            # What django-csp's own decorator sets; the policy depends on the tenant, so it cannot be one.
            response._csp_update = {"img-src": [origin]}  # type: ignore[attr-defined]
        return response

    def url(self, name: str, *args: Any) -> str:
        """Return the address of a page of this tenant."""
        return reverse(name, args=[self.tenant.slug, *args])

    def redirect(self, name: str, *args: Any) -> HttpResponse:
        """Lead to a page of this tenant, for htmx with a header that makes the browser go there."""
        url = self.url(name, *args)
        if self.is_htmx:
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

    def saved(self, text: str) -> None:
        """Say on the next page, as a toast, that something was done."""
        messages.success(self.request, text)

    def refused(self, error: AppError) -> None:
        """Say on the next page, as a toast that stays, why a service refused."""
        self.failed(refusal(error))

    def failed(self, text: str) -> None:
        """Say on the next page, as a toast that stays, that something did not work."""
        messages.error(self.request, text)

    def listing(
        self, rows: QuerySet[M], *, orders: dict[str, str] | None = None, default: str = "-id", size: int = 25
    ) -> Listing[M]:
        """Return the page of `rows` that the address asks for; see `Listing`."""
        return Listing.of(self.request, rows, orders=orders or {}, default=default, size=size)

    @cached_property
    def settings(self) -> TenantSettings | None:
        """What the tenant sets for itself as a whole; None while it never did."""
        return getattr(self.tenant, "settings", None)

    @cached_property
    def accent(self) -> str:
        """The tenant's accent as CSS."""
        return accent_style(self.settings)

    @property
    def logo(self) -> str:
        """The address of the tenant's logo; empty without one that may be shown."""
        return logo_address(self.tenant, self.settings)

    # --- the frame -------------------------------------------------------------------------------------

    @cached_property
    def navigation(self) -> list[Link]:
        """The sections of the portal that the member may enter."""
        return links(self, SECTIONS)

    @cached_property
    def settings_navigation(self) -> list[Link]:
        """The pages of settings that the member may enter."""
        return links(self, SETTINGS)

    @cached_property
    def other_tenants(self) -> list[Membership]:
        """The member's other tenants, as many as the switcher shows."""
        assert isinstance(self.request.user, User)  # noqa: S101 - a visit is a signed-in person's
        others = memberships_of(self.request.user).exclude(tenant_id=self.tenant.id)
        return list(others[:SWITCHER_SHOWS])
