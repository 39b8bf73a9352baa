"""The form of how a bot's widget looks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from bots import look
from bots.enums import Avatar, LauncherIcon, Side, Theme
from bots.exceptions import BotSettingsError
from bots.look import AUTO, LookSettings
from bots.versioned import Settings
from chatcms.core.pages.refusals import add_refusal

# Those that people ask for most; any other that the bot has stays possible.
LANGUAGES = ("ar", "cs", "da", "de", "en", "es", "fa", "fi", "fr", "he", "hu", "id", "it", "ja", "ko", "nb", "nl")
MORE_LANGUAGES = ("pl", "pt", "pt-br", "ro", "ru", "sv", "tr", "uk", "ur", "vi", "zh-hans", "zh-hant")


def _text(label: Any, limit: int, help_text: Any = "", rows: int = 0) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, max_length=limit, required=False, widget=widget, help_text=help_text)


class LookForm(forms.Form):
    """How the widget looks, all of it."""

    accent = forms.CharField(
        label=_("Accent colour"),
        required=False,
        max_length=7,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("Write a colour as #rrggbb."))],
        widget=forms.TextInput(attrs={"placeholder": "#0f766e", "data-colour": "", "spellcheck": "false"}),
        help_text=_("Empty: your own from Branding. Text on it stays readable whatever you choose."),
    )
    theme = forms.ChoiceField(label=_("Light or dark"), choices=Theme.choices)
    position = forms.ChoiceField(label=_("Side of the page"), choices=Side.choices)
    launcher_icon = forms.ChoiceField(label=_("Icon of the button"), choices=LauncherIcon.choices)
    launcher_text = _text(_("Text on the button"), look.MAX_LAUNCHER_TEXT, _("Empty: the icon alone."))
    title = _text(_("Title"), look.MAX_TITLE, _("Empty: the bot's name."))
    avatar = forms.ChoiceField(label=_("Beside the title"), choices=Avatar.choices)
    placeholder = _text(_("Text in the empty question box"), look.MAX_PLACEHOLDER)
    language = forms.ChoiceField(label=_("Language of its buttons"), required=True)
    show_sources = forms.BooleanField(
        label=_("Show sources under answers"), required=False, help_text=_("A click opens the passage.")
    )
    talk_to_person = forms.BooleanField(
        label=_("Let visitors ask for a person"),
        required=False,
        help_text=_("The conversation then stands at the top of your inbox."),
    )
    legal_note = _text(_("Legal note"), look.MAX_LEGAL_NOTE, _("Below the question box."), rows=2)
    legal_url = _text(_("Where the legal note leads"), look.MAX_LEGAL_URL, _("An address that begins with https://."))
    proactive_text = _text(
        _("What it says by itself"), look.MAX_PROACTIVE_TEXT, _("Beside the closed button, once. Empty: nothing.")
    )
    proactive_after = forms.IntegerField(
        label=_("After so many seconds"), min_value=1, max_value=look.MAX_PROACTIVE_SECONDS
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, settings: Settings) -> None:
        """Show the look of `settings`; what `data` brings goes first."""
        super().__init__(cast(Any, data), initial=settings["look"])
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)  # noqa: S101 - as declared above
        language.choices = _languages(settings["look"]["language"])

    def clean_accent(self) -> str:
        """Take capitals too."""
        return str(self.cleaned_data["accent"]).lower()

    def values(self) -> LookSettings:
        """Return what was sent, as services take it; the form must be valid."""
        return cast(LookSettings, dict(self.cleaned_data))

    def refuse(self, error: BotSettingsError) -> None:
        """Show at its fields what the service does not accept."""
        faults = [{**each, "pointer": each["pointer"].removeprefix("/look")} for each in error.extra.get("errors", [])]
        add_refusal(self, BotSettingsError({each["pointer"]: each["detail"] for each in faults}))


def _languages(present: str) -> list[tuple[str, Any]]:
    known = [(_tag(code), get_language_info(code)["name_local"]) for code in (*LANGUAGES, *MORE_LANGUAGES)]
    if present != AUTO and present not in {tag for tag, _name in known}:
        known.append((present, present))
    return [(AUTO, _("The page's own")), *sorted(known, key=lambda one: one[1].casefold())]


def _tag(code: str) -> str:
    """Return a language tag as browsers write it: pt-BR, zh-Hans."""
    language, _dash, rest = code.partition("-")
    if not rest:
        return language
    return f"{language}-{rest.upper() if len(rest) == 2 else rest.title()}"
