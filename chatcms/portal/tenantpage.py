"""Opens a tenant for a portal page: who is signed in, may they enter, and what may they do there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import orjson
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from chatcms.core.exceptions import AppError, NotFoundError, PermissionDeniedError
from chatcms.core.problems import CONTENT_TYPE, problem_of, status_of
from tenants import context, permissions
from tenants.models import Tenant, User
from tenants.permissions import Capability
from tenants.services import portal_access
from tenants.types import Actor

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Visit:
    """One member's visit to one tenant's portal."""

    request: HttpRequest
    actor: Actor
    tenant: Tenant

    def may(self, capability: Capability) -> bool:
        """Say whether the member has `capability` here."""
        return permissions.allows(self.actor, capability)

    def render(self, template: str, values: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Render a page or fragment of this tenant."""
        return render(self.request, template, {"tenant": self.tenant, **(values or {})}, status=status)


PageView = Callable[Concatenate[Visit, P], HttpResponseBase]
DjangoView = Callable[..., HttpResponseBase]


def tenant_page(capability: Capability) -> Callable[[PageView[P]], DjangoView]:
    """Make `view(visit, ...)` the page of tenant `slug`, for signed-in members who have `capability`.

    A stranger gets the same 404 as for a slug that nobody has.
    """

    def decorate(view: PageView[P]) -> DjangoView:
        @wraps(view)
        def page(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                visit = _open(request, slug, capability)
                return view(visit, *args, **kwargs)
            except AppError as error:
                return _explain(request, error)

        return login_required(page)

    return decorate


def _open(request: HttpRequest, slug: str, capability: Capability) -> Visit:
    assert isinstance(request.user, User)  # noqa: S101 - login_required has let only users through
    actor, tenant = portal_access.open_tenant(user=request.user, slug=slug)
    context.enter(tenant)
    visit = Visit(request, actor, tenant)
    if not visit.may(capability):
        raise PermissionDeniedError
    return visit


def _explain(request: HttpRequest, error: AppError) -> HttpResponse:
    status = status_of(error)
    if "text/html" not in request.headers.get("Accept", "") and "HX-Request" not in request.headers:
        return HttpResponse(orjson.dumps(problem_of(error)), status=status, content_type=CONTENT_TYPE)
    heading = "There is no such page" if isinstance(error, NotFoundError) else "This did not work"
    return render(request, "portal/message.html", {"heading": heading, "text": error.detail}, status=status)
