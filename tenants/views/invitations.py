"""Accepting an invitation: as who one is, or with a new account."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chatcms.core.exceptions import AppError
from chatcms.core.http.addresses import client_address
from chatcms.core.pages.refusals import add_refusal, refusal
from tenants.exceptions import NoSuchInvitationError
from tenants.forms.account import NewcomerForm
from tenants.models import Membership, User
from tenants.pages import door
from tenants.services import invitations
from tenants.types import Actor


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is offered; join with the account that is signed in, or make one."""
    try:
        offer = invitations.preview(token)
    except NoSuchInvitationError:
        return _page(request, "stale_invitation", {}, status=410)
    user = request.user if isinstance(request.user, User) else None
    is_invited = user is not None and user.email == offer.invitation.email
    needs_account = user is None and not offer.account_exists
    form = NewcomerForm(request.POST or None) if needs_account else None
    problem = ""
    if request.method == "POST" and (is_invited or (form is not None and form.is_valid())):
        try:
            membership = _join(request, token, user, form)
        except AppError as error:
            if form is None:
                problem = refusal(error)
            else:
                add_refusal(form, error)
        else:
            messages.success(request, _("You are a member of %(name)s now.") % {"name": membership.tenant.name})
            return redirect("portal:dashboard", membership.tenant.slug)
    values = {"offer": offer, "form": form, "is_invited": is_invited, "problem": problem}
    return _page(request, "invitation", values, status=422 if request.method == "POST" else 200)


def _join(request: HttpRequest, token: str, user: User | None, form: NewcomerForm | None) -> Membership:
    address = client_address(request.META)
    if user is not None:
        by = Actor(type="user", id=user.pk, label=user.email)
        return invitations.join(token=token, by=by, address=address)
    assert form is not None  # noqa: S101 - a newcomer has filled it in
    membership = invitations.join(token=token, address=address, **form.cleaned_data)
    door.finish(request, membership.user, method="invitation")
    return membership


def _page(request: HttpRequest, name: str, values: dict[str, Any], *, status: int) -> HttpResponse:
    response = render(request, f"portal/account/{name}.html", values, status=status)
    # The token is in the address: nobody is told where a link was followed from. With `no-referrer` browsers would
    # send `Origin: null` with the form, and it would be refused.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response
