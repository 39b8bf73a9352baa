"""Proving once more who one is, before changing how one signs in."""

from __future__ import annotations

from django.http import HttpResponse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from chatcms.core.exceptions import AppError
from chatcms.core.http.addresses import client_address
from chatcms.core.pages.refusals import add_refusal, refusal
from tenants.enums import FactorKind
from tenants.forms.factors import ProveForm
from tenants.pages import Person, account_page, door
from tenants.pages.returning import safe_target
from tenants.services import passwords
from tenants.services.factors import passkeys, second_step


@sensitive_post_parameters("password", "response")
@require_http_methods(["GET", "POST"])
@account_page
def prove(person: Person) -> HttpResponse:
    """Ask for the password, or a passkey; then go on to where the person was going."""
    request = person.request
    target = safe_target(request, otherwise="account:factors")
    form = ProveForm(request.POST if "password" in request.POST else None)
    problem = ""
    if request.method == "POST":
        try:
            if _is_proved(person, form):
                door.prove(request)
                return person.redirect(target)
        except AppError as error:
            if form.is_bound:
                add_refusal(form, error)
            else:
                problem = refusal(error)
    has_passkey = FactorKind.PASSKEY in second_step.methods_of(person.user) and bool(door.passkey_host(person.request))
    values = {"form": form, "problem": problem, "next": target, "has_passkey": has_passkey}
    return person.render("portal/account/prove.html", values, status=422 if request.method == "POST" else 200)


@require_GET
@account_page
def options(person: Person) -> HttpResponse:
    """Give the browser what it needs to ask for one of the person's passkeys."""
    text = passkeys.options_to_use(user=person.user, party=door.party(person.request))
    return HttpResponse(text, content_type="application/json")


def _is_proved(person: Person, form: ProveForm) -> bool:
    address = client_address(person.request.META)
    if response := person.request.POST.get("response"):
        second_step.check_passkey(
            user=person.user, party=door.party(person.request), response=response, address=address
        )
        return True
    if not form.is_valid():
        return False
    passwords.check_present(user=person.user, password=form.cleaned_data["password"], address=address)
    return True
