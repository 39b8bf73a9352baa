"""The pages about conversations: what the inbox finds and costs, who may do what, what is kept when something fails."""

from __future__ import annotations

import csv
import io
import json
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bots.models import Bot, CuratedAnswer
from bots.services import create_bot
from chat.enums import Channel, Handling, MessageRole, MessageStatus, Rating
from chat.inbox.services.takeover import take_over
from chat.inbox.tests.test_inbox import NOW, talk
from chat.models import Conversation, Feedback, Message
from datasets.models import QAPair
from datasets.services import create_dataset
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant, User
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

INBOX = "/t/acme/conversations/"
HTMX = {"HX-Request": "true"}
MOST_QUERIES = 15


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


@pytest.fixture
def viewer(acme: Tenant) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(factories.make_member(acme, "viewer@acme.example", role=Role.VIEWER).user)
    return signed_in


@pytest.fixture
def bot(in_acme: Tenant) -> Bot:
    return create_bot(by=SYSTEM, name="Guide")


@pytest.fixture
def conversation(bot: Bot) -> Conversation:
    return talk(bot)


def inside(acme: Tenant, work: Callable[[], Any]) -> Any:
    """What `work` gives in acme's schema: a request has left the test's own scope behind."""
    with tenant_scope(acme):
        return work()


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.content
    return str(response.content.decode())


def whole(response: Any) -> str:
    """What is streamed."""

    async def read(pieces: AsyncIterator[bytes]) -> bytes:
        return b"".join([piece async for piece in pieces])

    return async_to_sync(read)(response.streaming_content).decode("utf-8-sig")


def url(conversation: Conversation, verb: str = "") -> str:
    return f"{INBOX}{conversation.pk}/{f'{verb}/' if verb else ''}"


# --- the inbox --------------------------------------------------------------------------------------------


def test_without_conversations_the_inbox_says_where_they_will_come_from(client: Client, acme: Tenant) -> None:
    assert "No conversations yet" in text_of(client.get(INBOX))


def test_the_inbox_shows_who_asked_what_and_what_became_of_it(client: Client, bot: Bot) -> None:
    talk(bot, visitor_ref="customer-42", rating=Rating.DOWN, has_evidence=False, status=MessageStatus.FAILED)

    page = text_of(client.get(INBOX))

    for shown in (
        "When may I return it?",
        "customer-42 · Guide · Widget · 2 messages",
        "1 unanswered",
        "1 failed",
        "1 bad",
    ):
        assert shown in page


FILTERS: list[tuple[str, dict[str, Any]]] = [
    ("channel=openai", {"channel": Channel.OPENAI}),
    ("rating=down", {"rating": Rating.DOWN}),
    ("failed=on", {"status": MessageStatus.FAILED}),
    ("unanswered=on", {"has_evidence": False}),
    ("ended=yes", {"ended_at": NOW}),
    ("handling=requested", {"handling": Handling.REQUESTED}),
    ("handling=person", {"handling": Handling.PERSON}),
    ("since=2090-01-01", {"at": timezone.now().replace(year=2090, month=6)}),
    ("until=2001-01-01", {"at": timezone.now().replace(year=2000, month=6)}),
    ("visitor=customer-42", {"actor_id": None, "visitor_ref": "customer-42"}),
    ("search=kiwi", {"question": "Do you sell KIWIS?"}),
]


@pytest.mark.parametrize(("query", "having"), FILTERS, ids=[query for query, _ in FILTERS])
def test_the_inbox_is_narrowed_down_by_its_address(
    client: Client, acme: Tenant, bot: Bot, query: str, having: dict[str, Any]
) -> None:
    talk(bot, "The other one", rating=Rating.UP, has_evidence=True)
    if "visitor_ref" in having:
        from tenants.services.visitor_tokens import visitor_id_of

        having = {**having, "actor_id": visitor_id_of(tenant_id=acme.pk, ref="customer-42")}
    wanted = talk(bot, **{"question": "The wanted one", **having})

    page = text_of(client.get(f"{INBOX}?{query}"))

    assert f"talk-{wanted.pk}" in page
    assert "The other one" not in page


def test_a_bot_can_be_chosen_and_what_makes_no_sense_narrows_nothing(client: Client, bot: Bot) -> None:
    other = create_bot(by=SYSTEM, name="Other")
    mine, theirs = talk(bot), talk(other)

    page = text_of(client.get(INBOX, {"bot": str(bot.pk)}))
    assert (str(mine.pk) in page, str(theirs.pk) in page) == (True, False)
    senseless = text_of(client.get(INBOX, {"bot": "7", "since": "yesterday", "handling": "god"}))
    assert str(mine.pk) in senseless
    assert str(theirs.pk) in senseless


def test_what_waits_for_a_person_is_counted_where_one_looks_for_it(client: Client, bot: Bot) -> None:
    for _ in range(3):
        talk(bot, handling=Handling.REQUESTED)

    assert '<span class="pill pill--warning">3</span>' in text_of(client.get(INBOX))


def test_a_script_gets_the_list_alone(client: Client, conversation: Conversation) -> None:
    page = text_of(client.get(INBOX, headers=HTMX))

    assert page.lstrip().startswith('<div id="conversations"')


def test_pages_of_the_inbox_follow_one_another(client: Client, bot: Bot) -> None:
    rows = [talk(bot, f"Question {n}", at=NOW - timedelta(minutes=n)) for n in range(30)]

    first = text_of(client.get(f"{INBOX}?channel=widget"))
    following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = text_of(client.get(f"{INBOX}{following}"))

    assert str(rows[24].pk) in first
    assert "channel=widget" in following
    assert (str(rows[25].pk) in second, str(rows[0].pk) in second) == (True, False)


@pytest.mark.parametrize("query", ["", "?search=return&unanswered=on&bot={bot}"])
def test_the_inbox_costs_few_queries_however_much_is_in_it(client: Client, acme: Tenant, bot: Bot, query: str) -> None:
    path = INBOX + query.format(bot=bot.pk)
    talk(bot, has_evidence=False, rating=Rating.UP)
    client.get(path)
    with CaptureQueriesContext(connection) as one:
        client.get(path)
    inside(acme, lambda: [talk(bot, has_evidence=False, rating=Rating.UP) for _ in range(299)])

    with CaptureQueriesContext(connection) as many:
        text_of(client.get(path))

    assert len(many) == len(one) <= MOST_QUERIES


# --- one conversation -------------------------------------------------------------------------------------


def test_a_conversation_reads_like_one_with_what_is_known_of_it_beside(client: Client, bot: Bot) -> None:
    row = talk(bot, "May I **return** it?", "Within *thirty* days.", rating=Rating.DOWN, origin="https://shop.example")

    page = text_of(client.get(url(row)))

    # What people ask is shown as they typed it, what bots answer by the one renderer.
    assert "May I **return** it?" in page
    assert "Within <em>thirty</em> days." in page
    for shown in (
        "Rated bad",
        "DOWN!",
        "https://shop.example",
        "0.5000 USD",
        "7 tokens",
        "2 from the cache",
        "Fix this answer",
    ):
        assert shown in page, shown


@pytest.mark.parametrize(
    ("passages", "note"),
    [
        ([], "Nothing was found in the documents"),
        ([{"number": 1, "chunk_id": str(uuid.uuid4()), "score": 0.5}], "The model found no answer in the passages"),
    ],
)
def test_an_answer_without_evidence_says_who_missed_it(
    client: Client, bot: Bot, passages: list[dict[str, Any]], note: str
) -> None:
    row = talk(bot)
    Message.objects.filter(role=MessageRole.ASSISTANT).update(retrieval={"has_evidence": False, "passages": passages})

    assert note in text_of(client.get(url(row)))


def test_what_visitors_and_models_write_is_never_markup(client: Client, bot: Bot) -> None:
    attack = "<img src=x onerror=alert(1)>"
    row = talk(bot, attack, f"{attack} [x](javascript:alert(1))", visitor_ref=attack, rating=Rating.DOWN)
    inside(Tenant.objects.get(slug="acme"), lambda: Feedback.objects.update(comment=attack))

    for path in (INBOX, url(row), f"{INBOX}feedback/"):
        page = text_of(client.get(path))
        assert "<img" not in page
        assert 'href="javascript:' not in page


def test_feedback_stands_beside_the_shortcuts_of_the_inbox_and_says_which_one_is_open(client: Client, bot: Bot) -> None:
    for path, label in ((INBOX, "All"), (f"{INBOX}feedback/", "Feedback")):
        page = text_of(client.get(path))
        assert page.count('aria-current="page"') == 2  # the rail's and the tab's
        assert f'aria-current="page">{label}' in page
        assert "Waiting for a person" in page


def test_a_long_conversation_is_shown_from_its_end_with_a_way_back(
    client: Client, acme: Tenant, conversation: Conversation
) -> None:
    Message.objects.bulk_create(
        Message(conversation=conversation, seq=seq, role=MessageRole.USER, content=f"Number {seq}.")
        for seq in range(3, 121)
    )
    Conversation.objects.update(message_count=120)

    last = text_of(client.get(url(conversation)))
    earlier = text_of(client.get(f"{url(conversation)}?before=21"))

    assert ("Number 120." in last, "Number 20." in last, "?before=21" in last) == (True, False, True)
    assert ("Number 20." in earlier, "data-watch" in earlier) == (True, False)


def test_a_conversation_costs_the_same_queries_for_two_and_for_a_hundred_messages(
    client: Client, acme: Tenant, conversation: Conversation
) -> None:
    client.get(url(conversation))
    with CaptureQueriesContext(connection) as two:
        client.get(url(conversation))
    rows = [
        Message(conversation=conversation, seq=seq, role=role, content="More.")
        for seq, role in ((seq, MessageRole.USER if seq % 2 else MessageRole.ASSISTANT) for seq in range(3, 100))
    ]
    inside(acme, lambda: Message.objects.bulk_create(rows))

    with CaptureQueriesContext(connection) as many:
        client.get(url(conversation))

    assert len(many) == len(two) <= MOST_QUERIES


def test_another_tenants_conversation_is_no_page_here(client: Client, globex: Tenant) -> None:
    theirs = inside(globex, lambda: talk(create_bot(by=SYSTEM, name="Theirs")))

    assert client.get(url(theirs)).status_code == 404
    assert client.post(url(theirs, "take-over")).status_code == 404


def test_a_viewer_reads_and_changes_nothing(viewer: Client, acme: Tenant, conversation: Conversation) -> None:
    page = text_of(viewer.get(url(conversation)))

    for word in ("Take over", "Fix this answer", "End the conversation", "Delete"):
        assert word not in page
    answer = inside(acme, lambda: Message.objects.get(role=MessageRole.ASSISTANT))
    for path in [
        *(url(conversation, verb) for verb in ("take-over", "hand-back", "reply", "end", "delete")),
        f"/t/acme/messages/{answer.pk}/correct/",
    ]:
        assert viewer.post(path, {"content": "x"}).status_code == 403, path


def test_a_member_takes_over_writes_and_hands_back_without_a_script(
    client: Client, acme: Tenant, owner: Membership, conversation: Conversation
) -> None:
    User.objects.filter(pk=owner.user_id).update(name="Ann")

    assert client.post(url(conversation, "take-over")).status_code == 302
    assert "They see you as Ann." in text_of(client.get(url(conversation)))
    assert client.post(url(conversation, "reply"), {"content": "Hello"}).status_code == 302
    assert "Hello" in text_of(client.get(url(conversation)))
    client.post(url(conversation, "hand-back"))
    row = inside(acme, lambda: Conversation.objects.get(pk=conversation.pk))
    assert (row.handling, row.message_count) == (Handling.BOT, 3)
    client.post(url(conversation, "end"))
    assert inside(acme, lambda: Conversation.objects.get(pk=conversation.pk)).ended_at is not None


def test_who_was_slower_is_told_who_has_it_and_may_take_it_from_just_them(
    client: Client, acme: Tenant, conversation: Conversation
) -> None:
    bob = Actor(type="user", id=uuid.uuid4())
    inside(acme, lambda: take_over(by=bob, conversation=conversation, name="Bob"))

    page = text_of(client.post(url(conversation, "take-over"), follow=True))
    assert "“Bob” has this conversation." in page.replace("&ldquo;", "“")
    assert "Take over from Bob" in page
    client.post(url(conversation, "take-over"), {"instead_of": str(uuid.uuid4())})
    assert inside(acme, lambda: Conversation.objects.get(pk=conversation.pk)).taken_by == bob.id
    client.post(url(conversation, "take-over"), {"instead_of": str(bob.id)})
    assert inside(acme, lambda: Conversation.objects.get(pk=conversation.pk)).taken_by != bob.id


def test_a_reply_that_cannot_be_sent_is_not_lost(client: Client, conversation: Conversation) -> None:
    refused = client.post(url(conversation, "reply"), {"content": "A long and careful reply"})

    assert refused.status_code == 422
    assert "A long and careful reply" in refused.content.decode()
    assert "The bot answers in this conversation." in refused.content.decode()


def test_a_conversation_is_deleted_only_when_its_short_name_was_typed(
    client: Client, acme: Tenant, conversation: Conversation
) -> None:
    assert f'data-must-be="{conversation.pk.hex[-6:]}"' in text_of(client.get(url(conversation)))

    client.post(url(conversation, "delete"), {"typed": "nonsense"})
    assert inside(acme, Conversation.objects.exists)
    client.post(url(conversation, "delete"), {"typed": conversation.pk.hex[-6:]})
    assert not inside(acme, Conversation.objects.exists)


def test_conversations_are_handed_out_as_files(client: Client, acme: Tenant, bot: Bot) -> None:
    wanted, other = talk(bot, "Do you sell kiwis?", rating=Rating.UP), talk(bot)
    inside(acme, lambda: take_over(by=SYSTEM, conversation=wanted, name="Ann"))
    one = f"{url(wanted)}export"

    document = json.loads(whole(client.get(f"{one}/json/")))
    rows = list(csv.DictReader(io.StringIO(whole(client.get(f"{one}/csv/")))))
    text = whole(client.get(f"{one}/txt/"))
    lines = whole(client.get(f"{INBOX}export/jsonl/?search=kiwi")).splitlines()

    assert [message["content"] for message in document["messages"]] == ["Do you sell kiwis?", "Within thirty days."]
    assert [row["role"] for row in rows] == ["user", "assistant"]
    assert "Guide (bot):\n    Within thirty days." in text
    assert [json.loads(line)["id"] for line in lines] == [str(wanted.pk)]
    assert str(other.pk) in whole(client.get(f"{INBOX}export/csv/"))
    assert client.get(f"{one}/exe/").status_code == 404


# --- feedback and fixed answers ---------------------------------------------------------------------------


def test_feedback_is_listed_with_question_answer_and_a_way_to_fix_it(client: Client, acme: Tenant, bot: Bot) -> None:
    bad = talk(bot, "Is it **late**?", "It _is_ late.", rating=Rating.DOWN)
    talk(bot, "Good one?", rating=Rating.UP)
    answer = inside(acme, lambda: Message.objects.get(conversation=bad, seq=2))

    page = text_of(client.get(f"{INBOX}feedback/?rating=down"))

    assert "Is it **late**?" in page
    assert "It is late." in page
    assert f"/t/acme/messages/{answer.pk}/correct/" in page
    assert "Good one?" not in page


def test_a_list_of_feedback_costs_few_queries_however_long(client: Client, acme: Tenant, bot: Bot) -> None:
    talk(bot, rating=Rating.DOWN)
    client.get(f"{INBOX}feedback/")
    with CaptureQueriesContext(connection) as one:
        client.get(f"{INBOX}feedback/")
    inside(acme, lambda: [talk(bot, rating=Rating.DOWN) for _ in range(40)])

    with CaptureQueriesContext(connection) as many:
        client.get(f"{INBOX}feedback/")

    assert len(many) == len(one) <= MOST_QUERIES


def correcting(acme: Tenant, conversation: Conversation) -> str:
    answer = inside(acme, lambda: Message.objects.get(conversation=conversation, seq=2))
    return f"/t/acme/messages/{answer.pk}/correct/"


def test_the_editor_has_question_and_answer_and_saves_a_curated_one(
    client: Client, acme: Tenant, conversation: Conversation
) -> None:
    path = correcting(acme, conversation)
    page = text_of(client.get(path))
    assert "When may I return it?" in page
    assert "Within thirty days." in page
    # A bot without datasets has nowhere else to put it.
    assert 'value="dataset"' not in page

    wanted = {"question": "When may I return it?", "answer": "Within sixty days.", "into": "curated"}
    assert client.post(path, wanted).status_code == 302

    assert inside(acme, lambda: CuratedAnswer.objects.get().answer) == "Within sixty days."
    assert "fixed" in text_of(client.get(url(conversation)))


def test_the_editor_offers_the_bots_datasets(
    client: Client, acme: Tenant, bot: Bot, conversation: Conversation
) -> None:
    first, second = (create_dataset(by=SYSTEM, name=name) for name in ("Handbook", "Prices"))
    bot.datasets.set([first, second])
    path = correcting(acme, conversation)
    assert "Prices" in text_of(client.get(path))

    wanted = {"question": "When?", "answer": "Within sixty days.", "into": "dataset", "dataset": str(second.pk)}
    assert client.post(path, wanted).status_code == 302

    pair = inside(acme, lambda: QAPair.objects.select_related("document").get())
    assert (pair.question, pair.document.dataset_id) == ("When?", second.pk)


def test_what_was_typed_stays_when_it_cannot_be_saved(client: Client, acme: Tenant, conversation: Conversation) -> None:
    path = correcting(acme, conversation)

    refused = client.post(path, {"question": "?!", "answer": "A careful answer", "into": "curated"})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "A careful answer" in page
    assert "There is no letter or digit in this question." in page
    assert "data-unsaved" in page


def test_a_question_that_many_ask_is_answered_in_the_same_editor(client: Client, acme: Tenant, bot: Bot) -> None:
    path = f"/t/acme/bots/{bot.pk}/answer/?question=Do+you+ship%3F"
    assert "Do you ship?" in text_of(client.get(path))

    assert client.post(path, {"question": "Do you ship?", "answer": "Yes.", "into": "curated"}).status_code == 302

    assert inside(acme, lambda: CuratedAnswer.objects.get().answer) == "Yes."
