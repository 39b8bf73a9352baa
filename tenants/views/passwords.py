"""A forgotten password: a link by mail, and a new one chosen with it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chatcms.core.exceptions import AppError
from chatcms.core.http.addresses import client_address
from chatcms.core.pages.refusals import add_refusal, refusals_in
from tenants.exceptions import BadResetTokenError
from tenants.forms.account import ChooseForm, ForgottenForm
from tenants.pages import devicecookie
from tenants.services import passwords


@never_cache
@require_http_methods(["GET", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """Mail a link for a new password; whether somebody has that address is not told."""
    form = ForgottenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        with refusals_in(form):
            address, device_token = client_address(request.META), devicecookie.sent(request)
            passwords.request_reset(email=email, address=address, device_token=device_token)
            return render(request, "portal/account/mailed.html", {"email": email})
    return render(request, "portal/account/forgotten.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def reset(request: HttpRequest, token: str) -> HttpResponse:
    """Choose a new password with the link that was mailed."""
    form = ChooseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = passwords.reset(token=token, password=form.cleaned_data["password"])
        except BadResetTokenError:
            return _apart(render(request, "portal/account/stale.html", status=410))
        except AppError as error:
            add_refusal(form, error)
        else:
            # Whoever reads the mails of the account is no stranger: guesses elsewhere do not keep them from signing in.
            devicecookie.remember(request, user)
            messages.success(request, _("Your new password is set. Sign in with it."))
            return redirect("portal:sign-in")
    return _apart(render(request, "portal/account/reset.html", {"form": form}, status=422 if form.errors else 200))


def _apart(response: HttpResponse) -> HttpResponse:
    # The token is in the address: nobody is told where a link was followed from. With `no-referrer` browsers would
    # send `Origin: null` with the form, and it would be refused.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
