"""Tests of the chat API: answers as documents, errors before and after the first word, conversations."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bots.services import update_bot
from chat.models import Conversation, Message, Usage
from chat.tests.fixtures import MakeBot
from chat.turns.events import Retrieved
from chat.turns.services.replay import events_of_answer
from datasets.models import Dataset
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.enums import Scope
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

MESSAGES = "/v1/chat/bots/guide/messages"
CONVERSATIONS = "/v1/chat/conversations"


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def _ask(client: APIClient, message: str = "When may I return a purchase?", **more: object) -> Any:
    return client.post(MESSAGES, {"message": message, **more}, format="json")


def _saved(acme: Tenant) -> Message:
    with tenant_scope(acme):
        return Message.objects.get(role="assistant")


def test_a_question_is_answered_with_citations_from_the_documents(
    client: APIClient, make_bot: MakeBot, handbook: Dataset, acme: Tenant
) -> None:
    make_bot("cite", dataset=handbook)

    response = _ask(client)

    answer = response.json()
    assert response.status_code == 200
    assert answer["answer"].startswith("According to the documents [1]")
    assert answer["has_evidence"] is True
    assert (answer["finish_reason"], answer["model"]) == ("stop", "cite")
    assert answer["citations"][0]["document"] == "rules.txt"
    assert "thirty days" in answer["citations"][0]["quote"]
    assert answer["usage"]["total_tokens"] == answer["usage"]["prompt_tokens"] + answer["usage"]["completion_tokens"]
    assert answer["usage"]["cost"] is not None
    saved = _saved(acme)
    assert (str(saved.pk), saved.content, saved.status) == (answer["message_id"], answer["answer"], "complete")


def test_a_question_that_the_passages_do_not_answer_counts_as_unanswered(
    client: APIClient, make_bot: MakeBot, handbook: Dataset, acme: Tenant
) -> None:
    make_bot("no-answer", dataset=handbook)

    answer = _ask(client).json()

    assert answer["answer"].startswith("I could not find anything about this")
    assert answer["has_evidence"] is False
    saved = _saved(acme)
    assert saved.retrieval["has_evidence"] is False
    assert len(saved.retrieval["passages"]) > 0
    with tenant_scope(acme):
        assert Usage.objects.get().has_evidence is False
        retrieved = next(event for event in events_of_answer(saved) if isinstance(event, Retrieved))
    assert (retrieved.has_evidence, len(retrieved.sources) > 0) == (True, True)


def test_what_the_documents_do_not_hold_is_said_without_asking_a_model(
    client: APIClient, make_bot: MakeBot, handbook: Dataset, fake: FakeProvider
) -> None:
    make_bot("cite", dataset=handbook, no_evidence_message="Not in my papers.")

    answer = _ask(client, "Which planet has the largest volcano?").json()

    assert (answer["answer"], answer["has_evidence"], answer["citations"]) == ("Not in my papers.", False, [])
    assert answer["usage"]["total_tokens"] == 0
    assert fake.stats()["requests"] == 0


def test_a_conversation_goes_on(client: APIClient, make_bot: MakeBot, fake: FakeProvider) -> None:
    make_bot("echo")
    first = _ask(client, "Apples").json()

    second = _ask(client, "Pears", conversation_id=first["conversation_id"]).json()

    assert second["conversation_id"] == first["conversation_id"]
    sent = [(message["role"], message["content"]) for message in fake.stats()["last_body"]["messages"]]
    assert sent[-3:] == [("user", "Apples"), ("assistant", "Apples"), ("user", "Pears")]


@pytest.mark.parametrize(
    ("model", "status", "code"),
    [
        ("fail-401", 424, "provider_auth"),
        ("fail-404-model", 424, "provider_model_not_found"),
        ("fail-429", 429, "provider_rate_limited"),
        ("quota", 424, "provider_quota_exceeded"),
        ("fail-500", 502, "provider_unavailable"),
        ("junk", 502, "provider_bad_response"),
    ],
)
def test_a_failure_of_the_provider_is_a_problem_and_nothing_is_lost(
    client: APIClient, make_bot: MakeBot, acme: Tenant, model: str, status: int, code: str
) -> None:
    make_bot(model)

    response = _ask(client, "Why?")

    problem = response.json()
    assert (response.status_code, problem["code"]) == (status, code)
    assert response["Content-Type"] == "application/problem+json"
    assert problem["incomplete"] is False
    assert "SECRET" not in response.content.decode()
    saved = _saved(acme)
    assert (str(saved.pk), saved.status, saved.error_code) == (problem["message_id"], "failed", code)
    with tenant_scope(acme):
        assert Message.objects.get(role="user").content == "Why?"


def test_a_break_after_the_first_word_keeps_what_came(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("cut-5")

    response = _ask(client)

    assert (response.status_code, response.json()["incomplete"]) == (502, True)
    saved = _saved(acme)
    assert (saved.status, saved.error_code) == ("failed", "provider_stream_interrupted")
    assert len(saved.content.split()) == 5


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/message"),
        ({"message": "x" * 8001}, "/message"),
        ({"message": "x", "conversation_id": "7"}, "/conversation_id"),
        ({"message": "x", "stream": "maybe"}, "/stream"),
    ],
)
def test_a_malformed_question_names_its_field(
    client: APIClient, make_bot: MakeBot, body: dict[str, object], pointer: str
) -> None:
    make_bot()

    response = client.post(MESSAGES, body, format="json")

    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize("message", ["\u200b\u2060", "\u3164 \u2800", "\U000e0041\ufe0f", "\u202e\xad\x07"])
def test_a_question_of_which_nothing_can_be_seen_is_empty_on_every_route(
    client: APIClient, make_bot: MakeBot, message: str
) -> None:
    bot = make_bot()
    events = client.post(MESSAGES, {"message": message}, format="json", headers={"accept": "text/event-stream"})
    as_openai = {"model": bot.slug, "messages": [{"role": "user", "content": message}]}
    answers = [_ask(client, message), events, client.post("/v1/chat/completions", as_openai, format="json")]
    assert [400 <= answer.status_code < 500 for answer in answers] == [True] * 3
    assert answers[0].status_code == 400
    assert [error["pointer"] for error in answers[0].json()["errors"]] == ["/message"]


def test_an_error_before_the_stream_is_json_also_for_who_wants_events(client: APIClient, make_bot: MakeBot) -> None:
    make_bot()

    response = client.post(MESSAGES, {}, format="json", headers={"accept": "text/event-stream"})

    assert response.status_code == 400
    assert response.json()["code"] == "invalid_request"


def test_a_bot_that_is_not_there_or_switched_off_is_not_found(
    client: APIClient, make_bot: MakeBot, acme: Tenant
) -> None:
    assert _ask(client).json()["code"] == "no_such_bot"
    with tenant_scope(acme):
        update_bot(by=SYSTEM, bot=make_bot(), is_active=False)

    assert _ask(client).status_code == 404


def test_nobody_asks_without_a_credential_or_its_scope(make_bot: MakeBot, acme: Tenant) -> None:
    make_bot()
    reader = APIClient(headers=factories.bearer(factories.make_api_key(acme, scopes=[Scope.READ])[1]))

    assert _ask(APIClient()).status_code == 401
    assert _ask(reader).status_code == 403


def test_another_tenants_key_finds_neither_bot_nor_conversation(
    client: APIClient, make_bot: MakeBot, globex_api_key: str
) -> None:
    make_bot()
    conversation = _ask(client).json()["conversation_id"]
    stranger = APIClient(headers=factories.bearer(globex_api_key))

    assert _ask(stranger).status_code == 404
    for path in (f"{CONVERSATIONS}/{conversation}", f"{CONVERSATIONS}/{conversation}/messages"):
        assert stranger.get(path).status_code == 404
    assert stranger.delete(f"{CONVERSATIONS}/{conversation}").status_code == 404
    assert stranger.get(CONVERSATIONS).json()["results"] == []


def test_another_key_of_the_tenant_does_not_go_on_with_a_conversation(
    client: APIClient, make_bot: MakeBot, acme: Tenant
) -> None:
    make_bot()
    conversation = _ask(client).json()["conversation_id"]
    other = APIClient(headers=factories.bearer(factories.make_api_key(acme)[1]))

    assert _ask(other, conversation_id=conversation).json()["code"] == "no_such_conversation"
    assert other.get(f"{CONVERSATIONS}/{conversation}").status_code == 404


def test_a_conversation_can_be_read_and_deleted(
    client: APIClient, make_bot: MakeBot, handbook: Dataset, acme: Tenant
) -> None:
    make_bot("cite", dataset=handbook)
    conversation = _ask(client).json()["conversation_id"]
    path = f"{CONVERSATIONS}/{conversation}"

    assert client.get(path).json()["message_count"] == 2
    messages = client.get(f"{path}/messages").json()["results"]
    assert [message["role"] for message in messages] == ["user", "assistant"]
    assert "thirty days" in messages[1]["citations"][0]["quote"]

    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    with tenant_scope(acme):
        assert not Message.objects.exists()


def test_bots_are_shown_without_what_they_are_made_of(client: APIClient, make_bot: MakeBot) -> None:
    make_bot(system_prompt="canary-prompt", suggested_questions=["Why?"], look={"theme": "dark"})

    listed, one = client.get("/v1/chat/bots"), client.get("/v1/chat/bots/guide")

    assert listed.json()["results"] == [one.json()]
    assert set(one.json()) == {
        *("id", "slug", "name", "description", "welcome_message", "suggested_questions", "look"),
    }
    assert (one.json()["look"]["theme"], one.json()["look"]["position"]) == ("dark", "end")
    assert b"canary-prompt" not in listed.content


@pytest.mark.parametrize("path", ["/v1/chat/bots", CONVERSATIONS, "/v1/models"])
def test_lists_take_as_many_queries_for_three_rows_as_for_one(
    client: APIClient, make_bot: MakeBot, acme: Tenant, path: str
) -> None:
    counts = []
    for number in range(3):
        bot = make_bot(name=f"Bot {number}")
        client.post(f"/v1/chat/bots/{bot.slug}/messages", {"message": "Why?"}, format="json")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[2]
    with tenant_scope(acme):
        assert Conversation.objects.count() == 3


def test_messages_take_as_many_queries_for_three_turns_as_for_one(
    client: APIClient, make_bot: MakeBot, handbook: Dataset
) -> None:
    make_bot("cite", dataset=handbook)
    conversation, counts = None, []
    for _ in range(3):
        conversation = _ask(client, conversation_id=conversation).json()["conversation_id"]
        with CaptureQueriesContext(connection) as queries:
            client.get(f"{CONVERSATIONS}/{conversation}/messages")
        counts.append(len(queries))

    assert counts[0] == counts[2]


def test_an_unknown_conversation_is_not_found(client: APIClient, make_bot: MakeBot) -> None:
    make_bot()

    assert _ask(client, conversation_id=str(uuid.uuid4())).json()["code"] == "no_such_conversation"
