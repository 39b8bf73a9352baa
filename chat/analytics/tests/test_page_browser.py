"""The page of figures in a real browser, in each width and scheme: fit for everybody, without complaints."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from bots.models import Bot
from bots.services import create_bot
from chat.analytics.tests.facts import ask, many
from chat.models import Usage
from chatcms.tests.browser import TWO_LOOKS, browser, complaints_of, opened, shortcomings, signed_in
from datasets.models import Document
from datasets.services import create_dataset
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

__all__ = ["browser"]


@pytest.fixture
def page(transactional_db: None, browser: Browser, website: str) -> Iterator[tuple[Page, str]]:
    """A page of acme's owner, signed in, and the address of acme's figures."""
    acme = Tenant.objects.get(slug="acme")
    with opened(browser) as one:
        yield signed_in(one, factories.make_member(acme).user, website), f"{website}/t/acme/analytics/"


def _fill() -> None:
    """Two months of questions, the second one busier."""
    with tenant_scope(Tenant.objects.get(slug="acme")):
        dataset = create_dataset(by=SYSTEM, name="Handbook of the shop")
        names = [f"Chapter {number}: returns, delivery and warranty.pdf" for number in range(12)]
        documents = Document.objects.bulk_create(
            Document(dataset=dataset, name=name, sha256=name[:12], size_bytes=1, version=1) for name in names
        )
        bots = [create_bot(by=SYSTEM, name=name, dataset_ids=[dataset.pk]).pk for name in ("Guide", "Shop assistant")]
        dice = random.Random(4)
        now = timezone.now()
        rows = many([now - timedelta(days=60 * dice.random() ** 1.4) for _ in range(900)])
        for row in rows:
            row.bot_id = dice.choice(bots)
            row.model = {"gpt-test": "gpt-5-mini"}.get(row.model, "claude-haiku-4-5")
            row.person = dice.randrange(300)
            if row.has_evidence is None or dice.random() < 0.5:
                row.has_evidence, row.answered_by = True, "model"
            row.cited = [dice.choice(documents[:9]).pk] if row.has_evidence else []
        Usage.objects.bulk_update(rows, ["bot_id", "model", "person", "has_evidence", "answered_by", "cited"])


def _leave_unanswered(*questions: str) -> None:
    with tenant_scope(Tenant.objects.get(slug="acme")):
        bot = Bot.objects.order_by("pk")[0]
        for question in questions:
            ask(bot, question)


def test_the_figures_are_fit_for_everybody(page: tuple[Page, str]) -> None:
    shown, address = page
    _fill()
    _leave_unanswered("Do you ship to Iceland?", "a-very-long-word-without-any-place-to-break-it-" * 5)
    complaints = complaints_of(shown)
    shown.goto(address)
    expect(shown.get_by_role("img", name="Questions")).to_be_visible()
    expect(shown.get_by_role("rowheader", name="Do you ship to Iceland?")).to_be_visible()
    expect(shown.get_by_role("link", name="Analytics")).to_have_attribute("aria-current", "page")
    shown.get_by_text("The same numbers as a table").first.click()
    expect(shown.get_by_role("columnheader", name="From documents")).to_be_visible()
    assert shortcomings(shown, picture="chat:analytics") == []
    iceland = shown.get_by_role("row").filter(has_text="Do you ship to Iceland?")
    iceland.get_by_role("button", name="Done").click()
    expect(shown.locator(".toast")).to_contain_text("It is shown again when somebody asks it anew.")
    shown.get_by_role("link", name="Show 1 dismissed question").click()
    expect(iceland.get_by_role("button", name="Show again")).to_be_visible()
    assert shortcomings(shown, picture="chat:analytics dismissed", within="#unanswered", wanted=TWO_LOOKS) == []
    assert complaints == []


def test_days_and_bot_are_chosen_and_stay_in_the_address(page: tuple[Page, str]) -> None:
    shown, address = page
    _fill()
    shown.goto(address)
    shown.get_by_role("link", name="7 days").click()
    shown.get_by_label("Bot", exact=True).select_option(label="Guide")
    shown.get_by_role("button", name="Show").click()
    expect(shown.get_by_role("link", name="7 days")).to_have_attribute("aria-current", "page")
    assert "bot=" in shown.url
    with shown.expect_download() as download:
        shown.get_by_role("link", name="Figures as CSV").click()
    assert download.value.suggested_filename.startswith("figures-by-day-")


def test_without_questions_it_says_what_it_is_for(page: tuple[Page, str]) -> None:
    shown, address = page
    shown.goto(address)
    expect(shown.get_by_role("heading", name="Nothing was asked in these days")).to_be_visible()
    assert shortcomings(shown, picture="chat:analytics none") == []
