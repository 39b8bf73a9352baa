"""Forms of the portal: signing in, first steps, and the keys of programs, which may be limited to some bots."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bots.models import Bot
from chatcms.core.pages.forms import DateInput, TextField
from datasets.models import Dataset
from tenants.enums import Scope
from tenants.models import ApiKey
from tenants.services.passwords import MAX_PASSWORD


class SignInForm(forms.Form):
    """E-mail address and password."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "username webauthn", "autofocus": True}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=MAX_PASSWORD,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class ApiKeyForm(forms.Form):
    """What a key is called, when it ends, and what it is limited to."""

    name = TextField(label=_("Name"), max_length=100, help_text=_("Where it is used: “Website”, “Nightly import”."))
    expires_on = forms.DateField(
        label=_("Last day"),
        required=False,
        widget=DateInput(),
        help_text=_("Empty: it does not end by itself."),
    )
    bots = forms.ModelMultipleChoiceField(
        label=_("Only these bots"), queryset=Bot.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    datasets = forms.ModelMultipleChoiceField(
        label=_("Only these datasets"),
        queryset=Dataset.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("No bot and no dataset chosen: all, and those still to come. Otherwise only those chosen."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["bots"].queryset = Bot.objects.unarchived().order_by("name")  # type: ignore[attr-defined]
        self.fields["datasets"].queryset = Dataset.objects.order_by("name")  # type: ignore[attr-defined]

    def clean_expires_on(self) -> date | None:
        """Refuse a day that is over."""
        day: date | None = self.cleaned_data["expires_on"]
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(_("This day is over. Choose today or a later one."))
        return day

    def ids(self, field: str) -> list[uuid.UUID] | None:
        """Return the ids that were chosen, None for no limit."""
        return [row.pk for row in self.cleaned_data[field]] or None

    @classmethod
    def initial_of(cls, key: ApiKey) -> dict[str, Any]:
        """Return what the form shows of a key."""
        ends = key.expires_at and timezone.localtime(key.expires_at - timedelta(seconds=1)).date()
        return {"name": key.name, "expires_on": ends, "bots": key.bot_ids or [], "datasets": key.dataset_ids or []}


class NewApiKeyForm(ApiKeyForm):
    """A new key, with what it may do."""

    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=Scope.choices, initial=[Scope.CHAT], widget=forms.CheckboxSelectMultiple
    )
    field_order = ("name", "scopes", "expires_on", "bots", "datasets")


class DatasetForm(forms.Form):
    """The first dataset needs no more than a name."""

    name = TextField(
        label=_("Name of the dataset"),
        max_length=255,
        widget=forms.TextInput(attrs={"placeholder": _("Handbook"), "autocomplete": "off"}),
    )


class BotForm(forms.Form):
    """The first bot needs no more than a name: it answers from every dataset there is."""

    bot_name = TextField(
        label=_("Name of the bot"),
        max_length=255,
        widget=forms.TextInput(attrs={"placeholder": _("Helper"), "autocomplete": "off"}),
    )
