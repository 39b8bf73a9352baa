"""Short forms: a new bot, a copy, a key, a note on a version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bots.catalogue import TEMPLATES
from bots.models import MAX_NOTE
from bots.offers import Offers
from chatcms.core.pages.forms import TextField


class NewBotForm(forms.Form):
    """A new bot: its name, what it begins from, and the datasets that it answers from."""

    name = TextField(label=_("Name"), max_length=255, widget=forms.TextInput(attrs={"autofocus": True}))
    template = forms.ChoiceField(
        label=_("Begin with"),
        choices=[(one.key, one.name) for one in TEMPLATES],
        initial=TEMPLATES[0].key,
        widget=forms.RadioSelect,
    )
    datasets = forms.MultipleChoiceField(
        label=_("Datasets it answers from"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, offers: Offers) -> None:
        """Offer the tenant's datasets."""
        super().__init__(data)
        datasets = self.fields["datasets"]
        assert isinstance(datasets, forms.MultipleChoiceField)  # noqa: S101 - as declared above
        datasets.choices = [(str(one.id), one.name) for one in offers.datasets]


class NameForm(forms.Form):
    """What a copy is called."""

    name = TextField(label=_("Name of the copy"), max_length=255)


class KeyNameForm(forms.Form):
    """What a new key is called."""

    name = TextField(label=_("Name of the key"), max_length=100, help_text=_("So that you know later what uses it."))


class NoteForm(forms.Form):
    """What a version is about."""

    note = forms.CharField(
        label=_("What has changed"),
        max_length=MAX_NOTE,
        required=False,
        help_text=_("For whoever looks through the versions later. May be left empty."),
    )
