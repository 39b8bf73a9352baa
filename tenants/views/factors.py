"""A person's second factors: what there is, new ones, names, recovery codes."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from chatcms.core.exceptions import AppError
from chatcms.core.pages.refusals import add_refusal, refusals_in
from tenants.forms.factors import NewAppForm, NewPasskeyForm, RenameForm
from tenants.pages import Person, account_page, door
from tenants.pages.proving import fresh_account_page
from tenants.pages.returning import safe_target
from tenants.selectors import factors_of
from tenants.services.factors import demands, managing, passkeys, recovery, totp


@require_GET
@account_page
def factors(person: Person) -> HttpResponse:
    """List the person's factors, and say who asks for one."""
    shown = list(factors_of(person.user))
    values = {
        "factors": shown,
        "codes_left": recovery.left(person.user),
        "codes_made": recovery.COUNT,
        "demanded_by": demands.who_demands(person.user),
        "passkeys_at": door.passkey_host(person.request),
        "next": person.request.GET.get("next", ""),
    }
    return person.render("portal/account/factors.html", values)


@sensitive_post_parameters("code")
@require_http_methods(["GET", "POST"])
@fresh_account_page
def add_app(person: Person) -> HttpResponse:
    """Show the secret of a new app as a picture; its first code puts it in force."""
    form = NewAppForm(person.request.POST or None)
    if person.request.method == "POST" and form.is_valid():
        with refusals_in(form):
            codes = totp.confirm(
                by=person.actor, user=person.user, session_key=_session_key(person), **form.cleaned_data
            )
            return _added(person, codes)
    begun = totp.pending(person.user) if form.is_bound else None
    values = {
        "form": form,
        "enrolment": begun or totp.begin(by=person.actor, user=person.user),
        "next": _target(person),
    }
    return person.render("portal/account/factor_app.html", values, status=422 if form.errors else 200)


@sensitive_post_parameters("response")
@require_http_methods(["GET", "POST"])
@fresh_account_page
def add_passkey(person: Person) -> HttpResponse:
    """Have the browser make a passkey and add it to the account."""
    form = NewPasskeyForm(person.request.POST or None)
    if person.request.method == "POST" and form.is_valid():
        try:
            added = passkeys.add(
                by=person.actor,
                user=person.user,
                party=door.party(person.request),
                session_key=_session_key(person),
                **form.cleaned_data,
            )
        except AppError as error:
            form = NewPasskeyForm({"name": form.cleaned_data["name"]})
            add_refusal(form, error)
        else:
            return _added(person, added.recovery_codes)
    values = {"form": form, "next": _target(person)}
    return person.render("portal/account/factor_passkey.html", values, status=422 if form.errors else 200)


@require_GET
@fresh_account_page
def passkey_options(person: Person) -> HttpResponse:
    """Give the browser what it needs to make a passkey."""
    text = passkeys.options_to_add(user=person.user, party=door.party(person.request))
    return HttpResponse(text, content_type="application/json")


@require_http_methods(["GET", "POST"])
@fresh_account_page
def rename(person: Person, factor_id: uuid.UUID) -> HttpResponse:
    """Give a factor another name."""
    factor = managing.factor_of(person.user, factor_id)
    form = RenameForm(person.request.POST or None, initial={"name": factor.name})
    if person.request.method == "POST" and form.is_valid():
        managing.rename(by=person.actor, user=person.user, factor_id=factor_id, name=form.cleaned_data["name"])
        person.saved(_("The new name is saved."))
        return person.redirect("account:factors")
    values = {"form": form, "factor": factor}
    return person.render("portal/account/factor_rename.html", values, status=422 if form.errors else 200)


@require_POST
@fresh_account_page
def remove(person: Person, factor_id: uuid.UUID) -> HttpResponse:
    """Take a factor away."""
    managing.remove(by=person.actor, user=person.user, factor_id=factor_id)
    person.saved(_("It is removed, and signs you in no more."))
    return person.redirect("account:factors")


@require_POST
@fresh_account_page
def recovery_codes(person: Person) -> HttpResponse:
    """Make new recovery codes and show them, this once."""
    codes = recovery.regenerate(by=person.actor, user=person.user)
    return person.render("portal/account/recovery_codes.html", {"codes": codes, "next": reverse("account:factors")})


def _added(person: Person, codes: list[str]) -> HttpResponse:
    if codes:
        # Shown in the answer itself: nothing keeps them, not even the session.
        return person.render("portal/account/recovery_codes.html", {"codes": codes, "next": _target(person)})
    person.saved(_("It is added. From now on it signs you in."))
    return person.redirect(_target(person))


def _target(person: Person) -> str:
    return safe_target(person.request, otherwise="account:factors")


def _session_key(person: Person) -> str:
    return person.request.session.session_key or ""
