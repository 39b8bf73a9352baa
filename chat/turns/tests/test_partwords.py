"""Calls of tools, refusals, pictures and files are told in words wherever a message is read; thoughts nowhere."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from rest_framework.test import APIClient

from bots.models import Bot
from chat.enums import Channel
from chat.models import Conversation, Feedback, Message
from chat.tests.fixtures import MakeBot
from chat.turns.partwords import plain_words_of, words_for, words_of
from chat.turns.services.handoff import note_missing_knowledge
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.models import Webhook, WebhookEvent
from providers.messages import (
    FilePart,
    ImagePart,
    Part,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    dump_parts,
)
from tenants.context import tenant_scope
from tenants.models import Membership, Tenant

SECRET_THOUGHT = "I had better not say this"
CALL = ToolCallPart("call_0", "lookup", '{"city": "Paris", "days": 3, "where": {"floor": null}}')
# Each kind of part with what is said of it
WORDS: list[tuple[Part, str, str]] = [
    (TextPart("It is **forty-two**."), "It is **forty-two**.", "It is **forty-two**."),
    (
        CALL,
        'Called lookup with city: "Paris", days: 3, where: {"floor":null}',
        'lookup aufgerufen mit city: "Paris", days: 3, where: {"floor":null}',
    ),
    (ToolCallPart("call_1", "ping", "{}"), "Called ping", "ping aufgerufen"),
    (ToolCallPart("call_2", "ping", ""), "Called ping", "ping aufgerufen"),
    (ToolCallPart("call_3", "ping", '{"a": "b'), 'Called ping with {"a": "b', 'ping aufgerufen mit {"a": "b'),
    (ToolCallPart("call_4", "ping", "[1, 2]"), "Called ping with [1, 2]", "ping aufgerufen mit [1, 2]"),
    (ToolResultPart("call_0", "Rain."), "A tool returned: Rain.", "Ein Werkzeug gab zurück: Rain."),
    (ToolResultPart("call_0", "Lost.", is_error=True), "A tool failed: Lost.", "Ein Werkzeug ist gescheitert: Lost."),
    (RefusalPart("I cannot."), "Declined to answer: I cannot.", "Antwort abgelehnt: I cannot."),
    (ImagePart("image/png", b"png"), "[Image]", "[Bild]"),
    (ImagePart(url="https://pics.example/a.png"), "[Image: https://pics.example/a.png]", "[Bild: https://pics.example/a.png]"),
    (FilePart("a.pdf", "application/pdf", b"%PDF"), "[File: a.pdf]", "[Datei: a.pdf]"),
    (ThinkingPart(SECRET_THOUGHT, signature="s"), "", ""),
]  # fmt: skip
ALL = [part for part, _, _ in WORDS]
TOLD = "\n\n".join(words for _, words, _ in WORDS if words)


@pytest.fixture
def bot(make_bot: MakeBot) -> Bot:
    return make_bot()


@pytest.fixture
def talk(acme: Tenant, bot: Bot) -> Conversation:
    """A question with a picture, and an answer of every kind of part."""
    with tenant_scope(acme):
        conversation = Conversation.objects.create(bot=bot, channel=Channel.WIDGET, actor_type="visitor", title="Talk")
        asked = _message(conversation, 1, "user", [ImagePart("image/png", b"png")])
        _message(conversation, 2, "assistant", ALL, content="It is **forty-two**.I cannot.", reply_to=asked)
    return conversation


def _message(conversation: Conversation, seq: int, role: str, parts: list[Part], **more: Any) -> Message:
    return Message.objects.create(conversation=conversation, seq=seq, role=role, parts=dump_parts(parts), **more)


@pytest.mark.parametrize(("part", "english", "german"), WORDS)
def test_every_kind_of_part_is_said_in_the_readers_language(part: Part, english: str, german: str) -> None:
    assert words_for(part) == english
    with translation.override("de"):
        assert words_for(part) == german


@pytest.mark.parametrize("parts", [[], [{"type": "text"}], [{"type": "nonsense"}], {"type": "text"}, ["text"]])
def test_a_message_of_words_only_or_of_broken_parts_is_its_words(parts: Any) -> None:
    assert words_of(Message(content="It is.", parts=parts)) == "It is."
    assert words_of(Message(content="", parts=parts)) == ""


def test_files_and_programs_are_told_in_one_language() -> None:
    with translation.override("de"):
        assert plain_words_of(Message(parts=dump_parts([CALL]))).startswith("Called lookup with")
        assert translation.get_language() == "de"


@pytest.mark.django_db(transaction=True)
class TestReaders:
    @pytest.mark.parametrize("language", ["en", "de", "ar"])
    def test_the_transcript_tells_all_in_the_readers_language(
        self, client: Client, owner: Membership, talk: Conversation, language: str
    ) -> None:
        client.force_login(owner.user)
        page = client.get(f"/t/acme/conversations/{talk.pk}/", headers={"accept-language": language}).content.decode()

        with translation.override(language):
            for part in ALL:
                words = words_for(part)
                escaped = words.replace('"', "&quot;") if words else ""
                assert escaped in page or isinstance(part, TextPart)
        assert "It is <strong>forty-two</strong>." in page
        assert SECRET_THOUGHT not in page
        assert "tool_call" not in page

    def test_a_rated_answer_without_words_is_told_in_the_list(
        self, client: Client, owner: Membership, talk: Conversation, acme: Tenant
    ) -> None:
        with tenant_scope(acme):
            asked = talk.messages.get(seq=1)
            silent = _message(talk, 3, "assistant", [CALL], reply_to=asked)
            Feedback.objects.create(message=silent, rating=1, actor_type="visitor")
        client.force_login(owner.user)

        page = client.get("/t/acme/conversations/feedback/").content.decode()

        assert "Called lookup with city: &quot;Paris&quot;" in page
        assert "[Image]" in page

    @pytest.mark.parametrize("file_format", ["jsonl", "csv", "txt"])
    def test_exports_lose_nothing_but_thoughts(self, api_key: str, talk: Conversation, file_format: str) -> None:
        reader = APIClient(headers={"authorization": f"Bearer {api_key}", "accept-language": "de"})
        answer = reader.get(f"/v1/tenant/conversations/export?file_format={file_format}")
        text = b"".join(answer).decode("utf-8-sig")

        assert SECRET_THOUGHT not in text
        if file_format == "jsonl":
            messages = json.loads(text)["messages"]
            assert messages[1]["parts"] == dump_parts(ALL[:-1])
            assert messages[0]["parts"] == dump_parts([ImagePart("image/png", b"png")])
        elif file_format == "csv":
            rows = list(csv.DictReader(io.StringIO(text)))
            assert [row["parts"] for row in rows] == ["[Image]", TOLD]
        else:
            assert all(line.strip() in text for line in TOLD.splitlines())
            assert "[Image]" in text

    def test_the_api_loses_nothing_but_thoughts(self, api_key: str, talk: Conversation) -> None:
        reader = APIClient(headers={"authorization": f"Bearer {api_key}"})
        found = reader.get(f"/v1/tenant/messages?conversation_id={talk.pk}").json()["results"]

        assert {message["seq"]: message["parts"] for message in found} == {
            1: dump_parts([ImagePart("image/png", b"png")]),
            2: dump_parts(ALL[:-1]),
        }
        assert SECRET_THOUGHT not in str(found)

    def test_a_webhook_is_told_what_was_asked(self, acme: Tenant, talk: Conversation) -> None:
        with tenant_scope(acme):
            Webhook.objects.create(
                url="https://hooks.example/x", events=[EventType.PERSON_REQUESTED], secret="", secret_last_four="abcd"
            )
            note_missing_knowledge(talk.pk)
            event = WebhookEvent.objects.get(type=EventType.PERSON_REQUESTED)
        assert event.payload["question"] == "[Image]"
