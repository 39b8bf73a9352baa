"""Forms about second factors."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from chatcms.core.pages.forms import TextField
from tenants.services.passwords import MAX_PASSWORD


class CodeForm(forms.Form):
    """A code of an authenticator app."""

    code = forms.CharField(
        label=_("Code of your authenticator app"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "autofocus": True}),
    )


class RecoveryCodeForm(forms.Form):
    """A recovery code."""

    code = forms.CharField(
        label=_("Recovery code"),
        max_length=40,
        help_text=_("One of the ten that you kept, such as 7KQM-2P9D-XW4H-T6ZB. Each is good once."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "autofocus": True}),
    )


class NewAppForm(forms.Form):
    """The first code of an app that is being added, and what to call it."""

    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
    )
    name = TextField(
        label=_("Name"),
        max_length=100,
        required=False,
        help_text=_("To tell it from others, such as “Phone”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NewPasskeyForm(forms.Form):
    """What to call a passkey, and what the browser made of it."""

    name = TextField(
        label=_("Name"),
        max_length=100,
        required=False,
        help_text=_("To tell it from others, such as “Laptop”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    response = forms.CharField(max_length=20_000, required=False, widget=forms.HiddenInput)


class RenameForm(forms.Form):
    """Another name for a factor."""

    name = TextField(label=_("Name"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ProveForm(forms.Form):
    """The password, once more."""

    password = forms.CharField(
        label=_("Password"),
        max_length=MAX_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )
