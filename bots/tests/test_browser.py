"""The pages about bots in a real browser on the real stack: settings that the built-in model answers before saving."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from bots import services
from bots.models import Bot, BotSighting
from bots.selectors import bot_by_id
from chatcms.tests.browser import browser, complaints_of, opened, question_box, shortcomings, signed_in
from datasets.tests.knowledge import ingest, make_dataset
from providers.enums import ProviderType
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

__all__ = ["browser"]

RULES = (
    "# Returns\n\nYou may return a helmet within forty days.\n\n# Warranty\n\nThe battery is covered for four years.\n"
)
QUESTION = "How long is the battery covered?"


@pytest.fixture
def acme(transactional_db: None) -> Tenant:
    return Tenant.objects.get(slug="acme")


@pytest.fixture
def page(acme: Tenant, browser: Browser, website: str) -> Iterator[Page]:
    """A page of acme's owner, signed in, at the list of bots."""
    user = factories.make_member(acme).user
    with opened(browser) as page:
        signed_in(page, user, website)
        page.goto(f"{website}/t/acme/bots/")
        yield page


def knowing_bot(acme: Tenant, **settings: Any) -> Bot:
    with tenant_scope(acme):
        dataset = make_dataset()
        ingest(dataset, "rules.md", RULES)
        return services.create_bot(by=SYSTEM, name="Help desk", dataset_ids=[dataset.pk], **settings)


def saved(acme: Tenant, bot: Bot) -> Bot:
    with tenant_scope(acme):
        return bot_by_id(bot.pk)


def test_settings_are_tried_before_they_are_saved_and_say_why_they_answered_so(acme: Tenant, page: Page) -> None:
    bot = knowing_bot(acme)
    complaints = complaints_of(page)
    page.reload()
    page.get_by_role("link", name="Help desk").click()
    playground = page.get_by_role("region", name="Playground")

    page.get_by_label("Welcome message").fill("Ask me about bicycles.")
    expect(playground).to_contain_text("Ask me about bicycles.")
    page.get_by_label("Instructions").fill("Speak like a sailor.")
    question_box(playground).fill(QUESTION)
    playground.get_by_role("button", name="Send").click()
    answer = playground.locator(".turn--assistant").first
    expect(answer).to_contain_text("four years")
    expect(answer.locator(".turn__facts")).to_contain_text("first words after")
    expect(answer.locator(".turn__facts")).to_contain_text("tokens")

    answer.locator(".source").first.click()
    expect(page.locator("#passage")).to_contain_text("The battery is covered for four years.")
    page.keyboard.press("Escape")
    answer.get_by_text("Why this answer").click()
    expect(answer.locator(".why")).to_contain_text("Speak like a sailor.")
    expect(answer.locator(".why")).to_contain_text("rules.md")
    expect(answer.locator(".why")).to_contain_text("score")
    assert saved(acme, bot).system_prompt == ""
    assert not saved(acme, bot).has_draft

    playground.get_by_role("button", name="Published").click()
    expect(playground.locator(".turn--assistant")).to_have_count(0)
    question_box(playground).fill(QUESTION)
    playground.get_by_role("button", name="Send").click()
    answer = playground.locator(".turn--assistant").first
    expect(answer).to_contain_text("four years")
    answer.get_by_text("Why this answer").click()
    expect(answer.locator(".why")).not_to_contain_text("Speak like a sailor.")

    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("The draft is saved.")).to_be_visible()
    page.get_by_role("link", name="Review and publish").click()
    expect(page.locator("#differences")).to_contain_text("Speak like a sailor.")
    page.get_by_label("What has changed").fill("A sailor's tongue")
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_text("Version 2 is published.")).to_be_visible()
    assert saved(acme, bot).system_prompt == "Speak like a sailor."
    assert complaints == []


def test_wrong_settings_are_named_in_the_playground_and_nothing_is_asked(acme: Tenant, page: Page) -> None:
    bot = knowing_bot(acme)
    page.goto(f"{page.url}{bot.pk}/")
    page.get_by_label("Temperature").fill("7")
    question_box(page).fill(QUESTION)
    page.get_by_role("button", name="Send").click()
    expect(page.locator(".turn--assistant")).to_contain_text("Mend the settings first. Temperature:")
    page.get_by_label("Temperature").fill("0.5")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".turn--assistant")).to_contain_text("four years")


def test_a_bot_is_made_tried_and_published_by_keyboard_alone(acme: Tenant, page: Page) -> None:
    with tenant_scope(acme):
        ingest(make_dataset(), "rules.md", RULES)
    keys = page.keyboard
    page.get_by_role("link", name="New bot").first.focus()
    keys.press("Enter")
    expect(page.get_by_role("textbox", name="Name")).to_be_focused()
    keys.type("Night desk")
    keys.press("Tab")
    keys.press("ArrowDown")
    expect(page.get_by_role("radio", name="Product adviser")).to_be_checked()
    keys.press("Tab")
    keys.press("Space")
    keys.press("Tab")
    expect(page.get_by_role("button", name="Make the bot")).to_be_focused()
    keys.press("Enter")
    expect(page.get_by_role("heading", name="Night desk")).to_be_visible()

    question = question_box(page)
    for _ in range(80):
        keys.press("Tab")
        if question.evaluate("box => box === document.activeElement"):
            break
    keys.type(QUESTION)
    keys.press("Enter")
    answer = page.locator(".turn--assistant").first
    expect(answer).to_contain_text("four years")
    expect(question).to_be_focused()
    # What it was made from comes with the end of the answer.
    expect(answer.locator(".why summary")).to_be_visible()
    keys.press("Shift+Tab")
    expect(answer.locator(".why summary")).to_be_focused()
    keys.press("Enter")
    expect(answer.locator(".why")).to_contain_text("You help people to choose")
    page.get_by_label("Instructions").focus()
    keys.type("Be quick. ")
    page.get_by_role("button", name="Publish version 2").focus()
    keys.press("Enter")
    expect(page.get_by_text("Version 2 is published.")).to_be_visible()


def test_the_look_is_seen_on_the_widget_itself_while_it_is_chosen(acme: Tenant, page: Page) -> None:
    bot = knowing_bot(acme, welcome_message="Hello from the desk.")
    complaints = complaints_of(page)
    page.goto(f"{page.url}{bot.pk}/look/")
    widget = page.locator("chat-ai-widget")
    launcher = widget.get_by_role("button", name="Chat with Help desk")
    expect(launcher).to_be_visible()

    page.get_by_label("Text on the button").fill("Need a hand?")
    expect(widget.get_by_role("button", name="Need a hand?, Chat with Help desk")).to_be_visible()
    page.get_by_label("Accent colour").fill("#aa3300")
    expect(widget.locator(".root")).to_have_attribute("style", re.compile("#aa3300"))
    page.get_by_label("Side of the page").select_option("start")
    expect(widget.locator(".root")).to_have_attribute("data-side", "start")
    widget.get_by_role("button", name="Need a hand?").click()
    expect(widget).to_contain_text("Hello from the desk.")

    assert saved(acme, bot).look == {}
    assert complaints == []


def test_leaving_with_settings_that_are_not_saved_is_asked_about(acme: Tenant, page: Page) -> None:
    bot = knowing_bot(acme)
    page.goto(f"{page.url}{bot.pk}/")
    page.get_by_label("Instructions").fill("Half a thought")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Versions").click()
    expect(page.get_by_label("Instructions")).to_have_value("Half a thought")
    assert asked == ["beforeunload"]


def test_a_key_is_made_in_place_and_the_code_with_it_works(acme: Tenant, page: Page) -> None:
    bot = knowing_bot(acme)
    page.goto(f"{page.url}{bot.pk}/api/")
    page.get_by_role("button", name="Make a key").click()
    code = page.locator("#sample-text-1").inner_text()
    assert "cms_live_" in code and "…" not in code
    key = code.split("Bearer ")[1].split('"')[0]
    asked = page.request.post(
        code.split()[1],
        headers={"Authorization": f"Bearer {key}"},
        data={"model": "help-desk", "messages": [{"role": "user", "content": QUESTION}]},
    )
    assert "four years" in asked.json()["choices"][0]["message"]["content"]


def test_a_viewer_tries_the_bot_and_finds_the_settings_shut(acme: Tenant, page: Page, browser: Browser) -> None:
    bot = knowing_bot(acme)
    with tenant_scope(acme):
        services.edit_draft(by=SYSTEM, bot=bot, welcome_message="From the draft.")
    viewer = factories.make_member(acme, "viewer@acme.example", role=Role.VIEWER).user
    with opened(browser) as theirs:
        signed_in(theirs, viewer, page.url)
        theirs.goto(f"{page.url}{bot.pk}/")
        expect(theirs.get_by_label("Instructions")).to_be_disabled()
        expect(theirs.get_by_text("From the draft.")).to_have_count(2)
        question_box(theirs).fill(QUESTION)
        theirs.get_by_role("button", name="Send").click()
        expect(theirs.locator(".turn--assistant")).to_contain_text("four years")


def test_every_page_about_bots_is_fit_for_everybody(acme: Tenant, page: Page) -> None:
    portal = page.url.removesuffix("/bots/")
    assert shortcomings(page, picture="bots:list none") == []
    long = "averylongnamewithoutanyplacetobreakit" * 4
    prompt = "\n".join(f"Line {number} of the instructions." for number in range(12))
    bot = knowing_bot(
        acme,
        description="Answers what customers of the shop ask.",
        system_prompt=prompt,
        suggested_questions=["How long is the battery covered?", "May I return a helmet?"],
        welcome_message="Hello. What may I help you with?",
        fallbacks=[{"model": "local", "provider_id": None}],
    )
    with tenant_scope(acme):
        vendor = TenantAIProvider.objects.create(name="OpenAI", provider_type=ProviderType.OPENAI).pk
        on_vendor: Any = {"model": long[:150], "tenant_ai_provider_id": vendor}
        services.create_bot(by=SYSTEM, name=long, description=long, is_active=False, **on_vendor)
        bot = services.update_bot(by=SYSTEM, bot=bot, temperature=0.2, allowed_origins=["https://shop.example"])
        services.edit_draft(
            by=SYSTEM,
            bot=bot,
            system_prompt="\n".join(f"Line {number} of the instructions." for number in range(12) if number != 6)
            + long,
            model="gpt-4o",
            tenant_ai_provider_id=vendor,
            look={"accent": "#7c3aed", "title": "Ask us"},
            suggested_questions=["May I return a helmet?", "Where are you?"],
        )
        answer = services.create_curated_answer(
            by=SYSTEM, bot=bot, answer=f"We are open from nine to five. {long}", questions=["When are you open?", long]
        )
        BotSighting.objects.create(bot=bot, origin="https://shop.example")
        BotSighting.objects.create(bot=bot, origin=f"https://{long[:60]}.shop.example")
    of_bot = f"bots/{bot.pk}"
    for name, path in {
        "bots:list": "bots/",
        "bots:create": "bots/new/",
        "bots:edit": f"{of_bot}/",
        "bots:look": f"{of_bot}/look/",
        "bots:answers": f"{of_bot}/answers/",
        "bots:answer-create": f"{of_bot}/answers/new/",
        "bots:answer-edit": f"{of_bot}/answers/{answer.pk}/",
        "bots:versions": f"{of_bot}/versions/",
        "bots:embed": f"{of_bot}/embed/",
        "bots:api": f"{of_bot}/api/",
        "bots:danger": f"{of_bot}/danger/",
    }.items():
        complaints = complaints_of(page)
        page.goto(f"{portal}/{path}")
        assert shortcomings(page, picture=name) == [], name
        assert complaints == [], name


def test_a_conversation_in_the_playground_is_fit_for_everybody(acme: Tenant, page: Page) -> None:
    bot = knowing_bot(acme, suggested_questions=[QUESTION])
    page.goto(f"{page.url}{bot.pk}/")
    page.get_by_role("button", name=QUESTION).click()
    answer = page.locator(".turn--assistant").first
    expect(answer).to_contain_text("four years")
    answer.get_by_text("Why this answer").click()
    assert shortcomings(page, picture="bots:edit asked", within="#playground") == []
