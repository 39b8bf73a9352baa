"""The pages about conversations in a real browser on the real stack: live takeovers, fixed answers, their fitness."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import orjson
import pytest
from django.core.files.base import ContentFile
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from bots.models import Bot
from bots.services import create_bot
from chat.enums import Channel, Handling, MessageRole, Rating, RequestReason
from chat.inbox.services.takeover import take_over
from chat.inbox.tests.test_inbox import talk
from chat.models import Conversation, Feedback, Message, Usage
from chatcms.jobs.runner import run_due
from chatcms.tests import live
from chatcms.tests.browser import browser, complaints_of, opened, shortcomings, signed_in
from datasets.models import Dataset
from datasets.services import add_pair, create_dataset, upload_document
from providers.messages import ImagePart, RefusalPart, TextPart, ToolCallPart, ToolResultPart, dump_parts
from tenants.context import tenant_scope
from tenants.models import Tenant, User
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

__all__ = ["browser"]

RULES = (
    "Purchases may be returned within fourteen days of the delivery.\n\nThe workshop repairs pumps of every maker, and "
    "a repair takes two weeks.\n\nThe shop in Harbour Street is open from nine to five, Monday to Friday."
)
QUESTION = "How many days do I have to return a purchase?"
RIGHT = "You may return a purchase within sixty days since the first of May."
CALLS = (
    ToolCallPart("call_0", "find_parcel", '{"customer": "customer-42", "where": {"country": "NO"}, "open": true}'),
    ToolCallPart("call_1", "notify", f'{{"text": "{"a-very-long-word-" * 12}"}}'),
)
PICTURE = ImagePart(url=f"https://pics.example/{'parcel-' * 30}.png")
LONG = "a-very-long-word-without-any-place-to-break-it-" * 5


@pytest.fixture
def acme(transactional_db: None) -> Tenant:
    return Tenant.objects.get(slug="acme")


@pytest.fixture
def ann(acme: Tenant) -> User:
    user = factories.make_member(acme).user
    User.objects.filter(pk=user.pk).update(name="Ann")
    return user


@pytest.fixture
def page(acme: Tenant, ann: User, browser: Browser, website: str) -> Iterator[tuple[Page, str]]:
    """A page of Ann's, signed in, and the address of acme's portal."""
    with opened(browser) as new:
        yield signed_in(new, ann, website), f"{website}/t/acme"


@pytest.fixture
def at_work(acme: Tenant) -> Iterator[None]:
    """A worker, for tests in which a page waits for what it does."""
    with live.worker():
        yield


@pytest.fixture
def dataset(acme: Tenant) -> Dataset:
    with tenant_scope(acme):
        made = create_dataset(by=SYSTEM, name="Handbook")
        upload_document(by=SYSTEM, dataset=made, name="rules.txt", file=ContentFile(RULES.encode()))
    run_due()
    return made


@pytest.fixture
def bot(acme: Tenant, dataset: Dataset) -> Bot:
    with tenant_scope(acme):
        return create_bot(
            by=SYSTEM, name="Guide", model="local", dataset_ids=[dataset.pk], look={"talk_to_person": True}
        )


def inside(acme: Tenant, work: Callable[[], Any]) -> Any:
    with tenant_scope(acme):
        return work()


def rich_conversation(bot: Bot, dataset: Dataset) -> Conversation:
    """One in which much has happened."""
    chunk = dataset.chunks.order_by("seq")[0]
    now = timezone.now()
    conversation = Conversation.objects.create(
        bot=bot, title=QUESTION, channel=Channel.WIDGET, actor_type="visitor", actor_id=bot.pk,
        visitor_ref="customer-42", origin="https://shop.example", message_count=7, handling=Handling.REQUESTED,
        started_at=now - timedelta(minutes=12), last_message_at=now - timedelta(minutes=1),
        requested_at=now - timedelta(minutes=4),
        request_reason=RequestReason.CUSTOMER_REQUEST,
    )  # fmt: skip
    source = {"number": 1, "document_id": str(chunk.document_id), "document": "rules.txt", "page": None}
    cited = [{**source, "section": "", "chunk_id": str(chunk.pk)}]
    said: list[tuple[str, str, dict[str, Any]]] = [
        (MessageRole.USER, QUESTION, {}),
        (
            MessageRole.ASSISTANT,
            "You have **fourteen days** from the delivery [1].\n\n- Keep the receipt.\n- The shop pays if at fault.",
            {"citations": cited, "first_token_ms": 412, "total_ms": 1840, "model": "gpt-4o-mini"},
        ),
        (MessageRole.USER, f"Really? {LONG}", {}),
        (
            MessageRole.ASSISTANT,
            "I could not find anything about this in the documents I answer from.",
            {"retrieval": {"has_evidence": False, "passages": [], "answered_by": "say_so"}, "total_ms": 90},
        ),
        (MessageRole.USER, "May I talk to a person?", {}),
        (MessageRole.PERSON, "Hello, Ann here. How may I help?", {"author_name": "Ann"}),
        (MessageRole.USER, "My parcel is late.", {}),
        (MessageRole.ASSISTANT, "Let me look.", {"parts": dump_parts([TextPart("Let me look."), *CALLS])}),
        (MessageRole.USER, "", {"parts": dump_parts([ToolResultPart("call_0", "It is in Oslo."), PICTURE])}),
        (MessageRole.ASSISTANT, "I cannot say.", {"parts": dump_parts([RefusalPart("I cannot say.")])}),
    ]
    for seq, (role, content, more) in enumerate(said, 1):
        row = Message.objects.create(conversation=conversation, seq=seq, role=role, content=content, **more)
        if seq == 2:
            complaint = "That is last year's rule."
            Feedback.objects.create(message=row, rating=Rating.DOWN, comment=complaint, actor_type="visitor")
            Usage.objects.create(
                message=row, bot_id=bot.pk, model="gpt-4o-mini", prompt_tokens=812, completion_tokens=64,
                cache_read_tokens=640, cost="0.00016020", day=now.date(),
            )  # fmt: skip
    return conversation


def test_every_page_about_conversations_is_fit_for_everybody(
    acme: Tenant, bot: Bot, dataset: Dataset, ann: User, page: tuple[Page, str]
) -> None:
    tab, portal = page
    for name, path in {
        "chat:inbox none": "conversations/",
        "chat:feedback none": "conversations/feedback/",
        "datasets:qa none": f"datasets/{dataset.pk}/qa/",
    }.items():
        tab.goto(f"{portal}/{path}")
        assert shortcomings(tab, picture=name) == [], name

    def fill() -> Conversation:
        talk(bot, "When are you open?", "From nine to five.", rating=Rating.UP)
        talk(bot, LONG, "No.", status="failed", has_evidence=False, visitor_ref=LONG[:100])
        ended = talk(bot, "Do you repair pumps?", ended_at=timezone.now())
        assert ended
        taken = talk(bot, "Is anybody there?")
        take_over(by=Actor(type="user", id=ann.pk, label=ann.email), conversation=taken)
        return rich_conversation(bot, dataset)

    conversation = inside(acme, fill)
    pair = inside(acme, lambda: add_pair(by=SYSTEM, dataset=dataset, question="Do you ship to Norway?", answer="Yes."))
    message = inside(acme, lambda: Message.objects.get(conversation=conversation, seq=2))
    taken = inside(acme, lambda: Conversation.objects.get(title="Is anybody there?"))
    for name, path in {
        "chat:inbox": "conversations/",
        "chat:inbox filtered": "conversations/?search=days&since=2020-01-01&unanswered=on",
        "chat:inbox nothing": "conversations/?search=nothingofthatkind",
        "chat:feedback": "conversations/feedback/",
        "chat:conversation": f"conversations/{conversation.pk}/",
        "chat:conversation taken": f"conversations/{taken.pk}/",
        "chat:correct": f"messages/{message.pk}/correct/",
        "datasets:qa": f"datasets/{dataset.pk}/qa/",
        "datasets:qa-add": f"datasets/{dataset.pk}/qa/add/",
        "datasets:qa-edit": f"qa/{pair.pk}/",
        "datasets:qa-import": f"datasets/{dataset.pk}/qa/import/",
        "chat:answer-question": f"bots/{bot.pk}/answer/?question=Do+you+ship+to+Norway%3F",
    }.items():
        complaints = complaints_of(tab)
        tab.goto(f"{portal}/{path}")
        assert shortcomings(tab, picture=name) == [], name
        assert complaints == [], name


class Asker:
    """A program that asks over HTTP, with a key of acme."""

    def __init__(self, acme: Tenant, portal: str) -> None:
        self._chat = f"{portal.removesuffix('/t/acme')}/v1/chat"
        self._key = factories.make_api_key(acme)[1]
        self.conversation_id: str | None = None

    def ask(self, text: str) -> dict[str, Any]:
        body = {"message": text, "conversation_id": self.conversation_id}
        document: dict[str, Any] = self._sent("bots/guide/messages", orjson.dumps(body))
        self.conversation_id = document["conversation_id"]
        return document

    def hears(self) -> list[tuple[str, str]]:
        listed = self._sent(f"conversations/{self.conversation_id}/messages")
        return [(one["role"], one["content"]) for one in listed["results"]]

    def _sent(self, path: str, body: bytes | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        request = Request(f"{self._chat}/{path}", data=body, headers=headers)  # noqa: S310 - our own address
        with urlopen(request, timeout=60) as answer:  # noqa: S310 - our own address
            return orjson.loads(answer.read())


def test_a_member_takes_a_conversation_over_writes_and_hands_it_back_live(
    acme: Tenant, bot: Bot, page: tuple[Page, str]
) -> None:
    tab, portal = page
    complaints = complaints_of(tab)
    asker = Asker(acme, portal)
    asker.ask(QUESTION)

    tab.goto(f"{portal}/conversations/")
    tab.get_by_role("link", name=QUESTION).click()
    expect(tab.get_by_text("The bot answers. Take over to write yourself")).to_be_visible()
    # What is asked meanwhile comes by itself, the bot's answer too.
    asker.ask("Do you repair pumps?")
    expect(tab.locator("#transcript")).to_contain_text("The workshop repairs pumps of every maker")

    tab.get_by_role("button", name="Take over").click()
    expect(tab.get_by_text("You have this conversation; the bot is silent. They see you as Ann.")).to_be_visible()
    assert asker.ask("Are you there?")["person"] == {"name": "Ann"}
    expect(tab.locator("#transcript")).to_contain_text("Are you there?")
    box = tab.get_by_label("Your reply")
    box.fill("Yes, I am here.")
    box.press("Enter")
    expect(tab.locator(".turn--person")).to_contain_text("Yes, I am here.")
    expect(tab.get_by_label("Your reply")).to_have_value("")
    expect(tab.get_by_label("Your reply")).to_be_focused()
    assert asker.hears()[-1] == ("person", "Yes, I am here.")

    tab.get_by_role("button", name="Hand back to the bot").click()
    expect(tab.get_by_text("The bot answers. Take over to write yourself")).to_be_visible()
    assert "answer" in asker.ask("When is the shop open?")
    assert complaints == []


def test_a_reply_in_a_conversation_that_somebody_else_has_by_now_is_kept_and_explained(
    acme: Tenant, bot: Bot, ann: User, page: tuple[Page, str]
) -> None:
    tab, portal = page
    asker = Asker(acme, portal)
    asker.ask(QUESTION)
    bob = Actor(type="user", id=bot.pk, label="bob@acme.example")
    conversation = inside(acme, Conversation.objects.get)
    inside(acme, lambda: take_over(by=Actor(type="user", id=ann.pk), conversation=conversation))
    tab.route("**/handling/", lambda route: route.abort())
    tab.goto(f"{portal}/conversations/{conversation.pk}/")
    tab.get_by_label("Your reply").fill("I am on it.")

    inside(acme, lambda: take_over(by=bob, conversation=conversation, name="Bob", instead_of_other=True))
    tab.get_by_role("button", name="Send").click()

    expect(tab.get_by_role("alert")).to_contain_text("“Bob” has this conversation.")
    expect(tab.get_by_role("alert")).to_contain_text("I am on it.")
    tab.get_by_role("button", name="Take over from Bob").click()
    expect(tab.get_by_label("Your reply")).to_be_visible()


@pytest.mark.usefixtures("at_work")
@pytest.mark.parametrize("into", ["curated", "dataset"])
def test_a_bad_answer_is_fixed_and_asked_again_it_is_right(
    acme: Tenant, bot: Bot, page: tuple[Page, str], into: str
) -> None:
    tab, portal = page
    complaints = complaints_of(tab)
    asker = Asker(acme, portal)
    assert "fourteen days" in asker.ask(QUESTION)["answer"]

    tab.goto(f"{portal}/conversations/")
    tab.get_by_role("link", name=QUESTION).click()
    tab.get_by_role("link", name="Fix this answer").click()
    expect(tab.get_by_role("textbox", name="Question")).to_have_value(QUESTION)
    expect(tab.locator("main aside")).to_contain_text("fourteen days")
    tab.get_by_role("button", name="rules.txt").first.click()
    expect(tab.get_by_role("dialog")).to_contain_text("within fourteen days of the delivery")
    tab.keyboard.press("Escape")
    tab.get_by_label("The right answer").fill(RIGHT)
    if into == "dataset":
        tab.get_by_label("The bot's documents").check()
    tab.get_by_role("button", name="Save the answer").click()
    expect(tab.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(tab.get_by_text("fixed")).to_be_visible()

    if into == "dataset":
        dataset_id = inside(acme, lambda: bot.datasets.get().pk)
        tab.goto(f"{portal}/datasets/{dataset_id}/qa/")
        expect(tab.get_by_text("Ready")).to_be_visible()
    assert "sixty days" in Asker(acme, portal).ask(QUESTION)["answer"]
    assert complaints == []


@pytest.mark.usefixtures("at_work")
def test_questions_are_written_found_and_imported_in_a_dataset(
    acme: Tenant, dataset: Dataset, page: tuple[Page, str], tmp_path: Path
) -> None:
    tab, portal = page
    complaints = complaints_of(tab)
    file = tmp_path / "faq.csv"
    file.write_text("question,answer\nCan you wrap it?,We wrap every order in paper.\n")

    tab.goto(f"{portal}/datasets/{dataset.pk}/")
    tab.get_by_role("link", name="Questions and answers").click()
    tab.get_by_role("link", name="Add a question").first.click()
    tab.get_by_label("Question").fill("Do you ship to Norway?")
    tab.get_by_label("Answer").fill("Yes, within five working days.")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.locator(".talk").filter(has_text="Norway")).to_contain_text("Ready")
    tab.get_by_role("link", name="Import CSV").click()
    tab.get_by_label("CSV file").set_input_files(file)
    tab.get_by_role("button", name="Import").click()
    expect(tab.get_by_role("status").filter(has_text="1 question added")).to_be_visible()
    tab.get_by_role("link", name="Do you ship to Norway?").click()
    tab.get_by_role("button", name="Delete this question").click()
    tab.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(tab.locator(".talk")).to_have_count(1)
    assert complaints == []
