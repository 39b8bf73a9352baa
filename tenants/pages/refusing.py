"""What a page answers instead of itself: sign in first, or why it did not work."""

from __future__ import annotations

from typing import Any, Protocol
from urllib.parse import urlencode

import orjson
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from chatcms.core.api.problems import CONTENT_TYPE, problem_of, status_of
from chatcms.core.exceptions import AppError, NotFoundError, PermissionDeniedError
from chatcms.core.pages.refusals import refusal
from tenants.exceptions import SecondFactorDemandedError, SignedOutError, TenantSuspendedError
from tenants.pages import resuming


class Framed(Protocol):
    """Whoever draws pages in a frame of their own: a visit, or a person's account."""

    def render(self, template: str, values: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
        """Render a page in that frame."""


def send_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to signing in and back. A script is told so (401); a form that was sent is carried along."""
    if is_htmx(request):
        return HttpResponse(status=401)
    is_reading = request.method in {"GET", "HEAD"}
    if is_reading and request.accepts("text/html"):
        return redirect_to_login(request.get_full_path())
    if is_reading or not _wants_page(request):
        return _problem(SignedOutError())
    values = {"name": resuming.FIELD, "packed": resuming.pack(request)}
    return render(request, "portal/signed_out.html", values, status=401)


def explain(request: HttpRequest, error: AppError, frame: Framed | None) -> HttpResponse:
    """Say what happened and what to do: as a page, as a fragment, or to a script as a problem document."""
    status = status_of(error)
    if not _wants_page(request):
        return _problem(error)
    if isinstance(error, SecondFactorDemandedError):
        return _send_to_second_factors(request)
    values = {"heading": _heading(error), "text": refusal(error), "denied": isinstance(error, PermissionDeniedError)}
    if is_htmx(request):
        return render(request, "portal/_problem.html", values, status=status)
    if frame is None:
        return render(request, "portal/message.html", values, status=status)
    return frame.render("portal/problem.html", values, status=status)


def _send_to_second_factors(request: HttpRequest) -> HttpResponse:
    target = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("portal:home")
    url = f"{reverse('account:factors')}?{urlencode({'next': target})}"
    return HttpResponse(status=204, headers={"HX-Redirect": url}) if is_htmx(request) else HttpResponseRedirect(url)


def is_htmx(request: HttpRequest) -> bool:
    """Whether a fragment is asked for, not a whole page."""
    return "HX-Request" in request.headers


def _wants_page(request: HttpRequest) -> bool:
    return "text/html" in request.headers.get("Accept", "") or is_htmx(request)


def _problem(error: AppError) -> HttpResponse:
    return HttpResponse(orjson.dumps(problem_of(error)), status=status_of(error), content_type=CONTENT_TYPE)


def _heading(error: AppError) -> str:
    if isinstance(error, NotFoundError):
        return _("There is no such page")
    if isinstance(error, PermissionDeniedError):
        return _("Your role does not include this")
    if isinstance(error, TenantSuspendedError):
        return _("This tenant is suspended")
    return _("This did not work")
