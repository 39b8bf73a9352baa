"""Forms of a person's own account."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chatcms.core.pages.forms import TextField
from tenants.services.passwords import MAX_PASSWORD

PASSWORD_HELP = _("At least 10 characters, and none of the passwords that everybody uses.")


class ProfileForm(forms.Form):
    """What people say about themselves."""

    name = TextField(
        label=_("Your name"),
        max_length=150,
        required=False,
        help_text=_("Shown to your colleagues, and to visitors when you answer them yourself."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )


class PasswordForm(forms.Form):
    """The password that is, and the one to be."""

    current_password = forms.CharField(
        label=_("Present password"),
        max_length=MAX_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    new_password = forms.CharField(
        label=_("New password"),
        max_length=MAX_PASSWORD,
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ForgottenForm(forms.Form):
    """Whose password is to be chosen anew."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class ChooseForm(forms.Form):
    """A password chosen anew."""

    password = forms.CharField(
        label=_("New password"),
        max_length=MAX_PASSWORD,
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password", "autofocus": True}),
    )


class NewcomerForm(forms.Form):
    """Who joins without an account so far."""

    name = TextField(
        label=_("Your name"), max_length=150, widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True})
    )
    password = forms.CharField(
        label=_("Choose a password"),
        max_length=MAX_PASSWORD,
        strip=False,
        help_text=PASSWORD_HELP,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
