"""The second step of signing in, and signing in by a passkey alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatcms.core.exceptions import AppError
from chatcms.core.http.addresses import client_address
from chatcms.core.pages.refusals import add_refusal, refusal
from tenants.enums import FactorKind
from tenants.exceptions import PasskeysUnavailableError
from tenants.forms.factors import CodeForm, RecoveryCodeForm
from tenants.models import User
from tenants.pages import devicecookie, door, resuming
from tenants.pages.returning import safe_target
from tenants.services.factors import passkeys, second_step

JSON = "application/json"


@never_cache
@sensitive_post_parameters("code", "response")
@require_http_methods(["GET", "POST"])
def second(request: HttpRequest) -> HttpResponse:
    """Ask for a code, a passkey or a recovery code of whoever has given the right password."""
    user = door.pending(request)
    if user is None:
        return _start_again(request)
    methods = second_step.methods_of(user)
    by_recovery = "recovery" in request.GET or methods == [second_step.RECOVERY_CODE]
    kind = RecoveryCodeForm if by_recovery else CodeForm
    form = kind(request.POST if "code" in request.POST else None)
    problem = ""
    if request.method == "POST":
        try:
            if method := _taken_by(request, user, form):
                door.finish(request, user, method=method)
                return redirect("portal:resume" if resuming.SESSION_KEY in request.session else safe_target(request))
        except AppError as error:
            if form.is_bound:
                add_refusal(form, error)
            else:
                problem = refusal(error)
    values = {
        "user": user,
        "form": form,
        "problem": problem,
        "next": safe_target(request),
        "by_recovery": by_recovery,
        "has_app": FactorKind.TOTP in methods,
        "has_passkey": FactorKind.PASSKEY in methods and bool(door.passkey_host(request)),
        "has_recovery": second_step.RECOVERY_CODE in methods,
    }
    return render(request, "portal/second_step.html", values, status=422 if request.method == "POST" else 200)


@never_cache
@require_GET
def options(request: HttpRequest) -> HttpResponse:
    """Give the browser what it needs to ask for a passkey: of who is at the second step, or of anybody."""
    user = door.pending(request)
    try:
        party = door.party(request)
    except PasskeysUnavailableError as error:
        return HttpResponse(refusal(error), status=409, content_type="text/plain; charset=utf-8")
    if "second" in request.GET and user is not None:
        return HttpResponse(passkeys.options_to_use(user=user, party=party), content_type=JSON)
    return HttpResponse(passkeys.options_to_sign_in(party=party), content_type=JSON)


@never_cache
@sensitive_post_parameters("response")
@require_POST
def by_passkey(request: HttpRequest) -> HttpResponse:
    """Sign in whoever the passkey belongs to: the device has checked that it is them."""
    try:
        user = second_step.sign_in_by_passkey(
            party=door.party(request),
            response=request.POST.get("response", ""),
            address=client_address(request.META),
        )
    except AppError as error:
        messages.error(request, refusal(error))
        return redirect("portal:sign-in")
    kept = resuming.keep(request)
    door.finish(request, user, method="passkey")
    return redirect("portal:resume" if kept else safe_target(request))


def _taken_by(request: HttpRequest, user: User, form: CodeForm | RecoveryCodeForm) -> str:
    """Return what the person has just proved themselves with beside the password; "" when a form was refused."""
    address = client_address(request.META)
    if response := request.POST.get("response"):
        second_step.check_passkey(user=user, party=door.party(request), response=response, address=address)
        return "password and passkey"
    if not form.is_valid():
        return ""
    code = form.cleaned_data["code"]
    second_step.check_code(user=user, code=code, address=address, device_token=devicecookie.sent(request))
    return "password and code"


def _start_again(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        messages.error(request, _("This took too long. Sign in again."))
    return redirect("portal:sign-in")
