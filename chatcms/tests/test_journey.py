"""The whole first run, by mouse and once by keyboard alone: from signing in to a bad answer that is put right.

Real Chromium, the real server, worker, PostgreSQL and Valkey; the model is a fake provider's, over HTTP. The page that
has the bot is of another origin.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from chat.tests.fixtures import running_fake
from chat.visitors.tests.pages import Site, page_with, site
from chatcms.tests import live
from chatcms.tests.browser import browser, complaints_of, opened, question_box
from chatcms.tests.hands import Hands, Keyboard, Mouse
from providers.tests.fake_provider import FakeProvider
from tenants.models import Tenant
from tenants.tests import factories

__all__ = ["browser", "running_fake"]

RULES = "# Returns\n\nPurchases may be returned within thirty days.\n\n# Repairs\n\nA repair takes ten days.\n"
QUESTION = "How long may I return a purchase?"
RIGHT = "Within forty days: the rule has changed."


@dataclass
class Stage:
    """Where the journey takes place."""

    portal: str
    email: str
    provider: FakeProvider
    shop: Site
    rules: Path


@pytest.fixture
def stage(transactional_db: None, running_fake: FakeProvider, settings: Any, tmp_path: Path) -> Iterator[Stage]:
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    owner = factories.make_member(Tenant.objects.get(slug="acme"))
    rules = tmp_path / "rules.md"
    rules.write_text(RULES)
    extra = {"EGRESS_PRIVATE_HOSTS": running_fake.host}
    with live.web_server(extra=extra) as address, live.worker(extra=extra), site() as shop:
        yield Stage(address, owner.user.email, running_fake, shop, rules)


@pytest.mark.parametrize("hands_of", [Mouse, Keyboard], ids=["mouse", "keyboard"])
def test_a_newcomer_gets_a_bot_onto_a_site_and_puts_a_bad_answer_right(
    browser: Browser, stage: Stage, hands_of: type[Mouse] | type[Keyboard]
) -> None:
    with opened(browser) as page, opened(browser) as visitors_page:
        complaints = complaints_of(page)
        hands, visitors = hands_of(page), hands_of(visitors_page)
        sign_in(hands, stage)
        connect_provider(hands, stage)
        fill_dataset(hands, stage)
        make_bot(hands)
        try_bot(hands)
        snippet = embed(hands, stage)
        assert RIGHT not in ask_as_visitor(visitors, stage, snippet)
        rate_down(visitors)
        fix_answer(hands)
        assert RIGHT in ask_again(visitors)
        assert complaints == []


def sign_in(hands: Hands, stage: Stage) -> None:
    page = hands.page
    page.goto(f"{stage.portal}/")
    hands.write(page.get_by_label("E-mail address"), stage.email)
    hands.write(page.get_by_label("Password", exact=True), factories.PASSWORD)
    hands.press(page.get_by_role("button", name="Sign in", exact=True))
    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


def connect_provider(hands: Hands, stage: Stage) -> None:
    page = hands.page
    hands.press(page.get_by_role("link", name="Connect a provider"))
    hands.choose(page.get_by_label("Kind"), "OpenAI-compatible server")
    hands.write(page.get_by_label("Name"), "Our models")
    hands.write(page.get_by_label("API key"), "sk-of-the-journey-0123456789")
    hands.write(page.get_by_label("Address"), stage.provider.openai_url)
    hands.write(page.get_by_label("Models"), "cite")
    hands.press(page.get_by_role("button", name="Save and test"))
    expect(page.get_by_text("It works")).to_be_visible()


def fill_dataset(hands: Hands, stage: Stage) -> None:
    page = hands.page
    rail(hands, "Datasets")
    hands.press(page.get_by_role("link", name="New dataset").first)
    hands.write(page.get_by_label("Name"), "Shop rules")
    hands.press(page.get_by_role("button", name="Make the dataset"))
    hands.give(page.get_by_label("Drop files here"), stage.rules)
    expect(page.locator('[data-state="ready"]')).to_contain_text("rules.md")


def make_bot(hands: Hands) -> None:
    page = hands.page
    rail(hands, "Bots")
    hands.press(page.get_by_role("link", name="New bot").first)
    hands.write(page.get_by_label("Name", exact=True), "Guide")
    hands.press(page.get_by_role("radio").first)
    hands.press(page.get_by_label("Shop rules"))
    hands.press(page.get_by_role("button", name="Make the bot"))
    expect(page.get_by_role("heading", name="Guide", exact=True)).to_be_visible()


def try_bot(hands: Hands) -> None:
    """Try a model that is not saved yet, then publish it."""
    page = hands.page
    hands.write(page.get_by_role("combobox", name="Model", exact=True).first, "cite")
    playground = page.get_by_role("region", name="Playground")
    hands.write(question_box(playground), QUESTION)
    page.keyboard.press("Enter")
    expect(playground.locator("button.source").first).to_contain_text("rules.md")
    expect(playground.locator(".turn__facts").last).to_contain_text("whole after")
    hands.press(page.get_by_role("button", name="Publish version"))
    expect(page.get_by_text("is published")).to_be_visible()


def embed(hands: Hands, stage: Stage) -> str:
    """Allow the shop's site, and return the line to put into its page."""
    page = hands.page
    hands.press(page.get_by_role("link", name="Embed"))
    hands.write(page.get_by_label("Sites that may show it"), stage.shop.origin)
    hands.press(page.get_by_role("button", name="Save", exact=True))
    expect(page.get_by_text("It holds from now on")).to_be_visible()
    snippet = page.locator("#snippet-text-1").inner_text()
    assert snippet.startswith("<script")
    return snippet


def ask_as_visitor(hands: Hands, stage: Stage, snippet: str) -> str:
    page = hands.page
    page.goto(stage.shop.put("/", page_with(snippet)))
    hands.press(widget(page).get_by_role("button", name="Chat with Guide", exact=True))
    return _asked(hands)


def rate_down(hands: Hands) -> None:
    hands.press(widget(hands.page).get_by_role("button", name="Bad answer", exact=True).last)


def ask_again(hands: Hands) -> str:
    hands.page.reload()  # The widget opens itself where it was open.
    expect(widget(hands.page).locator(".turn").first).to_be_visible()
    return _asked(hands)


def fix_answer(hands: Hands) -> None:
    """Find the conversation, and write the right answer to its question."""
    page = hands.page
    rail(hands, "Conversations")
    hands.press(page.get_by_role("link", name=QUESTION).first)
    hands.press(page.get_by_role("link", name="Fix this answer").first)
    hands.write(page.get_by_label("The right answer"), RIGHT)
    hands.press(page.get_by_role("button", name="Save the answer"))
    expect(page.get_by_text("Saved.")).to_be_visible()


def rail(hands: Hands, section: str) -> None:
    hands.press(hands.page.get_by_role("navigation", name="Main").get_by_role("link", name=section, exact=True))


def widget(page: Page) -> Locator:
    return page.locator("chat-ai-widget")


def _asked(hands: Hands) -> str:
    chat = widget(hands.page)
    turns_before = chat.locator(".turn").count()
    hands.write(chat.get_by_role("textbox").first, QUESTION)
    hands.page.keyboard.press("Enter")
    expect(chat.locator(".turn")).not_to_have_count(turns_before)
    expect(chat.locator(".turn").last).to_have_attribute("data-state", "done")
    return " ".join(chat.locator(".answer").last.locator(".text").inner_text().split())
