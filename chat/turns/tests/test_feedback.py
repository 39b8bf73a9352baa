"""Tests of what readers say of answers, and of conversations as wholes: renamed, ended, expired."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from bots.models import Bot
from bots.services import create_bot
from chat.conversations.services import lifecycle, retention
from chat.conversations.services.lifecycle import end_idle
from chat.enums import Rating
from chat.inbox.tests.test_inbox import talk
from chat.models import Conversation, Feedback, Message, Usage
from chat.tasks import delete_expired_everywhere, end_idle_everywhere
from chat.tests.fixtures import MakeBot
from chatcms.webhooks.models import Webhook, WebhookEvent
from tenants.context import tenant_scope
from tenants.models import AuditEvent, Tenant, TenantSettings
from tenants.services import visitor_tokens
from tenants.services.visitor_tokens import Visit
from tenants.tests import factories
from tenants.types import SYSTEM

CONVERSATIONS = "/v1/chat/conversations"
PAGE = "https://shop.example"


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


@pytest.fixture
def bot(in_acme: Tenant) -> Bot:
    return create_bot(by=SYSTEM, name="Guide")


@pytest.fixture
def told(in_acme: Tenant) -> Any:
    """What an active webhook of acme has been told of."""
    Webhook.objects.create(
        url="https://hooks.example/x",
        events=["conversation.finished", "feedback.given"],
        secret="sealed",
        secret_last_four="aled",
    )
    return lambda: [(event.type, event.payload) for event in WebhookEvent.objects.order_by("id")]


def _own(bot: Bot, acme: Tenant, **more: Any) -> tuple[Conversation, Message, APIClient]:
    """A conversation of a key of acme, its answer, and a client with the key."""
    key, plain = factories.make_api_key(acme)
    conversation = talk(bot, actor_type="api_key", actor_id=key.pk, **more)
    return conversation, conversation.messages.get(seq=2), APIClient(headers=factories.bearer(plain))


def _path(message: Message) -> str:
    return f"/v1/chat/messages/{message.pk}/feedback"


# --- feedback -------------------------------------------------------------------------------------------


def test_the_last_word_on_an_answer_counts(bot: Bot, acme: Tenant, told: Any) -> None:
    conversation, answer, client = _own(bot, acme)

    client.put(_path(answer), {"rating": "up"}, format="json")
    second = client.put(_path(answer), {"rating": "down", "comment": " Wrong. "}, format="json")

    assert (second.status_code, second.json()["rating"], second.json()["comment"]) == (200, "down", "Wrong.")
    assert Feedback.objects.get().rating == Rating.DOWN
    listed = client.get(f"{CONVERSATIONS}/{conversation.pk}/messages").json()["results"]
    assert (listed[0]["feedback"], listed[1]["feedback"]["rating"]) == (None, "down")
    assert (listed[1]["reply_to"], listed[1]["superseded"]) == (listed[0]["id"], False)
    assert [payload["rating"] for _, payload in told()] == ["up", "down"]
    assert told()[1][1]["conversation_id"] == str(conversation.pk)
    assert AuditEvent.objects.filter(action="feedback.give").count() == 2


def test_saying_the_same_again_tells_nobody(bot: Bot, acme: Tenant, told: Any) -> None:
    _, answer, client = _own(bot, acme)

    for _ in range(2):
        assert client.put(_path(answer), {"rating": "up"}, format="json").status_code == 200

    assert len(told()) == 1


def test_what_was_said_can_be_taken_back(bot: Bot, acme: Tenant) -> None:
    _, answer, client = _own(bot, acme, rating=Rating.UP)

    assert [client.delete(_path(answer)).status_code for _ in range(2)] == [204, 204]
    assert not Feedback.objects.exists()
    assert AuditEvent.objects.filter(action="feedback.withdraw").count() == 1


def test_a_change_to_other_words_than_were_seen_is_refused(bot: Bot, acme: Tenant) -> None:
    _, answer, client = _own(bot, acme)
    seen = client.put(_path(answer), {"rating": "up"}, format="json")["ETag"]

    changed = client.put(_path(answer), {"rating": "down"}, format="json", headers={"If-Match": seen})
    late = client.put(_path(answer), {"rating": "up"}, format="json", headers={"If-Match": seen})

    assert (changed.status_code, late.status_code) == (200, 412)
    assert client.delete(_path(answer), headers={"If-Match": seen}).status_code == 412


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/rating"),
        ({"rating": 1}, "/rating"),
        ({"rating": "sideways"}, "/rating"),
        ({"rating": "up", "comment": "x" * 2001}, "/comment"),
        ({"rating": "up", "comment": "a\x00b"}, "/comment"),
    ],
)
def test_malformed_feedback_names_its_field(bot: Bot, acme: Tenant, body: dict[str, Any], pointer: str) -> None:
    _, answer, client = _own(bot, acme)

    response = client.put(_path(answer), body, format="json")

    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


def test_only_answers_of_ones_own_can_be_rated(bot: Bot, acme: Tenant, client: APIClient, globex_api_key: str) -> None:
    conversation, answer, own = _own(bot, acme)
    question = conversation.messages.get(seq=1)
    stranger = APIClient(headers=factories.bearer(globex_api_key))

    for who, message in ((client, answer), (stranger, answer), (own, question), (own, Message(pk=uuid.uuid4()))):
        assert who.put(_path(message), {"rating": "up"}, format="json").status_code == 404
        assert who.delete(_path(message)).status_code == 404
    assert not Feedback.objects.exists()


def test_a_visitor_rates_answers_of_the_tokens_conversation_only(bot: Bot, acme: Tenant) -> None:
    Bot.objects.update(allowed_origins=[PAGE])
    visitor = uuid.uuid4()
    mine, earlier = talk(bot, actor_id=visitor), talk(bot, actor_id=visitor)
    token = visitor_tokens.issue(Visit(acme.id, bot.pk, PAGE, visitor, mine.pk))
    page = APIClient(headers={**factories.bearer(token), "Origin": PAGE})

    for conversation, status in ((mine, 200), (earlier, 404)):
        answer = conversation.messages.get(seq=2)
        assert page.put(_path(answer), {"rating": "up"}, format="json").status_code == status
    assert Feedback.objects.get().actor_type == "visitor"


# --- one's own conversations ----------------------------------------------------------------------------


def test_ones_own_conversations_can_be_searched(bot: Bot, acme: Tenant) -> None:
    other = create_bot(by=SYSTEM, name="Other")
    key, plain = factories.make_api_key(acme)
    own: dict[str, Any] = {"actor_type": "api_key", "actor_id": key.pk}
    early = talk(bot, "Apples", at=timezone.now() - timedelta(days=2), **own)
    late = talk(other, "Pears", **own)
    talk(bot, "Apples of somebody else")
    client = APIClient(headers=factories.bearer(plain))
    yesterday = (timezone.now() - timedelta(days=1)).isoformat()

    for query, found in (
        ({}, [late, early]),
        ({"bot": "guide"}, [early]),
        ({"bot": str(other.pk)}, [late]),
        ({"bot": "nobodys"}, []),
        ({"since": yesterday}, [late]),
        ({"search": "appl"}, [early]),
    ):
        rows = client.get(CONVERSATIONS, query).json()["results"]
        assert [row["id"] for row in rows] == [str(one.pk) for one in found], query
    assert client.get(CONVERSATIONS, {"since": "then"}).status_code == 400


def test_a_conversation_can_be_renamed(bot: Bot, acme: Tenant, client: APIClient) -> None:
    conversation, _, own = _own(bot, acme)
    path = f"{CONVERSATIONS}/{conversation.pk}"
    seen = own.get(path)["ETag"]

    renamed = own.patch(path, {"title": "The blue chair"}, format="json", headers={"If-Match": seen})

    assert (renamed.status_code, renamed.json()["title"]) == (200, "The blue chair")
    assert own.patch(path, {"title": "Late"}, format="json", headers={"If-Match": seen}).status_code == 412
    assert own.get(path, headers={"If-None-Match": renamed["ETag"]}).status_code == 304
    assert client.patch(path, {"title": "Mine"}, format="json").status_code == 404
    for title in ("", "x" * 81, 7, None):
        assert own.patch(path, {"title": title}, format="json").status_code == 400
    assert own.get(path).json()["title"] == "The blue chair"


def test_a_conversation_ends_once_and_the_webhooks_are_told(bot: Bot, acme: Tenant, told: Any) -> None:
    conversation, _, own = _own(bot, acme, rating=Rating.UP)
    path = f"{CONVERSATIONS}/{conversation.pk}/end"

    first, second = own.post(path), own.post(path)

    assert first.status_code == 200
    assert first.json()["ended_at"] == second.json()["ended_at"] is not None
    ((kind, payload),) = told()
    assert (kind, payload["conversation_id"]) == ("conversation.finished", str(conversation.pk))
    assert (payload["ratings"], payload["message_count"]) == ({"up": 1, "down": 0}, 2)
    assert payload["bot"]["slug"] == "guide"
    assert "thirty days" not in str(payload)


def test_nobody_ends_somebody_elses_conversation(bot: Bot, acme: Tenant, client: APIClient) -> None:
    conversation, _, _ = _own(bot, acme)

    assert client.post(f"{CONVERSATIONS}/{conversation.pk}/end").status_code == 404
    assert Conversation.objects.get().ended_at is None


def test_another_question_opens_a_conversation_again_and_it_ends_anew(
    make_bot: MakeBot, acme: Tenant, client: APIClient
) -> None:
    make_bot("echo")
    ask = "/v1/chat/bots/guide/messages"
    conversation = client.post(ask, {"message": "Apples"}, format="json").json()["conversation_id"]
    client.post(f"{CONVERSATIONS}/{conversation}/end")

    client.post(ask, {"message": "Pears", "conversation_id": conversation}, format="json")

    assert client.get(f"{CONVERSATIONS}/{conversation}").json()["ended_at"] is None


# --- upkeep ---------------------------------------------------------------------------------------------


def test_what_nobody_goes_on_with_has_ended(bot: Bot, told: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lifecycle, "BATCH", 2)
    now = timezone.now()
    idle = [talk(bot, at=now - timedelta(minutes=31 + number)) for number in range(3)]
    talk(bot, at=now - timedelta(minutes=29))
    talk(bot, at=now - timedelta(hours=2), ended_at=now)

    assert end_idle() == 3
    assert end_idle() == 0
    assert {payload["conversation_id"] for _, payload in told()} == {str(one.pk) for one in idle}
    assert Conversation.objects.filter(ended_at__isnull=True).count() == 1


def test_without_a_webhook_nothing_is_written_for_one(bot: Bot) -> None:
    talk(bot, at=timezone.now() - timedelta(hours=1))

    end_idle_everywhere()

    assert Conversation.objects.get().ended_at is not None
    assert not WebhookEvent.objects.exists()


def test_looking_for_idle_conversations_takes_one_query_when_there_are_none(bot: Bot) -> None:
    talk(bot)

    with CaptureQueriesContext(connection) as queries:
        end_idle()

    assert len(queries) == 1


def test_what_is_older_than_the_tenant_keeps_it_is_deleted_and_its_usage_stays(
    bot: Bot, acme: Tenant, globex: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    TenantSettings.objects.create(tenant=acme, retention_days=30)
    now = timezone.now()
    for _ in range(3):
        talk(bot, at=now - timedelta(days=31), rating=Rating.UP)
    kept = talk(bot, at=now - timedelta(days=29))
    with tenant_scope(globex):
        talk(create_bot(by=SYSTEM, name="Theirs"), at=now - timedelta(days=900))

    delete_expired_everywhere()

    assert list(Conversation.objects.all()) == [kept]
    assert (Message.objects.count(), Feedback.objects.count(), Usage.objects.count()) == (2, 0, 4)
    lines = AuditEvent.objects.filter(action="conversation.expire", tenant_id=acme.id)
    assert sorted(line.detail["deleted"] for line in lines) == [1, 2]
    with tenant_scope(globex):
        assert Conversation.objects.count() == 1


def test_a_tenant_without_a_retention_keeps_everything(bot: Bot, acme: Tenant) -> None:
    TenantSettings.objects.create(tenant=acme)
    talk(bot, at=timezone.now() - timedelta(days=4000))

    assert retention.delete_expired(tenant=acme) == 0
    assert Conversation.objects.exists()
