"""Signing in and out, and the way to one's tenant."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from chatcms.core.exceptions import AppError
from chatcms.core.http.adminhost import admin_url
from chatcms.core.pages.refusals import add_refusal
from chatcms.portal.forms import SignInForm
from tenants.models import User
from tenants.owndomains import OWN_TENANT
from tenants.pages import devicecookie, door, resuming
from tenants.pages.returning import safe_target
from tenants.selectors import memberships_of
from tenants.services import entry
from tenants.services import sign_in as sign_in_service


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Lead to the only tenant of the user, or let them choose."""
    assert isinstance(request.user, User)  # noqa: S101 - login_required has let only users through
    memberships = list(memberships_of(request.user))
    if own := getattr(request, "scope", {}).get(OWN_TENANT):
        return redirect("portal:dashboard", own)
    if len(memberships) == 1 and "all" not in request.GET:
        return redirect("portal:dashboard", memberships[0].tenant.slug)
    values = {
        "memberships": memberships,
        "closed": entry.closed_tenants_of(request.user),
        "admin_url": admin_url(),
    }
    return render(request, "portal/tenant_list.html", values)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for e-mail address and password: the first step, and the whole way for who has no second factor."""
    target = safe_target(request)
    if request.method == "GET" and request.user.is_authenticated:
        return redirect(target)
    # A page whose sign-in has run out sends what was typed there, and nothing to sign in with yet.
    is_tried = "email" in request.POST
    wait_minutes = 0
    form = SignInForm(request.POST if is_tried else None)
    if is_tried and form.is_valid():
        try:
            user = sign_in_service.check_password(
                request=request, device_token=devicecookie.sent(request), **form.cleaned_data
            )
        except AppError as error:
            add_refusal(form, error)
            wait_minutes = -(-int(error.extra.get("retry_after", 0)) // 60)
        else:
            kept = resuming.keep(request)
            if not door.proceed(request, user):
                return redirect(f"{reverse('account:second-step')}?{urlencode({'next': target})}")
            return redirect("portal:resume" if kept else target)
    values = {
        "form": form,
        "wait_minutes": wait_minutes,
        "next": target,
        "resume": request.POST.get(resuming.FIELD, ""),
        "has_passkeys": bool(door.passkey_host(request)),
    }
    return render(request, "portal/sign_in.html", values, status=422 if is_tried else 200)


@login_required
@never_cache
def resume(request: HttpRequest) -> HttpResponse:
    """Offer to send once more what was being sent when the sign-in had run out."""
    kept = resuming.take(request)
    if kept is None:
        return redirect("portal:home")
    return render(request, "portal/resume.html", {"kept": kept})


@login_required
def signed_in(request: HttpRequest) -> HttpResponse:
    """Say, in the window beside the one whose sign-in had run out, that work can go on there."""
    return render(request, "portal/signed_in.html")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    door.leave(request)
    return redirect("portal:sign-in")
