"""Opens a tenant for a portal page: who is signed in, may they enter, and what may they do there."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

import orjson
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from chatcms.core.exceptions import AppError, NotFoundError, PermissionDeniedError
from chatcms.core.problems import CONTENT_TYPE, problem_of, status_of
from tenants import context
from tenants.exceptions import SignedOutError
from tenants.models import User
from tenants.pages import resuming
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
            if not request.user.is_authenticated:
                return _send_to_sign_in(request)
            visit = None
            try:
                visit = _open(request, slug)
                visit.need(capability)
                return view(visit, *args, **kwargs)
            except AppError as error:
                return _explain(request, visit, error)

        return page

    return decorate


def _open(request: HttpRequest, slug: str) -> Visit:
    assert isinstance(request.user, User)  # noqa: S101 - nobody else comes this far
    actor, tenant = portal_access.open_tenant(user=request.user, slug=slug)
    context.enter(tenant)
    return Visit(request, actor, tenant)


def _send_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to signing in and back. A script is told so (401); a form that was sent is carried along."""
    if _is_htmx(request):
        return HttpResponse(status=401)
    is_reading = request.method in {"GET", "HEAD"}
    if request.accepts("text/html") if is_reading else _wants_page(request):
        if is_reading:
            return redirect_to_login(request.get_full_path())
        values = {"name": resuming.FIELD, "packed": resuming.pack(request)}
        return render(request, "portal/signed_out.html", values, status=401)
    return _problem(SignedOutError())


def _wants_page(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "") or _is_htmx(request)


def _is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _problem(error: AppError) -> HttpResponse:
    return HttpResponse(orjson.dumps(problem_of(error)), status=status_of(error), content_type=CONTENT_TYPE)


def _explain(request: HttpRequest, visit: Visit | None, error: AppError) -> HttpResponse:
    status = status_of(error)
    if not _wants_page(request):
        return _problem(error)
    values = {"heading": _heading(error), "text": error.detail, "denied": isinstance(error, PermissionDeniedError)}
    if _is_htmx(request):
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
