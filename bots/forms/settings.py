"""The form of what comes in versions, but for the look."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, cast

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from bots.enums import NoEvidence
from bots.exceptions import BotSettingsError
from bots.forms.lines import LinesField
from bots.models import MAX_FALLBACKS, MAX_PROMPT, MAX_QUESTION, MAX_QUESTIONS, MAX_TEXT, MAX_TOKENS
from bots.offers import Offers
from bots.services import DraftChanges
from bots.services.settings import MAX_MODEL
from bots.versioned import Settings
from chatcms.core.pages.forms import DecimalInput, TextField
from chatcms.core.pages.refusals import add_refusal
from datasets.types import MOST_PASSAGES

MODELS_LIST = "known-models"


class BotForm(forms.Form):
    """All settings that come in versions, but for the look."""

    name = TextField(label=_("Name"), max_length=255, help_text=_("Visitors see it as the title of the chat."))
    description = forms.CharField(
        label=_("Description"),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What it is for. Visitors can read it too."),
    )
    system_prompt = forms.CharField(
        label=_("Instructions"),
        max_length=MAX_PROMPT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "true"}),
        help_text=_("Whom it speaks for, how it speaks, what it must never do. Facts belong into datasets."),
    )
    datasets = forms.MultipleChoiceField(
        label=_("Datasets it answers from"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Without one it answers from what its model knows, and shows no sources."),
    )
    no_evidence = forms.ChoiceField(
        label=_("When its documents hold nothing on the question"), choices=NoEvidence.choices, widget=forms.RadioSelect
    )
    no_evidence_message = forms.CharField(
        label=_("What it says then"),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Empty: our own sentence."),
    )
    passages = forms.IntegerField(
        label=_("Passages that the model is given at most"),
        min_value=1,
        max_value=MOST_PASSAGES,
        help_text=_("Fewer suit a small model and cost less; more help where answers are spread over many documents."),
    )
    provider = forms.ChoiceField(label=_("Provider"), required=False)
    model = forms.CharField(
        label=_("Model"),
        max_length=MAX_MODEL,
        widget=forms.TextInput(attrs={"list": MODELS_LIST, "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("As the provider calls it."),
    )
    temperature = forms.FloatField(
        label=_("Temperature"),
        min_value=0,
        max_value=2,
        widget=DecimalInput(attrs={"step": "0.1"}),
        help_text=_("0 says the same each time, 1 and more gets inventive."),
    )
    max_tokens = forms.IntegerField(
        label=_("Longest answer, in tokens"),
        required=False,
        min_value=1,
        max_value=MAX_TOKENS,
        help_text=_("Empty: as long as the model likes. 500 tokens are about 375 English words."),
    )
    welcome_message = forms.CharField(
        label=_("Welcome message"),
        max_length=MAX_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What stands there before anybody has asked."),
    )
    suggested_questions = LinesField(
        label=_("Suggested questions"),
        most=MAX_QUESTIONS,
        longest=MAX_QUESTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One a line, up to 8. Visitors can ask them with one click."),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, offers: Offers, settings: Settings) -> None:
        """Show `settings`; what `data` brings goes first."""
        self._settings = settings
        super().__init__(cast(Any, data), initial=_initial(settings))
        self.offers = offers
        self._choice("datasets").choices = _datasets(offers, settings)
        providers = _providers(offers, settings)
        self._choice("provider").choices = providers
        for number in range(1, MAX_FALLBACKS + 1):
            self.fields[f"fallback_{number}_provider"] = forms.ChoiceField(
                label=_("Provider"), choices=providers, required=False
            )
            self.fields[f"fallback_{number}_model"] = forms.CharField(
                label=_("Model"), max_length=MAX_MODEL, required=False, widget=self.fields["model"].widget
            )

    @property
    def fallback_rows(self) -> Iterator[tuple[BoundField, BoundField]]:
        """The pairs of fields that name a model to fall back to."""
        for number in range(1, MAX_FALLBACKS + 1):
            yield self[f"fallback_{number}_provider"], self[f"fallback_{number}_model"]

    @property
    def has_fallbacks(self) -> bool:
        """Whether any of them says something, or is wrong."""
        return any(model.value() or model.errors for _provider, model in self.fallback_rows)

    def clean(self) -> dict[str, Any]:
        """Ask for the model of a fallback whose provider is chosen."""
        cleaned = super().clean() or {}
        for number in range(1, MAX_FALLBACKS + 1):
            model = f"fallback_{number}_model"
            if cleaned.get(f"fallback_{number}_provider") and not cleaned.get(model) and model not in self.errors:
                self.add_error(model, _("Name the model, or choose the default provider to leave this one out."))
        return cleaned

    def values(self) -> DraftChanges:
        """Return what was sent, as services take it; the form must be valid."""
        cleaned: dict[str, Any] = self.cleaned_data
        same = ("name", "description", "system_prompt", "model", "temperature", "max_tokens", "welcome_message")
        more = ("suggested_questions", "no_evidence", "no_evidence_message", "passages")
        values: dict[str, Any] = {name: cleaned[name] for name in (*same, *more)}
        values["tenant_ai_provider_id"] = _id(cleaned["provider"])
        values["dataset_ids"] = [uuid.UUID(dataset_id) for dataset_id in cleaned["datasets"]]
        values["fallbacks"] = [
            {"model": cleaned[f"fallback_{number}_model"], "provider_id": _id(cleaned[f"fallback_{number}_provider"])}
            for number in range(1, MAX_FALLBACKS + 1)
            if cleaned[f"fallback_{number}_model"]
        ]
        return cast(DraftChanges, values)

    def refuse(self, error: BotSettingsError) -> None:
        """Show at its fields what the service does not accept."""
        add_refusal(
            self,
            error,
            {"provider_id": "provider", "dataset_ids": "datasets", "fallbacks": "fallback_1_model"},
        )

    def _choice(self, name: str) -> forms.ChoiceField:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - as declared above
        return field


def _initial(settings: Settings) -> dict[str, Any]:
    initial = dict(settings)
    initial["datasets"] = settings["dataset_ids"]
    initial["provider"] = settings["tenant_ai_provider_id"] or ""
    for number, fallback in enumerate(settings["fallbacks"], 1):
        initial[f"fallback_{number}_provider"] = fallback["provider_id"] or ""
        initial[f"fallback_{number}_model"] = fallback["model"]
    return initial


def _datasets(offers: Offers, settings: Settings) -> list[tuple[str, Any]]:
    offered = {str(one.id) for one in offers.datasets}
    choices: list[tuple[str, Any]] = []
    for one in offers.datasets:
        count = ngettext_lazy("%(name)s (%(n)s document)", "%(name)s (%(n)s documents)", one.document_count)
        choices.append((str(one.id), count % {"name": one.name, "n": one.document_count}))
    # One that the bot has and that cannot be chosen here must not be lost by saving the rest.
    return choices + [(one, one) for one in settings["dataset_ids"] if one not in offered]


def _providers(offers: Offers, settings: Settings) -> list[tuple[str, Any]]:
    default = _("The tenant's default (%(name)s)") % {"name": offers.default_name}
    choices: list[tuple[str, Any]] = [("", default if offers.default_name else _("The tenant's default"))]
    choices += [(str(one.id), one.name) for one in offers.providers]
    offered = {value for value, _label in choices}
    named = [settings["tenant_ai_provider_id"], *(one["provider_id"] for one in settings["fallbacks"])]
    missing = dict.fromkeys(one for one in named if one and one not in offered)
    return choices + [(one, _("A provider that is switched off")) for one in missing]


def _id(text: str) -> uuid.UUID | None:
    return uuid.UUID(text) if text else None
