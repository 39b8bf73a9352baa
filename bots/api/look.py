"""The look of a bot's widget, as it is shown and as it is set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bots import look
from bots.enums import Avatar, LauncherIcon, Side, Theme
from bots.look import Look
from chatcms.core.api import serializers

LOOK_EXAMPLE = Look(accent="#0f766e", title="Acme help", launcher_text="Ask us").stored()


def _text(limit: int, help_text: str) -> serializers.CharField:
    return serializers.CharField(max_length=limit, required=False, allow_blank=True, help_text=help_text)


class LookSerializer(serializers.Serializer[Any]):
    """How the widget looks. When it is set, what is not sent stays; an empty text stands for the default."""

    accent = serializers.RegexField(
        r"^#[0-9A-Fa-f]{6}\Z", required=False, allow_blank=True, help_text="`#rrggbb`; empty: the tenant's colour."
    )
    theme = serializers.ChoiceField(
        choices=Theme.values,
        required=False,
        help_text="Whether the widget is light or dark; `auto` follows the visitor's system.",
    )
    position = serializers.ChoiceField(
        choices=Side.values, required=False, help_text="The side of the page, as its language reads."
    )
    launcher_icon = serializers.ChoiceField(
        choices=LauncherIcon.values, required=False, help_text="The picture on the button that opens the widget."
    )
    launcher_text = _text(look.MAX_LAUNCHER_TEXT, "Beside the icon on the button that opens it.")
    title = _text(look.MAX_TITLE, "Empty: the bot's name.")
    avatar = serializers.ChoiceField(
        choices=Avatar.values, required=False, help_text="What stands beside the bot's answers."
    )
    placeholder = _text(look.MAX_PLACEHOLDER, "In the empty field for questions.")
    language = serializers.RegexField(
        rf"^({look.LANGUAGE.pattern})\Z", required=False, help_text="A language tag; `auto`: the page's language."
    )
    show_sources = serializers.BooleanField(required=False, help_text="Whether answers show where they come from.")
    talk_to_person = serializers.BooleanField(required=False, help_text="Whether visitors may ask for a person.")
    legal_note = _text(look.MAX_LEGAL_NOTE, "Below the field for questions.")
    legal_url = _text(look.MAX_LEGAL_URL, "Where the legal note leads: an `https://` address.")
    proactive_text = _text(look.MAX_PROACTIVE_TEXT, "What the closed widget says by itself, once.")
    proactive_after = serializers.IntegerField(
        min_value=1, max_value=look.MAX_PROACTIVE_SECONDS, required=False, help_text="Seconds until it says so."
    )

    def to_representation(self, stored: Mapping[str, Any]) -> dict[str, Any]:
        """Return the whole look, with the defaults of what is not stored."""
        return super().to_representation(Look.read(stored))
