"""Which days and which bot the page of figures is about, from its address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bots.models import Bot
from chatcms.core.pages.forms import DateInput


class FiguresPeriodForm(forms.Form):
    """The first and the last day, and a bot; all may be left out."""

    since = forms.DateField(label=_("From"), required=False, widget=DateInput())
    until = forms.DateField(label=_("To"), required=False, widget=DateInput())
    bot = forms.ModelChoiceField(
        label=_("Bot"), queryset=Bot.objects.none(), required=False, empty_label=_("All bots together")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["bot"].queryset = Bot.objects.order_by("name")  # type: ignore[attr-defined]
