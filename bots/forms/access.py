"""The form of who may talk to a bot; what it says holds at once, in no version."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bots import origins
from bots.exceptions import BotSettingsError
from bots.forms.lines import LinesField
from bots.models import MAX_DAILY_QUESTIONS, MAX_ORIGINS, Bot
from chatcms.core.errortext import ErrorText
from chatcms.core.pages.refusals import add_refusal, said

_FIELDS = ("allowed_origins", "hosted_page", "require_identity", "daily_visitor_questions")


class AccessForm(forms.Form):
    """On which sites a bot is shown, and to whom."""

    allowed_origins = LinesField(
        label=_("Sites that may show it"),
        most=MAX_ORIGINS,
        longest=origins.MAX_LENGTH,
        required=False,
        widget=forms.Textarea(
            attrs={"rows": 4, "placeholder": "https://shop.example", "spellcheck": "false", "autocapitalize": "none"}
        ),
        help_text=_(
            "One a line: https://shop.example, or https://*.shop.example for every name below it. "
            "http://localhost:3000 is for trying on your own computer. Empty: no site."
        ),
    )
    hosted_page = forms.BooleanField(
        label=_("It also has a page of its own here"),
        required=False,
        help_text=_("Whoever knows the link can talk to it."),
    )
    require_identity = forms.BooleanField(
        label=_("Only visitors whom your site vouches for"),
        required=False,
        help_text=_("Your server signs who the visitor is; nobody else gets in."),
    )
    daily_visitor_questions = forms.IntegerField(
        label=_("Questions of all visitors together, a day"),
        required=False,
        min_value=1,
        max_value=MAX_DAILY_QUESTIONS,
        help_text=_("A lid on what a stranger can cost you. Empty: no limit."),
    )

    @classmethod
    def of(cls, bot: Bot, data: Any = None) -> AccessForm:
        """Return the form of a bot; what `data` brings goes first."""
        return cls(data, initial={name: getattr(bot, name) for name in _FIELDS})

    def refuse(self, error: BotSettingsError) -> None:
        """Show at its fields what the service does not accept, with the line that it is about."""
        lines = self.cleaned_data.get("allowed_origins", [])
        faults = {}
        for each in error.extra.get("errors", []):
            field, _slash, index = each["pointer"].strip("/").partition("/")
            is_line = field == "allowed_origins" and index.isdigit() and int(index) < len(lines)
            told = ErrorText.of(each["detail"])
            faults[each["pointer"]] = ErrorText.spoken(f"{lines[int(index)]}: {said(told)}") if is_line else told
        add_refusal(self, BotSettingsError(faults))
