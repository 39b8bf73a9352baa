"""Knows how a bot may look on a page: the widget's colours, words and manners, each with a default."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, TypedDict
from urllib.parse import urlsplit

from bots.enums import Avatar, LauncherIcon, Side, Theme
from chatcms.core.errortext import ErrorText

MAX_LAUNCHER_TEXT = 40
MAX_TITLE = 80
MAX_PLACEHOLDER = 120
MAX_LEGAL_NOTE = 500
MAX_LEGAL_URL = 500
MAX_PROACTIVE_TEXT = 200
MAX_PROACTIVE_SECONDS = 600
AUTO = "auto"
ACCENT = re.compile(r"#[0-9a-f]{6}")
LANGUAGE = re.compile(rf"{AUTO}|[a-z]{{2,3}}(-[A-Za-z0-9]{{2,8}}){{0,3}}")

Faults = dict[str, ErrorText]
"""Field to sentence."""


class LookSettings(TypedDict, total=False):
    """What may be set of a look; what is absent stays, or has its default."""

    accent: str
    theme: str
    position: str
    launcher_icon: str
    launcher_text: str
    title: str
    avatar: str
    placeholder: str
    language: str
    show_sources: bool
    talk_to_person: bool
    legal_note: str
    legal_url: str
    proactive_text: str
    proactive_after: int


@dataclass(frozen=True, slots=True)
class Look:
    """How a bot looks. An empty text leaves the choice to the widget: the tenant's accent, the bot's name as title.

    `proactive_text` is what the closed widget says by itself, once, after `proactive_after` seconds.
    """

    accent: str = ""
    theme: str = Theme.AUTO
    position: str = Side.END
    launcher_icon: str = LauncherIcon.CHAT
    launcher_text: str = ""
    title: str = ""
    avatar: str = Avatar.INITIAL
    placeholder: str = ""
    language: str = AUTO
    show_sources: bool = True
    talk_to_person: bool = False
    legal_note: str = ""
    legal_url: str = ""
    proactive_text: str = ""
    proactive_after: int = 10

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> Look:
        """Return what is stored, with the defaults of what is not."""
        return cls(**{field.name: stored[field.name] for field in fields(cls) if field.name in stored})

    def stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def changed(stored: Mapping[str, Any], settings: LookSettings, faults: Faults) -> Look:
    """Return the stored look with `settings` put in; put a sentence into `faults` for each that is not acceptable."""
    values: dict[str, Any] = {**Look.read(stored).stored(), **settings}
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = value.strip()
    values["accent"] = values["accent"].lower()
    look = Look.read(values)
    faults |= _faults_of_texts(look) | _faults_of_choices(look)
    return look


_LENGTHS = {
    "launcher_text": MAX_LAUNCHER_TEXT,
    "title": MAX_TITLE,
    "placeholder": MAX_PLACEHOLDER,
    "legal_note": MAX_LEGAL_NOTE,
    "proactive_text": MAX_PROACTIVE_TEXT,
}
_CHOICES = {"theme": Theme, "position": Side, "launcher_icon": LauncherIcon, "avatar": Avatar}


def _faults_of_texts(look: Look) -> Faults:
    faults = {
        name: ErrorText("Use up to %(limit)s characters.", limit=limit)
        for name, limit in _LENGTHS.items()
        if len(getattr(look, name)) > limit
    }
    if look.accent and not ACCENT.fullmatch(look.accent):
        faults["accent"] = ErrorText("Send a colour as #rrggbb, or nothing for the tenant's own.")
    if not LANGUAGE.fullmatch(look.language):
        faults["language"] = ErrorText("Send a language tag, as en or pt-BR, or auto for the page's language.")
    if look.legal_url and not _is_web_address(look.legal_url):
        faults["legal_url"] = ErrorText(
            "Send an address that begins with https://, of up to %(most)s characters.",
            most=MAX_LEGAL_URL,
        )
    return faults


def _faults_of_choices(look: Look) -> Faults:
    faults = {
        name: ErrorText("Choose one of %(choices)s.", choices=", ".join(choices.values))
        for name, choices in _CHOICES.items()
        if getattr(look, name) not in choices.values
    }
    if not 1 <= look.proactive_after <= MAX_PROACTIVE_SECONDS:
        faults["proactive_after"] = ErrorText(
            "Send a number of seconds from 1 to %(most)s.", most=MAX_PROACTIVE_SECONDS
        )
    return faults


def _is_web_address(text: str) -> bool:
    if len(text) > MAX_LEGAL_URL or any(character.isspace() or not character.isprintable() for character in text):
        return False
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return False
    return parts.scheme == "https" and bool(host) and "@" not in parts.netloc
