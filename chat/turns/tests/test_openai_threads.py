"""Turns that clients of OpenAI's protocol tell are one conversation, by its name or by what was said."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from rest_framework.test import APIClient

from chat.models import Conversation, Message
from chat.tests.fixtures import MakeBot
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories

PATH = "/v1/chat/completions"
TOOL = {"type": "function", "function": {"name": "lookup"}}
pytestmark = pytest.mark.usefixtures("db")


class Teller:
    """A client that keeps its own history, as OpenAI's clients do."""

    def __init__(self, client: APIClient, **more: Any) -> None:
        self.client = client
        self.more = more
        self.messages: list[dict[str, Any]] = []
        self.ids: list[str] = []

    def say(self, content: str, **more: Any) -> dict[str, Any]:
        self.messages.append({"role": "user", "content": content})
        return self.send(**more)

    def send(self, *, headers: dict[str, str] | None = None, **more: Any) -> dict[str, Any]:
        body = {"model": "guide", "messages": self.messages, **self.more, **more}
        response = self.client.post(PATH, body, format="json", headers=headers)
        assert response.status_code == 200, response.content
        answer: dict[str, Any] = response.json()["choices"][0]["message"]
        assert response["X-Conversation-Id"] == response.json()["chatcms"]["conversation_id"]
        self.ids.append(response["X-Conversation-Id"])
        self.messages.append(answer)
        return answer


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def told(acme: Tenant) -> list[list[tuple[str, str]]]:
    """What is kept: of each conversation, the oldest first, who said what."""
    with tenant_scope(acme):
        rows = Conversation.objects.order_by("id")
        kept = [[(one.role, one.content) for one in Message.objects.filter(conversation=row)] for row in rows]
        assert [row.message_count for row in rows] == [len(each) for each in kept]
        assert {row.channel for row in rows} <= {"openai"}
    return kept


THREE = [
    ("user", "One"),
    ("assistant", "One"),
    ("user", "Two"),
    ("assistant", "Two"),
    ("user", "3"),
    ("assistant", "3"),
]


def test_three_turns_are_one_conversation_by_what_was_said(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("echo")
    teller = Teller(client)

    teller.say("One")
    teller.messages[-1]["content"] += "\n "  # some clients keep an answer with other white space
    teller.messages.insert(0, {"role": "system", "content": "The time is 12:00."})
    teller.say("Two")
    teller.messages[0]["content"] = "The time is 12:05."
    teller.say("3")

    assert told(acme) == [THREE]
    assert len(set(teller.ids)) == 1


@pytest.mark.parametrize("name", ["chat 42/ä", "01926c5e-53cd-4a4b-9d0a-2f7c5e8b1a90"])
@pytest.mark.parametrize("where", ["metadata", "header"])
def test_three_turns_are_one_conversation_by_a_name_of_the_clients(
    client: APIClient, make_bot: MakeBot, acme: Tenant, name: str, where: str
) -> None:
    make_bot("echo")
    more: dict[str, Any] = {"metadata": {"conversation_id": name}}
    if where == "header":
        more = {"headers": {"X-Conversation-Id": name.encode().decode("latin-1")}}
    teller = Teller(client)

    for words in ("One", "Two", "3"):
        teller.say(words, **more)
        teller.messages = teller.messages[-1:]  # a client that keeps but a window of its history

    assert told(acme) == [THREE]


def test_the_id_that_was_answered_names_the_conversation(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("echo")
    teller = Teller(client)

    teller.say("One")
    teller.messages = []
    teller.say("Two", metadata={"conversation_id": teller.ids[0]})
    teller.messages = []
    teller.say("3", headers={"X-Conversation-Id": f"conv_{uuid.UUID(teller.ids[0]).hex}"})

    assert told(acme) == [THREE]


def test_without_a_history_of_its_own_a_named_conversation_has_the_stored_one(
    client: APIClient, make_bot: MakeBot, fake: Any
) -> None:
    make_bot("echo")
    teller = Teller(client, metadata={"conversation_id": "x"})

    teller.say("One")
    teller.messages = []
    teller.say("Two")

    assert [one["content"] for one in fake.stats()["last_body"]["messages"]] == ["One", "One", "Two"]


def test_another_history_is_another_conversation(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("echo")
    teller = Teller(client)
    teller.say("One")
    teller.say("Two")

    again = Teller(client)
    again.messages = teller.messages[:2]  # somebody goes back and asks something else
    again.say("Other")
    again.say("More")
    changed = Teller(client)
    changed.messages = [teller.messages[0], {"role": "assistant", "content": "Uno"}]
    changed.say("Two")
    teller.say("3")

    assert told(acme) == [
        THREE,
        [("user", "Other"), ("assistant", "Other"), ("user", "More"), ("assistant", "More")],
        [("user", "Two"), ("assistant", "Two")],
    ]


def test_users_and_bots_and_keys_have_conversations_of_their_own(
    client: APIClient, make_bot: MakeBot, acme: Tenant
) -> None:
    make_bot("echo")
    make_bot("echo", name="Other")
    _, secret = factories.make_api_key(acme)
    second = APIClient(headers=factories.bearer(secret))
    first = {"metadata": {"conversation_id": "same"}}
    tellers = [
        Teller(client, user="ann"),
        Teller(client, user="bob"),
        Teller(client),
        Teller(client, model="other"),
        Teller(second),
        *(Teller(client, user="ann", **first), Teller(client, user="bob", **first), Teller(second, **first)),
    ]

    for words in ("One", "Two", "3"):
        for teller in tellers:
            teller.say(words)

    assert told(acme) == [THREE] * len(tellers)
    assert len({id_ for teller in tellers for id_ in teller.ids}) == len(tellers)
    with tenant_scope(acme):
        users = Conversation.objects.order_by("id").values_list("visitor_ref", flat=True)
        assert list(users) == ["ann", "bob", "", "", "", "ann", "bob", ""]


def test_a_conversation_is_not_gone_on_with_by_another(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("echo")
    teller = Teller(client, user="ann")
    teller.say("One")
    _, secret = factories.make_api_key(acme)

    for other in (Teller(client, user="bob"), Teller(APIClient(headers=factories.bearer(secret)))):
        other.say("Two", metadata={"conversation_id": teller.ids[0]})
        assert other.ids != teller.ids

    assert told(acme)[0] == [("user", "One"), ("assistant", "One")]


def test_calls_of_tools_and_their_results_are_turns_of_the_conversation(
    client: APIClient, make_bot: MakeBot, acme: Tenant
) -> None:
    make_bot("two-tools")
    teller = Teller(client, tools=[TOOL])

    called = teller.say("Weather?")
    called["content"] = None  # some clients keep no words beside calls
    for call in called["tool_calls"]:
        teller.messages.append({"role": "tool", "tool_call_id": call["id"], "content": f"result of {call['id']}"})
    teller.send()
    teller.say("And tomorrow?")

    (kept,) = told(acme)
    assert [role for role, _ in kept] == ["user", "assistant"] * 3
    assert [words for role, words in kept if role == "user"] == ["Weather?", "", "And tomorrow?"]
    with tenant_scope(acme):
        results = Message.objects.get(seq=3).parts
        calls = Message.objects.get(seq=2).parts
    assert [one["text"] for one in results] == ["result of call_0", "result of call_1"]
    assert [one["type"] for one in calls] == ["text", "tool_call", "tool_call"]


def test_the_inbox_finds_and_shows_them(client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("echo")
    teller = Teller(client, user="ann@shop")
    teller.say("One")
    teller.say("Two")
    Teller(client, user="bob").say("One")
    _, secret = factories.make_api_key(acme)
    reader = APIClient(headers=factories.bearer(secret))

    found = reader.get("/v1/tenant/conversations?visitor=ann@shop").json()["results"]

    assert [(one["visitor_ref"], one["message_count"], one["channel"]) for one in found] == [("ann@shop", 4, "openai")]
