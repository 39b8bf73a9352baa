"""The widget in real Chromium, on pages of another origin, against the real server and a fake provider."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from bots.look import Look
from bots.models import Bot
from chat.enums import Rating
from chat.inbox.services import takeover
from chat.models import Conversation, Feedback, Message
from chat.tests.fixtures import MakeBot
from chat.visitors.tests.cutting import wire_to
from chat.visitors.tests.pages import Site, page_with, site, widget_tag
from chat.visitors.tests.visiting import RECORD, Visitor, change, public, visitor
from chatcms.tests.browser import complaints_of, opened, shortcomings
from chatcms.tests.waiting import settle_page, until_shown
from datasets.models import Dataset
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.services.settings import make_identity_secret
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

QUESTION = "How long may I return a purchase?"


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Site]:
    with site() as served:
        yield served


@pytest.fixture
def bot(acme: Tenant, make_bot: MakeBot, handbook: Dataset, shop: Site) -> Bot:
    """A bot that answers with a source, on the pages of the shop."""
    return make_bot(
        "cite",
        dataset=handbook,
        allowed_origins=[shop.origin],
        welcome_message="Hello. I know the **shop's rules**.",
        suggested_questions=[QUESTION, "How long does a repair take?"],
    )


@pytest.fixture
def tag(server: str, acme: Tenant, bot: Bot) -> str:
    return widget_tag(server, public(acme, bot))


def speak(acme: Tenant, make_bot: MakeBot, shop: Site, server: str, model: str) -> str:
    """Make a bot that follows another script of the fake provider; return its tag."""
    return widget_tag(server, public(acme, make_bot(model, allowed_origins=[shop.origin])))


# --- asking and reading -------------------------------------------------------------------------------------


def test_a_visitor_asks_and_reads_the_very_passage_behind_the_answer(browser: Browser, shop: Site, tag: str) -> None:
    with visitor(browser, shop, tag) as one:
        complaints = complaints_of(one.page)
        one.open()
        expect(one.who).to_have_text("AI assistant")
        assert one.ask_and_read(QUESTION).startswith("According to the documents")
        source = one.widget.locator(".mark")
        expect(source).to_have_accessible_name("Source 1: rules.txt")

        one.widget.locator(".chip").click()
        passage = one.widget.get_by_role("dialog", name="Source 1: rules.txt")
        expect(passage).to_contain_text("Purchases may be returned within thirty days.")
        expect(one.button("Back")).to_be_focused()
        one.page.keyboard.press("Escape")

        expect(passage).to_be_hidden()
        expect(one.widget.locator(".chip")).to_be_focused()
        assert [name for name, _ in one.told()] == ["ready", "open", "question", "answer"]
        assert dict(one.told())["answer"]["citations"][0]["document"] == "rules.txt"
        assert [each for each in complaints if server_of(tag) not in each and "favicon" not in each] == []


def server_of(tag: str) -> str:
    return tag.partition('src="')[2].partition("/widget")[0]


def test_suggestions_are_asked_with_a_click_and_those_left_follow_the_answer(
    browser: Browser, shop: Site, tag: str
) -> None:
    with visitor(browser, shop, tag) as one:
        one.open()
        one.button(QUESTION).click()
        one.wait_until("done")

        expect(one.widget.locator(".question")).to_contain_text(QUESTION)
        expect(one.widget.locator(".suggestion")).to_have_text(["How long does a repair take?"])


def test_an_answer_can_be_stopped_and_made_anew(
    browser: Browser, server: str, shop: Site, acme: Tenant, make_bot: MakeBot
) -> None:
    with visitor(browser, shop, speak(acme, make_bot, shop, server, "slow-300")) as one:
        one.open()
        one.ask("Apples?")
        expect(one.answer.locator(".text")).not_to_be_empty()
        one.button("Stop").click()
        one.wait_until("stopped")
        expect(one.answer).to_contain_text("Stopped.")
        part = one.text

        one.button("Answer again").click()
        one.wait_until("done")

        assert len(one.text) > len(part)
        expect(one.turns).to_have_count(1)
        with tenant_scope(acme):
            assert sorted(Message.objects.values_list("role", "superseded", "status")) == [
                ("assistant", False, "complete"),
                ("assistant", True, "stopped"),
                ("user", False, "complete"),
            ]


def test_a_failed_answer_says_so_and_can_be_tried_again(
    browser: Browser, server: str, shop: Site, acme: Tenant, make_bot: MakeBot
) -> None:
    with visitor(browser, shop, speak(acme, make_bot, shop, server, "error-3-once")) as one:
        one.open()
        one.ask("Apples?")
        one.wait_until("failed")
        expect(one.answer).to_contain_text("That did not work.")
        assert [name for name, _ in one.told()][-1] == "error"

        one.button("Try again").click()
        one.wait_until("done")

        expect(one.answer.locator(".note")).to_be_empty()


def test_thumbs_and_a_comment_reach_the_tenant(browser: Browser, shop: Site, acme: Tenant, tag: str) -> None:
    with visitor(browser, shop, tag) as one:
        one.open()
        one.ask_and_read(QUESTION)
        one.button("Bad answer").click()
        expect(one.button("Bad answer")).to_be_focused()
        why = one.widget.get_by_role("textbox", name="What was wrong? (optional)")
        why.fill("That is last year's rule.")
        one.widget.locator(".comment").get_by_role("button", name="Send").click()
        expect(why).to_have_count(0)
        with tenant_scope(acme):
            given = Feedback.objects.get()
        assert (given.rating, given.comment) == (Rating.DOWN, "That is last year's rule.")

        one.button("Bad answer").click()
        expect(one.button("Bad answer")).to_have_attribute("aria-pressed", "false")
        one.page.wait_for_function("told.filter(([name]) => name === 'feedback').length === 3")
        with tenant_scope(acme):
            assert not Feedback.objects.exists()


def test_an_answer_is_copied_as_it_was_written(browser: Browser, shop: Site, tag: str) -> None:
    with visitor(browser, shop, tag, permissions=["clipboard-read", "clipboard-write"]) as one:
        one.open()
        one.ask_and_read(QUESTION)
        one.button("Copy").click()

        assert one.page.evaluate("navigator.clipboard.readText()").startswith("According to the documents [1]")


# --- for everybody ------------------------------------------------------------------------------------------


def test_all_goes_by_keyboard_and_focus_comes_back(browser: Browser, shop: Site, tag: str) -> None:
    with visitor(browser, shop, tag) as one:
        launcher = one.button("Chat with Guide")
        expect(launcher).to_be_visible()
        one.page.keyboard.press("Tab")
        expect(launcher).to_be_focused()
        one.page.keyboard.press("Enter")
        expect(one.box).to_be_focused()
        one.page.keyboard.type(QUESTION)
        one.page.keyboard.press("Shift+Enter")
        one.page.keyboard.press("Enter")
        one.wait_until("done")
        expect(one.box).to_be_focused()

        one.page.keyboard.press("Escape")

        expect(one.panel).to_be_hidden()
        expect(launcher).to_be_focused()
        expect(launcher).to_have_attribute("aria-expanded", "false")


def test_an_answer_is_announced_once_when_it_is_whole(
    browser: Browser, server: str, shop: Site, acme: Tenant, make_bot: MakeBot
) -> None:
    with visitor(browser, shop, speak(acme, make_bot, shop, server, "slow-50")) as one:
        one.open()
        text = one.ask_and_read("Apples?")

        assert one.announced(f"Answer: {text}") == ["Looking for an answer…", f"Answer: {text}"]
        expect(one.widget.get_by_role("log")).to_have_attribute("aria-live", "off")


@pytest.mark.parametrize(("lang", "direction"), [("en", "ltr"), ("ar", "rtl")])
def test_the_open_widget_has_no_shortcomings(browser: Browser, shop: Site, tag: str, lang: str, direction: str) -> None:
    with visitor(browser, shop, tag, lang=lang, direction=direction) as one:
        one.widget.locator(".launcher").click()
        assert shortcomings(one.page, picture=f"widget-begin-{lang}") == []
        one.ask_and_read(QUESTION)
        one.widget.locator("[data-icon=down]").click()
        expect(one.widget.locator(".comment")).to_be_visible()
        assert shortcomings(one.page, picture=f"widget-answer-{lang}") == []
        one.widget.locator("[data-icon=more]").click()
        assert shortcomings(one.page, picture=f"widget-menu-{lang}") == []
        one.page.keyboard.press("Escape")
        one.widget.locator(".chip").click()
        assert shortcomings(one.page, picture=f"widget-passage-{lang}") == []
        one.page.keyboard.press("Escape")
        one.page.keyboard.press("Escape")
        assert shortcomings(one.page, picture=f"widget-closed-{lang}") == []


@pytest.mark.parametrize("accent", ["#ffff00", "#000000", "#ffffff", "#ff0000", "#0000ff", "#808080", "#00a000"])
def test_any_accent_can_be_read(browser: Browser, shop: Site, acme: Tenant, tag: str, accent: str) -> None:
    change(acme, look=Look(accent=accent).stored())
    with visitor(browser, shop, tag) as one:
        one.open()
        one.ask_and_read(QUESTION)

        assert shortcomings(one.page, picture=f"widget-accent-{accent[1:]}") == []


def test_it_speaks_the_pages_language_also_when_that_changes(browser: Browser, shop: Site, tag: str) -> None:
    with visitor(browser, shop, tag, lang="ar", direction="rtl") as one:
        launcher = one.widget.locator(".launcher")
        expect(launcher).to_have_accessible_name("محادثة مع Guide")
        box = launcher.bounding_box()
        assert box is not None
        assert box["x"] < 100

        one.page.evaluate("document.documentElement.lang = 'de-AT'")

        expect(launcher).to_have_accessible_name("Chat mit Guide")
        launcher.click()
        assert one.ask_and_read(QUESTION)
        one.page.evaluate("document.documentElement.lang = 'en'")
        expect(one.widget.get_by_text("AI answers can be wrong.")).to_be_visible()
        expect(one.turns).to_have_count(1)


def test_reading_further_up_is_not_disturbed_by_what_comes(
    browser: Browser, server: str, shop: Site, acme: Tenant, make_bot: MakeBot
) -> None:
    with visitor(browser, shop, speak(acme, make_bot, shop, server, "long")) as one:
        one.open()
        one.ask("Apples?")
        log = one.widget.get_by_role("log")
        one.page.wait_for_function(
            "() => document.querySelector('chat-ai-widget').shadowRoot.querySelector('.log').scrollTop > 200"
        )
        log.evaluate("(log) => { log.scrollTop = 40; }")
        expect(one.button("To the latest message")).to_be_visible()
        one.wait_until("done")
        assert log.evaluate("(log) => log.scrollTop") == 40

        one.button("To the latest message").click()

        assert log.evaluate("(log) => log.scrollHeight - log.scrollTop - log.clientHeight") < 2


# --- on any page --------------------------------------------------------------------------------------------


def test_a_page_of_another_origin_than_allowed_shows_nothing(
    browser: Browser, shop: Site, acme: Tenant, tag: str
) -> None:
    change(acme, allowed_origins=["https://shop.example"])
    with visitor(browser, shop, tag) as one:
        warnings: list[str] = []
        one.page.on("console", lambda message: warnings.append(message.text))
        one.page.wait_for_function("told.length == 2")

        assert [name for name, _ in one.told()] == ["ready", "error"]
        assert one.told()[1][1]["code"] == "origin_not_allowed"
        expect(one.widget.get_by_role("button")).to_have_count(0)
        assert shortcomings(one.page) == []


def test_the_strictest_page_can_have_it(browser: Browser, server: str, shop: Site, tag: str) -> None:
    shop.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src {server}; connect-src {server}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    with visitor(browser, shop, tag) as one:
        complaints = complaints_of(one.page)
        one.open()
        one.ask_and_read(QUESTION)
        one.widget.locator(".chip").click()

        # The look comes from a style sheet that the policy does not forbid.
        assert one.panel.evaluate("(panel) => getComputedStyle(panel).position") == "fixed"
        assert [each for each in complaints if "Content Security" in each or each.startswith("script")] == []


def test_the_pages_own_style_does_not_reach_it(browser: Browser, shop: Site, tag: str) -> None:
    rude = "<style>* { color: red !important; font-size: 40px !important } button { display: none !important }</style>"
    with visitor(browser, shop, tag, head=rude + "<style>html { font-size: 62.5% }</style>") as one:
        one.open()

        expect(one.button("Send")).to_be_visible()
        assert one.widget.locator("h2").evaluate("(title) => getComputedStyle(title).fontSize") == "15px"


def test_a_page_that_forbids_storage_loses_only_the_memory(browser: Browser, shop: Site, tag: str) -> None:
    forbid = (
        "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('no', 'SecurityError'); } });"
    )
    with visitor(browser, shop, tag, before=forbid) as one:
        one.open()
        assert one.ask_and_read(QUESTION)
        assert one.ask_and_read("And a repair?")
        expect(one.turns).to_have_count(2)


def test_light_and_dark_side_and_words_come_from_the_look_and_the_tag(
    browser: Browser, server: str, shop: Site, acme: Tenant, bot: Bot
) -> None:
    look = Look(theme="dark", position="start", launcher_text="Ask us", title="Acme help", legal_note="Privacy",
                legal_url="https://acme.example/privacy", placeholder="Your question", show_sources=False)  # fmt: skip
    change(acme, look=look.stored())
    with visitor(browser, shop, widget_tag(server, public(acme, bot))) as one:
        launcher = one.widget.locator(".launcher")
        expect(launcher).to_have_accessible_name("Ask us, Chat with Acme help")
        box = launcher.bounding_box()
        assert box is not None
        assert box["x"] < 100
        launcher.click()
        assert one.panel.evaluate("(panel) => getComputedStyle(panel).backgroundColor") == "rgb(26, 26, 25)"
        assert "[1]" not in one.ask_and_read(QUESTION)
        expect(one.widget.locator(".chip")).to_have_count(0)
        expect(one.widget.get_by_role("link", name="Privacy")).to_have_attribute("href", "https://acme.example/privacy")
        assert shortcomings(one.page, picture="widget-look") == []
    with visitor(browser, shop, widget_tag(server, public(acme, bot), theme="light", position="end")) as one:
        one.widget.locator(".launcher").click()
        assert one.panel.evaluate("(panel) => getComputedStyle(panel).backgroundColor") == "rgb(255, 255, 255)"


def test_it_speaks_up_once_when_the_look_asks_for_it(browser: Browser, shop: Site, acme: Tenant, tag: str) -> None:
    change(acme, look=Look(proactive_text="May I help?", proactive_after=1).stored())
    with visitor(browser, shop, tag) as one:
        greeting = one.button("May I help?")
        expect(greeting).to_be_visible()
        assert shortcomings(one.page, picture="widget-greeting") == []
        one.page.reload()
        settle_page(one.page, 1.5)
        expect(greeting).to_have_count(0)


# --- a conversation that stays ------------------------------------------------------------------------------


def test_the_conversation_is_there_after_a_page_load_until_it_is_forgotten(
    browser: Browser, shop: Site, acme: Tenant, tag: str
) -> None:
    with visitor(browser, shop, tag) as one:
        one.open()
        one.ask_and_read(QUESTION)
        one.page.reload()
        expect(one.turns).to_have_count(1)
        expect(one.widget.locator(".chip")).to_have_count(1)
        one.ask_and_read("And a repair?")
        with tenant_scope(acme):
            assert Conversation.objects.get().message_count == 4

        one.button("More").click()
        one.button("Forget on this device").click()
        expect(one.turns).to_have_count(0)
        assert one.page.evaluate("localStorage.length") == 0
        one.ask_and_read(QUESTION)

        with tenant_scope(acme):
            assert len(set(Conversation.objects.values_list("actor_id", flat=True))) == 2


def test_a_new_conversation_begins_empty_for_the_same_visitor(
    browser: Browser, shop: Site, acme: Tenant, tag: str
) -> None:
    with visitor(browser, shop, tag) as one:
        one.open()
        one.ask_and_read(QUESTION)
        one.button("More").click()
        one.button("New conversation").click()
        expect(one.turns).to_have_count(0)
        expect(one.box).to_be_focused()
        one.ask_and_read(QUESTION)

        with tenant_scope(acme):
            assert Conversation.objects.count() == 2
            assert len(set(Conversation.objects.values_list("actor_id", flat=True))) == 1


def test_a_token_that_has_run_out_is_renewed_and_one_that_is_spoiled_replaced(
    browser: Browser, shop: Site, acme: Tenant, tag: str
) -> None:
    spoil = """(change) => {
      const key = Object.keys(localStorage)[0];
      localStorage.setItem(key, JSON.stringify({ ...JSON.parse(localStorage.getItem(key)), ...change }));
    }"""
    with visitor(browser, shop, tag) as one:
        one.open()
        one.ask_and_read(QUESTION)
        one.page.evaluate(spoil, {"expires": 0})
        one.page.reload()
        expect(one.turns).to_have_count(1)
        one.ask_and_read("And a repair?")
        with tenant_scope(acme):
            assert Conversation.objects.get().message_count == 4

        one.page.evaluate(spoil, {"token": "cmsv_spoiled"})
        one.page.reload()
        one.ask_and_read(QUESTION)

        with tenant_scope(acme):
            assert Conversation.objects.count() == 2


def test_an_answer_comes_whole_and_once_over_a_connection_that_breaks(
    browser: Browser, server: str, shop: Site, acme: Tenant, make_bot: MakeBot
) -> None:
    wire = wire_to(server)
    with wire as cable, visitor(browser, shop, speak(acme, make_bot, shop, cable.address, "slow-400")) as one:
        one.open()
        one.ask("Apples?")
        for words in ("quick", "fox"):
            expect(one.answer).to_contain_text(words)
            cable.cut()
            expect(one.answer).to_contain_text("Connection lost.")
            cable.mend()
        one.wait_until("done")

        with tenant_scope(acme):
            kept = Message.objects.get(role="assistant")
        assert one.text == " ".join(kept.content.split())
        assert [name for name, _ in one.told()].count("answer") == 1


def test_a_question_whose_connection_breaks_before_the_first_word_is_asked_once(
    browser: Browser, server: str, shop: Site, acme: Tenant, make_bot: MakeBot
) -> None:
    wire = wire_to(server)
    with wire as cable, visitor(browser, shop, speak(acme, make_bot, shop, cable.address, "slow-800")) as one:
        one.open()
        cable.cut()
        one.ask("Apples?")
        expect(one.answer).to_contain_text("Connection lost.")
        cable.mend()
        with tenant_scope(acme):
            until_shown(one.page, Message.objects.exists, "the question at the server")
        cable.cut()
        settle_page(one.page)
        cable.mend()
        one.wait_until("done")

        with tenant_scope(acme):
            assert list(Message.objects.order_by("seq").values_list("role", flat=True)) == ["user", "assistant"]


def test_an_answer_goes_on_after_the_page_was_left_in_the_middle(
    browser: Browser, server: str, shop: Site, acme: Tenant, make_bot: MakeBot
) -> None:
    with visitor(browser, shop, speak(acme, make_bot, shop, server, "slow-300")) as one:
        one.open()
        one.ask("Apples?")
        expect(one.answer.locator(".text")).not_to_be_empty()
        one.page.reload()
        one.wait_until("done")

        with tenant_scope(acme):
            kept = Message.objects.get(role="assistant")
        assert one.text == " ".join(kept.content.split())


# --- what the page can do -----------------------------------------------------------------------------------


def test_a_page_opens_asks_begins_anew_and_takes_the_widget_off(browser: Browser, shop: Site, tag: str) -> None:
    with visitor(browser, shop, tag) as one:
        expect(one.button("Chat with Guide")).to_be_visible()
        one.page.evaluate("document.querySelector('chat-ai-widget').ask('How long?')")
        one.wait_until("done")
        one.page.evaluate("document.querySelector('chat-ai-widget').close()")
        expect(one.panel).to_be_hidden()
        one.page.evaluate("document.querySelector('chat-ai-widget').open()")
        one.page.evaluate("document.querySelector('chat-ai-widget').reset()")
        expect(one.turns).to_have_count(0)
        assert [name for name, _ in one.told()] == ["ready", "open", "question", "answer", "close", "open"]

        one.page.evaluate("document.querySelector('chat-ai-widget').destroy()")

        expect(one.widget).to_have_count(0)


def test_a_visitor_whom_the_page_names_is_found_again(
    browser: Browser, server: str, shop: Site, acme: Tenant, bot: Bot
) -> None:
    secret = make_identity_secret(by=SYSTEM, tenant=acme)
    proof = {"user_id": "user-1", "hash": hmac.digest(secret.encode(), b"user-1", "sha256").hex()}
    change(acme, require_identity=True)
    tag = widget_tag(server, public(acme, bot), user_id="user-1", user_hash=proof["hash"])
    with visitor(browser, shop, tag) as one:
        one.open()
        one.ask_and_read(QUESTION)
    early = f"document.addEventListener('chatcms:ready', (e) => e.target.identify(async () => ({json.dumps(proof)})));"
    with visitor(browser, shop, widget_tag(server, public(acme, bot)), before=early) as one:
        one.open()
        one.ask_and_read(QUESTION)
    with visitor(browser, shop, widget_tag(server, public(acme, bot))) as one:
        one.page.wait_for_function("told.length == 2")
        assert one.told()[1][1]["code"] == "identity_required"

    with tenant_scope(acme):
        assert list(Conversation.objects.values_list("visitor_ref", flat=True)) == ["user-1", "user-1"]
        assert len(set(Conversation.objects.values_list("actor_id", flat=True))) == 1


def test_a_visitor_who_has_asked_too_much_today_is_told_so(
    browser: Browser, shop: Site, acme: Tenant, tag: str
) -> None:
    change(acme, daily_visitor_questions=1)
    with visitor(browser, shop, tag) as one:
        one.open()
        one.ask_and_read(QUESTION)
        one.ask("And a repair?")
        one.wait_until("failed")

        expect(one.answer).to_contain_text("No more questions today.")
        assert one.told()[-1][1]["code"] == "daily_questions_used_up"


# --- people -------------------------------------------------------------------------------------------------


@pytest.fixture
def ada(acme: Tenant) -> Actor:
    """Somebody who answers in the bot's place."""
    return factories.actor_of(factories.make_member(acme))


def conversation(acme: Tenant) -> Conversation:
    with tenant_scope(acme):
        return Conversation.objects.select_related("bot").get()


def test_a_visitor_asks_for_a_person_and_talks_to_one(
    browser: Browser, shop: Site, acme: Tenant, ada: Actor, tag: str
) -> None:
    change(acme, look=Look(talk_to_person=True).stored())
    with visitor(browser, shop, tag) as one:
        one.open()
        one.ask_and_read(QUESTION)
        one.button("Talk to a person").click()
        expect(one.who).to_contain_text("A person will join")
        expect(one.button("Talk to a person")).to_have_count(0)
        assert one.ask_and_read("And a repair?")

        with tenant_scope(acme):
            takeover.take_over(by=ada, conversation=conversation(acme), name="Ada")
        expect(one.who).to_have_text("Ada answers")
        one.ask("Are you there?")
        one.wait_until("left")
        with tenant_scope(acme):
            takeover.reply(by=ada, conversation=conversation(acme), content="Yes, I am **here**.")
        one.wait_until("person")
        expect(one.answer).to_contain_text("Ada")
        assert one.text == "Yes, I am here."
        expect(one.turns).to_have_count(4)
        assert one.announced("Ada: Yes, I am **here**.")
        assert shortcomings(one.page, picture="widget-person") == []

        with tenant_scope(acme):
            takeover.reply(by=ada, conversation=conversation(acme), content="Goodbye.")
            takeover.hand_back(by=ada, conversation=conversation(acme))
        expect(one.who).to_have_text("AI assistant")
        expect(one.answer).to_contain_text("Goodbye.")
        assert one.ask_and_read("Thanks?")
        expect(one.turns).to_have_count(6)


def test_what_a_person_writes_comes_also_while_the_panel_is_closed_or_the_page_is_another(
    browser: Browser, shop: Site, acme: Tenant, ada: Actor, tag: str
) -> None:
    change(acme, look=Look(talk_to_person=True).stored())
    with visitor(browser, shop, tag) as one:
        one.open()
        one.button("Talk to a person").click()
        expect(one.who).to_contain_text("A person will join")
        one.page.keyboard.press("Escape")
        one.page.reload()
        with tenant_scope(acme):
            takeover.take_over(by=ada, conversation=conversation(acme), name="Ada")
            takeover.reply(by=ada, conversation=conversation(acme), content="How can I help?")

        launcher = one.widget.locator(".launcher.has-news")
        expect(launcher).to_be_visible()
        assert shortcomings(one.page, picture="widget-news") == []
        launcher.click()

        expect(one.answer).to_contain_text("How can I help?")
        expect(launcher).to_have_count(0)


def test_a_person_who_takes_over_in_the_middle_of_an_answer_is_seen(
    browser: Browser, server: str, shop: Site, acme: Tenant, ada: Actor, make_bot: MakeBot
) -> None:
    with visitor(browser, shop, speak(acme, make_bot, shop, server, "slow-600")) as one:
        one.open()
        one.ask("Apples?")
        expect(one.answer.locator(".text")).not_to_be_empty()
        with tenant_scope(acme):
            takeover.take_over(by=ada, conversation=conversation(acme), name="Ada")

        expect(one.who).to_have_text("Ada answers")


def test_a_bot_that_hands_over_when_it_knows_nothing_says_so(
    browser: Browser, server: str, shop: Site, acme: Tenant, handbook: Dataset, make_bot: MakeBot
) -> None:
    bot = make_bot("cite", dataset=handbook, no_evidence="handoff", allowed_origins=[shop.origin])
    with visitor(browser, shop, widget_tag(server, public(acme, bot))) as one:
        one.open()
        one.ask("What is the capital of Mongolia called in Mongolian?")

        expect(one.who).to_contain_text("A person will join")


# --- its own page, and a frame -------------------------------------------------------------------------


def test_the_hosted_page_is_the_same_chat_over_the_whole_page(
    browser: Browser, server: str, acme: Tenant, bot: Bot
) -> None:
    change(acme, hosted_page=True, allowed_origins=[])
    with opened(browser) as page:
        page.add_init_script(RECORD)
        complaints = complaints_of(page)
        page.goto(f"{server}/chat/{public(acme, bot)}")
        one = Visitor(page)
        expect(one.box).to_be_visible()
        assert shortcomings(page, picture="widget-hosted-begin") == []
        assert one.ask_and_read(QUESTION)
        page.reload()
        expect(one.turns).to_have_count(1)
        assert one.ask_and_read("And a repair?")
        assert shortcomings(page, picture="widget-hosted") == []
        assert complaints == []
        with tenant_scope(acme):
            assert Conversation.objects.get().origin == server

        change(acme, require_identity=True)
        page.evaluate("localStorage.clear()")
        page.reload()

        expect(page.get_by_role("alert")).to_contain_text("Sign in")


def test_pages_of_allowed_origins_frame_it_and_others_cannot(
    browser: Browser, server: str, shop: Site, acme: Tenant, bot: Bot
) -> None:
    frame = f'<iframe title="Chat" width="280" height="460" src="{server}/embed/{public(acme, bot)}"></iframe>'
    with opened(browser) as page:
        page.goto(shop.put("/", page_with(body=frame)))
        inside = page.frame_locator("iframe")
        inside.get_by_label("Ask a question").fill(QUESTION)
        inside.get_by_label("Ask a question").press("Enter")
        expect(inside.locator(".turn")).to_have_attribute("data-state", "done")
        assert shortcomings(page, picture="widget-frame") == []

        change(acme, allowed_origins=["https://shop.example"])
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text))
        page.reload()
        until_shown(page, lambda: any("frame-ancestors" in each for each in refused), "the browser's refusal")
        expect(inside.get_by_label("Ask a question")).to_have_count(0)
