"""Where a person is signed in, and ending it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from tenants.pages import Person, account_page
from tenants.services import sign_ins


@require_GET
@account_page
def listed(person: Person) -> HttpResponse:
    """List the browsers and programs that are signed in as the person."""
    found = sign_ins.of(person.user, session_key=person.request.session.session_key or "")
    return person.render("portal/account/sign_ins.html", {"sign_ins": found})


@require_POST
@account_page
def end(person: Person) -> HttpResponse:
    """End one of them."""
    sign_ins.end(by=person.actor, user=person.user, ref=person.request.POST.get("ref", ""))
    person.saved(_("That sign-in is ended."))
    return person.redirect("account:sign-ins")


@require_POST
@account_page
def end_others(person: Person) -> HttpResponse:
    """End all but this browser's."""
    session_key = person.request.session.session_key or ""
    sign_ins.end_others(by=person.actor, user=person.user, session_key=session_key)
    person.saved(_("You are signed out everywhere else."))
    return person.redirect("account:sign-ins")
