"""Opens a tenant for a portal page: who is signed in, may they enter, and what may they do there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import orjson
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from chatcms.core.exceptions import AppError, NotFoundError, PermissionDeniedError
from chatcms.core.problems import CONTENT_TYPE, problem_of, status_of
from tenants import context
from tenants.models import User
from tenants.pages.visit import Visit
from tenants.permissions import Capability
from tenants.services import portal_access

P = ParamSpec("P")
PageView = Callable[Concatenate[Visit, P], HttpResponseBase]
DjangoView = Callable[..., HttpResponseBase]


def tenant_page(capability: Capability) -> Callable[[PageView[P]], DjangoView]:
    """Make `view(visit, ...)` the page of tenant `slug`, for signed-in members who have `capability`.

    A stranger gets the same 404 as for a slug that nobody has. An `AppError` that the view lets through becomes a
    page in the frame that says what happened and what to do.
    """

    def decorate(view: PageView[P]) -> DjangoView:
        @wraps(view)
        def page(request: HttpRequest, slug: str, *args: Any, **kwargs: Any) -> HttpResponseBase:
            visit = None
            try:
                visit = _open(request, slug)
                visit.need(capability)
                return view(visit, *args, **kwargs)
            except AppError as error:
                return _explain(request, visit, error)

        return login_required(page)

    return decorate


def _open(request: HttpRequest, slug: str) -> Visit:
    assert isinstance(request.user, User)  # noqa: S101 - login_required has let only users through
    actor, tenant = portal_access.open_tenant(user=request.user, slug=slug)
    context.enter(tenant)
    return Visit(request, actor, tenant)


def _explain(request: HttpRequest, visit: Visit | None, error: AppError) -> HttpResponse:
    status = status_of(error)
    if "text/html" not in request.headers.get("Accept", "") and "HX-Request" not in request.headers:
        return HttpResponse(orjson.dumps(problem_of(error)), status=status, content_type=CONTENT_TYPE)
    values = {"heading": _heading(error), "text": error.detail, "denied": isinstance(error, PermissionDeniedError)}
    if "HX-Request" in request.headers:
        return render(request, "portal/_problem.html", values, status=status)
    if visit is None:
        return render(request, "portal/message.html", values, status=status)
    return visit.render("portal/problem.html", values, status=status)


def _heading(error: AppError) -> str:
    if isinstance(error, NotFoundError):
        return _("There is no such page")
    if isinstance(error, PermissionDeniedError):
        return _("Your role does not include this")
    return _("This did not work")
