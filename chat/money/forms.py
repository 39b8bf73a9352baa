"""Forms of the page about budgets."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bots.models import Bot
from chat.enums import BudgetPeriod
from chat.money.services.budgets import MAX_AMOUNT
from chatcms.core.pages.forms import DecimalInput


class AmountForm(forms.Form):
    """How much may be spent."""

    amount = forms.DecimalField(
        label=_("US dollars"),
        min_value=Decimal(0),
        max_value=MAX_AMOUNT,
        max_digits=11,
        decimal_places=4,
        widget=DecimalInput,
    )


class BudgetForm(AmountForm):
    """A budget of the whole tenant, or of one bot."""

    bot = forms.ModelChoiceField(
        label=_("For"), queryset=Bot.objects.none(), required=False, empty_label=_("All bots together")
    )
    period = forms.ChoiceField(label=_("In each"), choices=BudgetPeriod.choices)
    field_order = ("bot", "period", "amount")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["bot"].queryset = Bot.objects.unarchived().order_by("name")  # type: ignore[attr-defined]
