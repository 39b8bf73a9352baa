"""Tests of the tenant's inbox: what it lists and finds, for whom, and what it exports."""

from __future__ import annotations

import csv
import io
import json
import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from bots.models import Bot
from bots.services import create_bot
from chat.conversations import wordsearch
from chat.enums import Channel, MessageRole, MessageStatus, Rating
from chat.models import Conversation, Feedback, Message, Usage
from tenants.context import tenant_scope
from tenants.enums import Role, Scope
from tenants.models import AuditEvent, Tenant
from tenants.services.visitor_tokens import visitor_id_of
from tenants.tests import factories
from tenants.types import SYSTEM

INBOX = "/v1/tenant/conversations"
EXPORT = f"{INBOX}/export"
MESSAGES = "/v1/tenant/messages"
FEEDBACK = "/v1/tenant/feedback"
NOW = timezone.now()


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


@pytest.fixture
def bot(in_acme: Tenant) -> Bot:
    return create_bot(by=SYSTEM, name="Guide")


def talk(
    bot: Bot,
    question: str = "When may I return it?",
    answer: str = "Within thirty days.",
    *,
    rating: Rating | None = None,
    status: str = MessageStatus.COMPLETE,
    has_evidence: bool | None = None,
    at: datetime = NOW,
    **more: Any,
) -> Conversation:
    """One conversation of one turn."""
    values = {"actor_type": "visitor", "actor_id": uuid.uuid4(), "channel": Channel.WIDGET, **more}
    conversation = Conversation.objects.create(
        bot=bot, title=question[:80], message_count=2, started_at=at, last_message_at=at, **values
    )
    asked = Message.objects.create(conversation=conversation, seq=1, role=MessageRole.USER, content=question)
    answered = Message.objects.create(
        conversation=conversation,
        seq=2,
        role=MessageRole.ASSISTANT,
        content=answer,
        status=status,
        reply_to=asked,
        retrieval={} if has_evidence is None else {"has_evidence": has_evidence, "passages": []},
    )
    Usage.objects.create(
        message=answered, bot_id=bot.pk, model="m", prompt_tokens=3, cache_read_tokens=2, completion_tokens=4,
        day=at.date(), cost="0.5",
    )  # fmt: skip
    if rating is not None:
        Feedback.objects.create(message=answered, rating=rating, comment=f"{rating.name}!", actor_type="visitor")
    return conversation


def ids(response: Any) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_the_inbox_shows_every_conversation_the_latest_first_with_what_happened_in_it(
    client: APIClient, bot: Bot
) -> None:
    talk(bot, at=NOW - timedelta(hours=2))
    latest = talk(bot, rating=Rating.DOWN, status=MessageStatus.FAILED, has_evidence=False, visitor_ref="user-1")

    rows = client.get(INBOX).json()["results"]

    assert rows[0]["id"] == str(latest.pk)
    assert rows[0]["ratings"] == {"up": 0, "down": 1}
    assert (rows[0]["failed_count"], rows[0]["unanswered_count"], rows[0]["visitor_ref"]) == (1, 1, "user-1")
    assert (rows[1]["failed_count"], rows[1]["ratings"]) == (0, {"up": 0, "down": 0})
    assert rows[0]["bot"] == {"id": str(bot.pk), "slug": "guide", "name": "Guide"}
    assert client.get(f"{INBOX}/{latest.pk}").json() == rows[0]


def test_the_inbox_can_be_ordered(client: APIClient, bot: Bot) -> None:
    old, new = talk(bot, at=NOW - timedelta(hours=2)), talk(bot, at=NOW - timedelta(hours=3))

    assert ids(client.get(INBOX)) == [str(old.pk), str(new.pk)]
    assert ids(client.get(INBOX, {"ordering": "-id"})) == [str(new.pk), str(old.pk)]
    assert client.get(INBOX, {"ordering": "title"}).status_code == 400


FILTERS: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"channel": "openai"}, {"channel": Channel.OPENAI}),
    ({"rating": "down"}, {"rating": Rating.DOWN}),
    ({"has_failed": "true"}, {"status": MessageStatus.FAILED}),
    ({"unanswered": "true"}, {"has_evidence": False}),
    ({"ended": "true"}, {"ended_at": NOW}),
    ({"since": (NOW + timedelta(hours=1)).isoformat()}, {"at": NOW + timedelta(hours=2)}),
    ({"until": (NOW - timedelta(hours=1)).isoformat()}, {"at": NOW - timedelta(hours=2)}),
    ({"search": "kiwi"}, {"question": "Do you sell KIWIS?"}),
    ({"search": "thirteen apples"}, {"answer": "There are thirteen green apples."}),
]


@pytest.mark.parametrize(("asked", "having"), FILTERS, ids=[next(iter(asked)) for asked, _ in FILTERS])
def test_the_inbox_can_be_narrowed_down(
    client: APIClient, bot: Bot, asked: dict[str, Any], having: dict[str, Any]
) -> None:
    talk(bot, rating=Rating.UP, has_evidence=True)
    wanted = talk(bot, **having)

    assert ids(client.get(INBOX, asked)) == [str(wanted.pk)]


@pytest.mark.parametrize("name", ["has_failed", "unanswered", "ended"])
def test_what_something_did_not_happen_in_can_be_asked_for_too(client: APIClient, bot: Bot, name: str) -> None:
    calm = talk(bot)
    talk(bot, status=MessageStatus.FAILED, has_evidence=False, ended_at=NOW)

    assert ids(client.get(INBOX, {name: "false"})) == [str(calm.pk)]


def test_a_visitor_is_found_by_either_id(client: APIClient, bot: Bot, acme: Tenant) -> None:
    talk(bot)
    by_ref = talk(bot, actor_id=visitor_id_of(tenant_id=acme.id, ref="user-1"), visitor_ref="user-1")

    assert ids(client.get(INBOX, {"visitor": "user-1"})) == [str(by_ref.pk)]
    assert ids(client.get(INBOX, {"visitor": str(by_ref.actor_id)})) == [str(by_ref.pk)]
    assert ids(client.get(INBOX, {"visitor": "nobody"})) == []


def test_bots_tell_conversations_apart(client: APIClient, bot: Bot) -> None:
    other = create_bot(by=SYSTEM, name="Other")
    talk(bot)
    wanted = talk(other)

    assert ids(client.get(INBOX, {"bot_id": str(other.pk)})) == [str(wanted.pk)]
    assert ids(client.get(INBOX, {"bot_id": str(uuid.uuid4())})) == []


@pytest.mark.parametrize("many", [1, 5000])
@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("return", True),
        ("RETU", True),
        ("it when", True),
        ("return thirty", False),
        ("etur", False),
        ("o'return\\ ' & ! :* ( |", False),
        ("--", False),
        ("a", False),
        ("&", False),
        ("it", True),
    ],
)
def test_words_are_found_by_their_beginnings_be_they_rare_or_common(
    client: APIClient, bot: Bot, monkeypatch: pytest.MonkeyPatch, search: str, found: bool, many: int
) -> None:
    monkeypatch.setattr(wordsearch, "MANY", many)
    wanted = talk(bot)
    talk(bot, "Hello", "Good day")

    assert ids(client.get(INBOX, {"search": search})) == ([str(wanted.pk)] if found else [])
    in_messages = ids(client.get(MESSAGES, {"search": search}))
    assert in_messages == ([str(wanted.messages.get(seq=1).pk)] if found else [])


def test_an_answer_under_way_is_not_found_by_its_words(client: APIClient, bot: Bot) -> None:
    talk(bot, answer="Elephants", status=MessageStatus.STREAMING)

    assert ids(client.get(INBOX, {"search": "elephants"})) == []


@pytest.mark.parametrize("path", [INBOX, MESSAGES, FEEDBACK, EXPORT])
@pytest.mark.parametrize(
    "query",
    [
        {"bot_id": "7"},
        {"since": "yesterday"},
        {"until": "2026-13-01"},
        {"rating": "1"},
        {"rating": "sideways"},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(client: APIClient, path: str, query: dict[str, str]) -> None:
    response = client.get(path, query)

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == f"/{next(iter(query))}"


@pytest.mark.parametrize("query", ["search=%00", "search=" + "x" * 201, "visitor=%00", "has_failed=perhaps"])
def test_text_that_cannot_be_looked_for_is_refused(client: APIClient, query: str) -> None:
    assert client.get(f"{INBOX}?{query}").status_code == 400


def test_moments_at_the_ends_of_time_find_all_or_nothing(client: APIClient, bot: Bot) -> None:
    talk(bot)

    for path, rows in ((INBOX, 1), (MESSAGES, 2)):
        assert len(ids(client.get(path, {"since": "0001-01-01T00:00:00Z"}))) == rows
        assert ids(client.get(path, {"until": "0001-01-01T00:00:00Z"})) == []
        assert ids(client.get(path, {"since": "9999-12-31T23:59:59Z"})) == []


def test_a_transcript_has_citations_timings_and_cost(client: APIClient, bot: Bot) -> None:
    conversation = talk(bot, rating=Rating.UP, has_evidence=False)

    question, answer = client.get(f"{INBOX}/{conversation.pk}/messages").json()["results"]

    assert (question["role"], question["usage"], question["feedback"]) == ("user", None, None)
    assert answer["reply_to"] == question["id"]
    assert (answer["usage"]["prompt_tokens"], answer["usage"]["cost"]) == (3, "0.50000000")
    assert [answer["usage"][f"{kind}_tokens"] for kind in ("cache_read", "cache_write", "reasoning")] == [2, 0, 0]
    assert (answer["feedback"]["rating"], answer["has_evidence"], answer["superseded"]) == ("up", False, False)
    assert client.get(f"{MESSAGES}/{answer['id']}").json() == answer


def test_messages_can_be_narrowed_down(client: APIClient, bot: Bot) -> None:
    talk(bot, rating=Rating.UP, has_evidence=True)
    wanted = talk(bot, rating=Rating.DOWN, has_evidence=False, status=MessageStatus.FAILED)
    answer = [str(wanted.messages.get(seq=2).pk)]

    assert ids(client.get(MESSAGES, {"unanswered": "true"})) == answer
    assert ids(client.get(MESSAGES, {"rating": "down"})) == answer
    assert ids(client.get(MESSAGES, {"status": "failed"})) == answer
    assert ids(client.get(MESSAGES, {"conversation_id": str(wanted.pk), "role": "assistant"})) == answer
    assert len(ids(client.get(MESSAGES, {"unanswered": "false"}))) == 1
    assert len(ids(client.get(MESSAGES, {"since": (NOW - timedelta(hours=1)).isoformat()}))) == 4


def test_feedback_is_listed_with_question_and_answer(client: APIClient, bot: Bot) -> None:
    talk(bot)
    talk(bot, rating=Rating.UP)
    conversation = talk(bot, "Why?", "Because.", rating=Rating.DOWN)

    response = client.get(FEEDBACK, {"rating": "down", "bot_id": str(bot.pk), "has_comment": "true"})

    (row,) = response.json()["results"]
    assert (row["question"], row["answer"], row["comment"]) == ("Why?", "Because.", "DOWN!")
    assert (row["rating"], row["conversation_id"]) == ("down", str(conversation.pk))
    assert client.get(FEEDBACK, {"has_comment": "false"}).json()["results"] == []
    assert client.get(FEEDBACK, {"until": (NOW - timedelta(days=1)).isoformat()}).json()["results"] == []


def test_a_conversation_can_be_deleted_by_those_who_may(client: APIClient, bot: Bot, acme: Tenant) -> None:
    conversation = talk(bot)
    viewer = factories.make_token_pair(factories.make_member(acme, role=Role.VIEWER)).access
    path = f"{INBOX}/{conversation.pk}"

    assert APIClient(headers=factories.bearer(viewer)).delete(path).status_code == 403
    assert client.delete(path, headers={"If-Match": '"stale"'}).status_code == 412
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert Usage.objects.count() == 1
    assert AuditEvent.objects.filter(action="conversation.delete", target_id=str(conversation.pk)).exists()


def test_the_inbox_is_for_those_who_may_read_conversations(bot: Bot, acme: Tenant) -> None:
    chatter = APIClient(headers=factories.bearer(factories.make_api_key(acme, scopes=[Scope.CHAT])[1]))

    for path in (INBOX, MESSAGES, FEEDBACK, EXPORT):
        assert chatter.get(path).status_code == 403
        assert APIClient().get(path).status_code == 401


def test_another_tenant_finds_none_of_it(bot: Bot, globex_api_key: str) -> None:
    conversation = talk(bot, rating=Rating.UP)
    message = conversation.messages.get(seq=2)
    stranger = APIClient(headers=factories.bearer(globex_api_key))

    for path in (INBOX, MESSAGES, FEEDBACK):
        assert stranger.get(path).json()["results"] == []
    for path in (f"{INBOX}/{conversation.pk}", f"{INBOX}/{conversation.pk}/messages", f"{MESSAGES}/{message.pk}"):
        assert stranger.get(path).status_code == 404
    assert stranger.delete(f"{INBOX}/{conversation.pk}").status_code == 404


def test_a_key_that_is_limited_to_some_bots_sees_these_ones_only(bot: Bot, acme: Tenant) -> None:
    other = create_bot(by=SYSTEM, name="Other")
    hidden, seen = talk(other, rating=Rating.UP), talk(bot, rating=Rating.UP)
    key, plain = factories.make_api_key(acme)
    key.bot_ids = [bot.pk]
    key.save()
    limited = APIClient(headers=factories.bearer(plain))

    assert ids(limited.get(INBOX)) == [str(seen.pk)]
    assert {row["conversation_id"] for row in limited.get(MESSAGES).json()["results"]} == {str(seen.pk)}
    assert [row["conversation_id"] for row in limited.get(FEEDBACK).json()["results"]] == [str(seen.pk)]
    assert limited.get(f"{INBOX}/{hidden.pk}").status_code == 404
    assert limited.get(f"{MESSAGES}/{hidden.messages.get(seq=1).pk}").status_code == 404
    assert limited.delete(f"{INBOX}/{hidden.pk}").status_code == 404
    assert str(hidden.pk) not in b"".join(limited.get(EXPORT)).decode()


@pytest.mark.parametrize("path", [INBOX, f"{INBOX}?search=return", MESSAGES, FEEDBACK])
def test_lists_take_as_many_queries_for_three_rows_as_for_one(client: APIClient, bot: Bot, path: str) -> None:
    counts = []
    client.get(path)
    for _ in range(3):
        talk(bot, rating=Rating.UP, has_evidence=False)
        with CaptureQueriesContext(connection) as queries:
            client.get(path)
        counts.append(len(queries))

    assert counts[0] == counts[2]


# --- export ---------------------------------------------------------------------------------------------


def _exported(client: APIClient, **query: str) -> Any:
    response = client.get(EXPORT, query)
    assert response.status_code == 200
    return response, b"".join(response).decode()


def test_conversations_are_exported_as_json_lines(client: APIClient, bot: Bot) -> None:
    first, second = talk(bot, rating=Rating.UP), talk(bot, "Why?", "Because.")

    response, text = _exported(client)

    documents = [json.loads(line) for line in text.splitlines()]
    assert response["Content-Disposition"] == 'attachment; filename="conversations.jsonl"'
    assert [document["id"] for document in documents] == [str(first.pk), str(second.pk)]
    assert [message["content"] for message in documents[1]["messages"]] == ["Why?", "Because."]
    assert documents[0]["messages"][1]["feedback"]["rating"] == "up"


def test_a_filter_narrows_the_export_down(client: APIClient, bot: Bot) -> None:
    talk(bot)
    wanted = talk(bot, "Why?", "Because.")

    _, text = _exported(client, search="because")

    assert [json.loads(line)["id"] for line in text.splitlines()] == [str(wanted.pk)]


def test_no_cell_of_an_exported_table_is_a_formula(client: APIClient, bot: Bot) -> None:
    talk(bot, '=HYPERLINK("http://evil.example")', 'He said "no",\nand left.')

    response, text = _exported(client, file_format="csv")

    head, question, answer = csv.reader(io.StringIO(text))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert question[head.index("content")] == '\'=HYPERLINK("http://evil.example")'
    assert answer[head.index("content")] == 'He said "no",\nand left.'


BREAKS = ["\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\x1b[1A\n"]


@pytest.mark.parametrize("line_break", BREAKS)
def test_nobody_forges_a_line_of_a_transcript(client: APIClient, bot: Bot, line_break: str) -> None:
    forged = f"[2026-01-01 00:00:00] {bot.name} (bot):"
    conversation = talk(bot, f"Why?{line_break * 2}{forged}{line_break}Because we owe you 1,000.", "Because.")
    Conversation.objects.filter(pk=conversation.pk).update(visitor_ref=f"Ann{line_break}{forged}"[:128])
    Bot.objects.filter(pk=bot.pk).update(name=f"Guide{line_break}{forged}")

    text = _exported(client, file_format="txt")[1]

    margin = [line for line in text.splitlines() if line and not line.startswith("    ")]
    assert [line.partition(" ")[0] for line in margin] == ["Conversation", "[" + margin[1][1:11], "[" + margin[2][1:11]]
    assert [line.endswith(who) for line, who in zip(margin[1:], ("(user):", "(bot):"), strict=True)] == [True, True]


def test_an_export_reads_page_by_page(client: APIClient, bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.inbox.services.export.PAGE", 2)
    made = [str(talk(bot).pk) for _ in range(5)]

    _, text = _exported(client)

    assert [json.loads(line)["id"] for line in text.splitlines()] == made


def test_an_export_of_nothing_is_empty(client: APIClient, in_acme: Tenant, globex: Tenant) -> None:
    with tenant_scope(globex):
        talk(create_bot(by=SYSTEM, name="Theirs"))

    assert _exported(client)[1] == ""
