"""Tests of how a bot may look."""

from __future__ import annotations

from typing import Any, cast

import pytest

from bots import services
from bots.exceptions import BotSettingsError
from bots.look import Look, LookSettings, changed
from chatcms.core.errortext import ErrorText
from tenants.models import Tenant
from tenants.types import SYSTEM


def faults_of(**settings: Any) -> set[str]:
    faults: dict[str, ErrorText] = {}
    changed({}, cast(LookSettings, settings), faults)
    return set(faults)


def test_nothing_stored_is_the_look_that_every_bot_begins_with() -> None:
    look = Look.read({})
    assert (look.accent, look.theme, look.position, look.show_sources) == ("", "auto", "end", True)
    assert Look.read(look.stored()) == look


def test_what_a_later_version_stored_is_no_hindrance() -> None:
    assert Look.read({"title": "Help", "hologram": True}) == Look(title="Help")


def test_what_is_not_sent_stays() -> None:
    faults: dict[str, ErrorText] = {}
    look = changed({"title": "Help", "theme": "dark"}, {"accent": "#0F766E", "title": " Acme "}, faults)
    assert (look.title, look.theme, look.accent, faults) == ("Acme", "dark", "#0f766e", {})


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("accent", "teal"),
        ("accent", "#0f766"),
        ("accent", "#0f766e;background:url(//evil.example)"),
        ("theme", "sepia"),
        ("position", "left"),
        ("launcher_icon", ""),
        ("launcher_text", "x" * 41),
        ("title", "x" * 81),
        ("avatar", "photo"),
        ("placeholder", "x" * 121),
        ("language", ""),
        ("language", "English"),
        ("language", 'en" onload="x'),
        ("legal_note", "x" * 501),
        ("legal_url", "http://shop.example/privacy"),
        ("legal_url", "javascript:alert(1)"),
        ("legal_url", "https://user@shop.example/"),
        ("legal_url", "https://"),
        ("legal_url", "https://[shop.example/"),
        ("legal_url", "https://shop.example/a b"),
        ("legal_url", f"https://shop.example/{'x' * 500}"),
        ("proactive_text", "x" * 201),
        ("proactive_after", 0),
        ("proactive_after", 601),
    ],
)
def test_what_no_widget_can_show_is_refused(field: str, wrong: Any) -> None:
    assert faults_of(**{field: wrong}) == {field}


@pytest.mark.parametrize("language", ["auto", "en", "pt-BR", "zh-Hant-TW", "gsw"])
def test_language_tags_are_taken(language: str) -> None:
    assert faults_of(language=language) == set()


def test_a_web_address_is_taken() -> None:
    assert faults_of(legal_url="https://shop.example/privacy?lang=en#bots") == set()


def test_a_bot_keeps_its_look_and_refuses_a_wrong_one_with_a_pointer(in_acme: Tenant) -> None:
    bot = services.create_bot(by=SYSTEM, name="Help", look={"title": "Acme"})
    bot = services.update_bot(by=SYSTEM, bot=bot, look={"theme": "dark"})
    assert Look.read(bot.look) == Look(title="Acme", theme="dark")
    with pytest.raises(BotSettingsError) as caught:
        services.update_bot(by=SYSTEM, bot=bot, look={"theme": "sepia", "accent": "red"})
    assert {error["pointer"] for error in caught.value.extra["errors"]} == {"/look/theme", "/look/accent"}
