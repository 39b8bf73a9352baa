"""What clients are sent piece by piece is what the OpenAPI document says that it is."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient
from rest_framework.test import APIClient

from chat.conversations.api.people import OwnView
from chat.conversations.services.watch import News, WatchedView
from chat.conversations.serving import NewsWriter
from chat.inbox.api.takeover import WatchedByInbox
from chat.inbox.services.takeover import take_over
from chat.models import Conversation, Message
from chat.tests.fixtures import MakeBot
from chat.turns.events import Restarted
from chat.turns.live.position import START
from chat.turns.serving import events
from chatcms.tests.contract import check, check_events
from chatcms.tests.described import schema
from datasets.models import Dataset
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

ASK = "/v1/chat/bots/guide/messages"
COMPLETIONS = "/v1/chat/completions"
Stream = Callable[..., bytes]


@pytest.fixture
def stream(api_key: str) -> Stream:
    """Posts a question and returns the bytes of the stream."""

    async def read(path: str, body: dict[str, Any]) -> bytes:
        response: Any = await AsyncClient().post(
            path, json.dumps(body), content_type="application/json", headers=factories.bearer(api_key)
        )
        assert response["Content-Type"].startswith("text/event-stream"), response.content
        if not response.streaming:
            return bytes(response.content)
        return b"".join([piece async for piece in response.streaming_content])

    return lambda path, **body: async_to_sync(read)(path, body)


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def test_an_answer_with_citations(stream: Stream, make_bot: MakeBot, handbook: Dataset) -> None:
    make_bot("cite", dataset=handbook)

    names = check_events("ChatEvent", stream(ASK, message="When may I return a purchase?", stream=True))

    assert list(dict.fromkeys(names)) == ["conversation", "retrieval", "delta", "citation", "usage", "done"]


def test_an_answer_that_breaks_off(stream: Stream, make_bot: MakeBot) -> None:
    make_bot("cut-3")

    assert check_events("ChatEvent", stream(ASK, message="Why?", stream=True))[-1] == "error"


def test_a_question_that_waits_for_a_person(stream: Stream, client: APIClient, make_bot: MakeBot, acme: Tenant) -> None:
    make_bot("echo")
    talk = client.post(ASK, {"message": "Apples?"}, format="json").json()
    with tenant_scope(acme):
        take_over(by=SYSTEM, conversation=Conversation.objects.get(), name="Ann")

    told = stream(ASK, message="Pears?", stream=True, conversation_id=talk["conversation_id"])

    check("Answer", talk)
    assert check_events("ChatEvent", told) == ["conversation", "person"]


def test_an_answer_that_begins_anew() -> None:
    assert check_events("ChatEvent", events.encoded(Restarted(), START)) == ["reset"]


def test_every_event_of_an_answer_is_described() -> None:
    described = schema()["components"]["schemas"]["ChatEvent"]["discriminator"]["mapping"]

    assert set(described) == {name for name, _ in events._EVENTS.values()} | {"person"}


@pytest.mark.parametrize(("component", "shown"), [("ConversationEvent", OwnView()), ("InboxEvent", WatchedByInbox())])
def test_a_conversation_that_is_watched(
    client: APIClient, make_bot: MakeBot, handbook: Dataset, acme: Tenant, component: str, shown: WatchedView
) -> None:
    make_bot("cite", dataset=handbook)
    client.post(ASK, {"message": "When may I return a purchase?"}, format="json")
    with tenant_scope(acme):
        conversation = take_over(by=SYSTEM, conversation=Conversation.objects.get(), name="Ann")
        handling = shown.handling(conversation)
        messages = shown.messages(list(Message.objects.select_related("conversation", "feedback")))

    told = [News("handling", handling, 0), *(News("message", one, 1) for one in messages)]

    assert check_events(component, b"".join(map(NewsWriter().encode, told))) == ["handling", "message", "message"]


def test_a_completion_whole_and_in_chunks(
    stream: Stream, client: APIClient, make_bot: MakeBot, handbook: Dataset
) -> None:
    make_bot("cite", dataset=handbook)
    asked: dict[str, Any] = {"model": "guide", "messages": [{"role": "user", "content": "May I return a purchase?"}]}

    check("ChatCompletion", client.post(COMPLETIONS, asked, format="json").json())
    check_events("ChatCompletionEvent", stream(COMPLETIONS, **asked, stream=True))
    options = {"include_usage": True}
    check_events("ChatCompletionEvent", stream(COMPLETIONS, **asked, stream=True, stream_options=options))
    check("ModelList", client.get("/v1/models").json())


def test_errors_of_the_openai_route(stream: Stream, client: APIClient, make_bot: MakeBot) -> None:
    make_bot("cut-3")
    asked = {"model": "guide", "messages": [{"role": "user", "content": "Why?"}]}

    check_events("ChatCompletionEvent", stream(COMPLETIONS, **asked, stream=True))
    check("OpenAIError", client.post(COMPLETIONS, {"model": str(uuid.uuid4())}, format="json").json())
    check("OpenAIError", client.get("/v1/models/nobody").json())


def test_what_is_not_described_is_noticed() -> None:
    with pytest.raises(AssertionError, match="more"):
        check("ChatEvent", {"event": "delta", "data": {"text": "a", "more": 1}})
    with pytest.raises(AssertionError):
        check("ChatEvent", {"event": "delta", "data": {}})
