"""A person's own account: name and password."""

from __future__ import annotations

from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from chatcms.core.http.addresses import client_address
from chatcms.core.pages.refusals import refusals_in
from tenants.forms.account import PasswordForm, ProfileForm
from tenants.pages import Person, account_page
from tenants.selectors import memberships_of
from tenants.services import entry, passwords, people


@require_http_methods(["GET", "POST"])
@account_page
def profile(person: Person) -> HttpResponse:
    """Show and change the name; show which tenants the person belongs to."""
    form = ProfileForm(person.request.POST or None, initial={"name": person.user.name})
    if person.request.method == "POST" and form.is_valid():
        people.change_own(by=person.actor, name=form.cleaned_data["name"])
        person.saved(_("Your name is saved."))
        return person.redirect("account:profile")
    values = {"form": form, "memberships": memberships_of(person.user), "closed": entry.closed_tenants_of(person.user)}
    return person.render("portal/account/profile.html", values, status=422 if form.errors else 200)


@sensitive_post_parameters("current_password", "new_password")
@require_http_methods(["GET", "POST"])
@account_page
def password(person: Person) -> HttpResponse:
    """Change the password; this browser stays signed in, every other one does not."""
    form = PasswordForm(person.request.POST or None)
    if person.request.method == "POST" and form.is_valid() and _change(person, form):
        person.saved(_("Your password is changed. Everywhere else you have been signed out."))
        return person.redirect("account:password")
    return person.render("portal/account/password.html", {"form": form}, status=422 if form.errors else 200)


def _change(person: Person, form: PasswordForm) -> bool:
    with refusals_in(form):
        passwords.change_own(
            by=person.actor,
            user=person.user,
            present=form.cleaned_data["current_password"],
            password=form.cleaned_data["new_password"],
            address=client_address(person.request.META),
        )
        update_session_auth_hash(person.request, person.user)
        return True
    return False
