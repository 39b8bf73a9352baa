"""The fields of timeouts, for every form of a provider."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from providers.timeouts import MOST, listed_timeouts, usual_timeouts

# The fields of timeouts, by their names in a config
TIMEOUT_FIELDS = {"first_word": "first_word_seconds", "silence": "silence_seconds", "total": "total_seconds"}


def _seconds(name: str, label: Any, help_text: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=help_text, required=False, min_value=1, max_value=MOST[name])


class TimeoutsForm(forms.Form):
    """How long a provider is waited for, in seconds; what is left empty is as the platform has it."""

    first_word_seconds = _seconds(
        "first_word",
        _("Seconds until the first word"),
        _("A slow server reads a long prompt for a while before it says anything."),
    )
    silence_seconds = _seconds(
        "silence", _("Seconds of silence between words"), _("Then the answer counts as broken off.")
    )
    total_seconds = _seconds(
        "total", _("Seconds in total"), _("For a whole answer; no less than until the first word.")
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        """Show what applies where nothing is said."""
        super().__init__(*args, **options)
        usual = usual_timeouts()
        for name, seconds in zip(TIMEOUT_FIELDS, (usual.first_token, usual.between_chunks, usual.total), strict=True):
            self.fields[TIMEOUT_FIELDS[name]].widget.attrs["placeholder"] = f"{seconds:g}"

    def clean_total_seconds(self) -> int | None:
        """Refuse less than is allowed until the first word."""
        total: int | None = self.cleaned_data["total_seconds"]
        if total is not None and total < (self.cleaned_data.get("first_word_seconds") or 0):
            raise forms.ValidationError(_("A whole answer takes no less time than its first word."))
        return total

    def timeouts(self) -> dict[str, int]:
        """Return those that are said, as a config has them."""
        said = {name: self.cleaned_data.get(field) for name, field in TIMEOUT_FIELDS.items()}
        return {name: seconds for name, seconds in said.items() if seconds is not None}

    @property
    def says_timeouts(self) -> bool:
        """Whether any of them says something, or is wrong."""
        return any(self[field].value() or self[field].errors for field in TIMEOUT_FIELDS.values())


def initial_timeouts(config: Mapping[str, Any]) -> dict[str, int]:
    """Return what the fields show of a config."""
    return {TIMEOUT_FIELDS[name]: seconds for name, seconds in listed_timeouts(config).items()}
