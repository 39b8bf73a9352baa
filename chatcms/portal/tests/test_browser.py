"""The dashboard and the frame in a real browser on the real stack."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bots import services as bot_services
from chatcms.config.environment import BASE_DIR
from chatcms.portal.demo import sample
from chatcms.tests import live
from chatcms.tests.browser import TWO_LOOKS, complaints_of, opened, question_box, shortcomings, signed_in
from datasets import services as dataset_services
from datasets.models import Document
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant, User
from tenants.services import invitations, passwords
from tenants.tests import factories
from tenants.types import SYSTEM

SAMPLE = BASE_DIR / "docs/samples/fjord-one-service-guide.pdf"
QUESTION = "What does the error code E07 mean?"


@pytest.fixture
def owner(transactional_db: None, settings: Any) -> Membership:
    # Browser and server run apart from this process: the person's password must be hashed the usual way.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    return factories.make_member(Tenant.objects.get(slug="acme"))


@pytest.fixture
def address(owner: Membership, website: str) -> str:
    return website


@pytest.fixture
def page(address: str, owner: Membership, browser: Browser) -> Iterator[Page]:
    """A browser in which acme's owner is signed in."""
    with opened(browser) as page:
        yield signed_in(page, owner.user, address)


def test_the_first_steps_lead_from_nothing_to_an_answer_with_its_source(page: Page, address: str) -> None:
    complaints = complaints_of(page)
    with live.worker():
        page.goto(f"{address}/t/acme/")
        page.get_by_text("Create a dataset", exact=True).click()
        page.get_by_label("Name of the dataset").fill("Handbook")
        page.get_by_role("button", name="Create the dataset").click()
        expect(page.locator(".toast")).to_contain_text("The dataset is there.")

        page.get_by_text("Upload documents", exact=True).click()
        page.get_by_label("Drop files here").set_input_files(SAMPLE)
        expect(page.locator(".toast")).to_contain_text("1 file has arrived")
        expect(page.locator("#under-way")).to_be_hidden()

        page.goto(f"{address}/t/acme/")
        expect(page.locator(".step--done")).to_have_count(2)
        page.get_by_text("Ask your bot a question", exact=True).click()
        page.get_by_label("Name of the bot").fill("Helper")
        page.get_by_role("button", name="Create the bot").click()
        question_box(page).fill(QUESTION)
        page.keyboard.press("Enter")
        source = page.locator("button.source").first
        expect(source).to_contain_text(SAMPLE.name)
        expect(page.locator(".turn__facts").last).to_contain_text("whole after")
        expect(page.locator("[data-status]")).to_contain_text("Answer:")

        page.set_viewport_size({"width": 320, "height": 700})
        assert page.locator(".chat__log").evaluate("log => log.scrollWidth <= log.clientWidth")
        source.click()
        expect(page.locator("#passage [data-place]")).to_contain_text("page")
        page.keyboard.press("Escape")
        expect(page.locator("#passage")).to_be_hidden()
    assert complaints == []


def test_the_sample_is_removed_after_a_question_that_names_what_goes(page: Page, address: str) -> None:
    with tenant_scope(Tenant.objects.get(slug="acme")):
        sample.add_sample(by=SYSTEM)
    page.goto(f"{address}/t/acme/")

    page.get_by_role("button", name="Remove the sample").click()
    dialog = page.locator("#confirm")
    expect(dialog).to_contain_text("the sample dataset with 3 documents")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Remove the sample").click()
    dialog.get_by_role("button", name="Remove the sample").click()

    expect(page.locator(".toast")).to_contain_text("The sample is gone.")
    expect(page.get_by_text("There is no bot yet")).to_be_visible()


def test_questions_go_by_keyboard_and_run_no_markup(page: Page, address: str) -> None:
    with tenant_scope(Tenant.objects.get(slug="acme")):
        dataset = dataset_services.create_dataset(by=SYSTEM, name="Handbook")
        bot_services.create_bot(by=SYSTEM, name="Helper", model="local", dataset_ids=[dataset.id])
    page.goto(f"{address}/t/acme/")

    question_box(page).fill("<img src=x onerror=alert(1)> who are you?")
    page.keyboard.press("Enter")

    expect(page.locator(".turn__facts").last).to_contain_text("whole after")
    expect(page.locator(".turn--user")).to_have_text("<img src=x onerror=alert(1)> who are you?")
    assert page.locator(".chat__log img").count() == 0


# --- signing in again --------------------------------------------------------------------------------------


def test_a_form_sent_after_the_sign_in_ran_out_is_not_lost(page: Page, address: str, owner: Membership) -> None:
    page.goto(f"{address}/account/")
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.context.clear_cookies(name="chatcms_session")

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="You have been signed out")).to_be_visible()
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("E-mail address").fill(owner.user.email)
    page.get_by_label("Password").fill(factories.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="You are signed in again")).to_be_visible()
    assert shortcomings(page, picture="portal:resume", wanted=TWO_LOOKS) == []
    page.get_by_role("button", name="Send it now").click()

    expect(page.locator(".toast")).to_contain_text("Your name is saved.")
    owner.user.refresh_from_db()
    assert owner.user.name == "Ada Lovelace"


def test_a_question_asked_after_the_sign_in_ran_out_goes_on_after_signing_in_beside(
    page: Page, address: str, owner: Membership
) -> None:
    with tenant_scope(Tenant.objects.get(slug="acme")):
        bot_services.create_bot(by=SYSTEM, name="Helper", model="local")
    page.goto(f"{address}/t/acme/")
    page.context.clear_cookies(name="chatcms_session")
    question_box(page).fill(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator("#signed-out")).to_be_visible()

    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Sign in again").click()
    beside = opening.value
    beside.get_by_label("E-mail address").fill(owner.user.email)
    beside.get_by_label("Password").fill(factories.PASSWORD)
    beside.keyboard.press("Enter")

    expect(page.locator("#signed-out")).to_be_hidden()
    expect(page.locator(".toast")).to_contain_text("You are signed in again.")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".turn__facts").last).to_contain_text("whole after")


# --- the frame ---------------------------------------------------------------------------------------------


def test_the_rail_is_a_menu_on_a_phone_for_fingers_and_for_keys(page: Page, address: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{address}/t/acme/settings/")
    link = page.get_by_role("navigation", name="Main").get_by_role("link", name="Dashboard")
    expect(link).to_be_hidden()

    page.get_by_role("button", name="Menu", exact=True).click()
    expect(link).to_be_visible()
    page.keyboard.press("Escape")
    expect(link).to_be_hidden()
    expect(page.get_by_role("button", name="Menu", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    link.click()

    expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()


@pytest.mark.parametrize("width", [1280, 320])
def test_everything_leads_everywhere_without_a_script(
    browser: Browser, address: str, owner: Membership, width: int
) -> None:
    with opened(browser, width=width, java_script_enabled=False) as page:
        page.goto(f"{address}/t/acme/")
        page.get_by_label("E-mail address").fill(owner.user.email)
        page.get_by_label("Password").fill(factories.PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        if width < 900:
            page.get_by_role("button", name="Menu", exact=True).click()
        page.locator(".account summary").click()
        page.get_by_role("button", name="Dark").click()
        expect(page.locator("html")).to_have_attribute("data-scheme", "dark")
        if width < 900:
            page.get_by_role("button", name="Menu", exact=True).click()
        page.get_by_role("link", name="Settings").click()
        expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_a_chosen_scheme_wins_over_the_systems(page: Page, address: str) -> None:
    page.goto(f"{address}/t/acme/settings/")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)

    page.locator(".account summary").click()
    page.get_by_role("button", name="Dark").click()

    expect(page.locator("html")).to_have_attribute("data-scheme", "dark")
    assert page.evaluate(ground) != light


def test_right_to_left_pages_are_mirrored(page: Page, address: str) -> None:
    page.context.add_cookies([{"name": "chatcms_language", "value": "ar", "url": address}])
    page.goto(f"{address}/t/acme/")

    rail, main = page.locator(".rail").bounding_box(), page.locator("main").bounding_box()
    assert rail is not None
    assert main is not None
    assert rail["x"] > main["x"]
    assert shortcomings(page, picture="portal:dashboard right to left") == []


# --- fit for everybody -------------------------------------------------------------------------------------

DOORS = {
    "portal:sign-in": "/sign-in/",
    "account:forgotten": "/password-reset/",
    "account:reset": "/password-reset/x",
    "account:invitation stale": "/invitations/x",
    "missing": "/no-such-page/",
}
PAGES = {
    "portal:dashboard": "/t/acme/",
    "portal:settings": "/t/acme/settings/",
    "portal:home": "/?all",
    "portal:signed-in": "/signed-in/",
    "account:profile": "/account/",
    "account:password": "/account/password/",
    "account:prove": "/account/prove/",
    "not found": "/t/acme/bots/01a00000-0000-7000-8000-000000000000/",
}


@pytest.mark.parametrize("name", DOORS)
def test_the_way_in_is_fit_for_everybody(browser: Browser, address: str, name: str) -> None:
    with opened(browser) as page:
        page.goto(address + DOORS[name])
        assert shortcomings(page, picture=name) == []


def test_invitations_and_links_for_new_passwords_work_and_are_fit_for_everybody(browser: Browser, address: str) -> None:
    acme = Tenant.objects.get(slug="acme")
    _, token = invitations.create_invitation(by=SYSTEM, tenant=acme, email="new@acme.example", role=Role.EDITOR)
    with opened(browser) as page:
        page.goto(f"{address}/invitations/{token}")
        expect(page.get_by_role("heading", name="Join acme")).to_be_visible()
        assert shortcomings(page, picture="account:invitation", wanted=TWO_LOOKS) == []
        page.get_by_label("Your name").fill("Nell")
        page.get_by_label("Password").fill("a long enough new one")
        page.get_by_role("button", name="Make an account and join").click()
        expect(page.locator(".toast")).to_contain_text("You are a member of Acme now.")
        person = User.objects.get(email="new@acme.example")
        page.goto(f"{address}/password-reset/{passwords.reset_token_of(person)}")
        page.get_by_label("New password").fill(another := "and yet another long one")
        page.keyboard.press("Enter")
        page.get_by_label("E-mail address").fill(person.email)
        page.get_by_label("Password").fill(another)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()
        page.goto(f"{address}/password-reset/x")
        page.get_by_label("New password").fill("a long enough new one")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="This link")).to_be_visible()
        assert shortcomings(page, picture="account:reset stale", wanted=TWO_LOOKS) == []
        page.goto(f"{address}/password-reset/")
        page.get_by_label("E-mail address").fill("nobody@acme.example")
        page.keyboard.press("Enter")
        expect(page.get_by_text("nobody@acme.example")).to_be_visible()
        assert shortcomings(page, picture="account:forgotten mailed", wanted=TWO_LOOKS) == []


def test_every_page_of_the_frame_is_fit_for_everybody(page: Page, address: str) -> None:
    with tenant_scope(Tenant.objects.get(slug="acme")):
        sample.add_sample(by=SYSTEM)
        Document.objects.filter(name="warranty.md").update(state="failed", error_detail="This file is empty.")
    for name, path in PAGES.items():
        complaints = complaints_of(page)
        page.goto(address + path)
        assert shortcomings(page, picture=name) == [], name
        # That a page is missing, browsers put on the console.
        assert [each for each in complaints if "404" not in each] == [], name


def test_every_part_is_fit_for_everybody(page: Page, address: str) -> None:
    page.goto(f"{address}/styles/")
    assert shortcomings(page, picture="portal:styles", wanted=TWO_LOOKS) == []
    for path in [link.get_attribute("href") or "" for link in page.locator(".choice").all()]:
        page.goto(address + path)
        assert shortcomings(page, picture=f"portal:style {path}") == [], path
