"""The playground: a bot tried as it is published, as its draft, and with settings that nobody has saved."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client

from bots import history
from bots.models import Bot
from bots.services import edit_draft
from chat.models import Conversation, Message
from chat.tests.fixtures import MakeBot
from chat.turns.services.restart import may_go_on
from datasets.models import Dataset
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)
Events = dict[str, Any]
QUESTION = "How long may I return it?"


def member(acme: Tenant, role: Role = Role.EDITOR) -> AsyncClient:
    user = factories.make_member(acme, f"{role}@acme.example", role=role).user
    cookies = Client()
    cookies.force_login(user)
    client = AsyncClient()
    client.cookies = cookies.cookies
    return client


async def _ask(client: AsyncClient, url: str, body: Any, headers: Any) -> tuple[Any, Events]:
    response: Any = await client.post(url, json.dumps(body), content_type="application/json", headers=headers)
    if response.status_code != 200:
        return response, {}
    text = b"".join([piece async for piece in response.streaming_content]).decode()
    found: Events = {}
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "event" in lines:
            found[lines["event"]] = json.loads(lines["data"])
    return response, found


def ask(client: AsyncClient, bot: Bot, **body: Any) -> tuple[Any, Events]:
    """The response, and the last data of each kind of event."""
    url = f"/t/acme/bots/{bot.pk}/playground/"
    return async_to_sync(_ask)(client, url, {"message": QUESTION, **body}, {"Accept": "text/event-stream"})


def prompt(told: Events) -> str:
    return str(told["retrieval"]["messages"][0]["content"])


def form_of(acme: Tenant, bot: Bot, **changes: Any) -> str:
    with tenant_scope(acme):
        settings = history.draft_of(bot).settings
    same = ("name", "system_prompt", "no_evidence", "model", "temperature", "passages")
    values = {name: settings[name] for name in same} | {"provider": settings["tenant_ai_provider_id"]}
    return urlencode({**values, "datasets": settings["dataset_ids"], **changes}, doseq=True)


@pytest.fixture
def bot(acme: Tenant, make_bot: MakeBot, handbook: Dataset) -> Bot:
    bot = make_bot("echo", dataset=handbook, system_prompt="As published.")
    with tenant_scope(acme):
        return edit_draft(by=SYSTEM, bot=bot, system_prompt="As drafted.")


@pytest.mark.parametrize(
    ("body", "said"),
    [({}, "As drafted."), ({"state": "draft"}, "As drafted."), ({"state": "published"}, "As published.")],
)
def test_a_bot_is_tried_as_it_is_and_as_its_draft(acme: Tenant, bot: Bot, body: Any, said: str) -> None:
    _, told = ask(member(acme, Role.VIEWER), bot, **body)
    assert prompt(told).startswith(said)
    assert told["done"]["has_evidence"] is True
    passage = told["retrieval"]["passages"][0]
    assert passage["score"] > 0 and "thirty days" in passage["quote"]


def test_settings_are_tried_that_nobody_saved(acme: Tenant, bot: Bot) -> None:
    _, told = ask(member(acme), bot, settings=form_of(acme, bot, system_prompt="As typed."))
    assert prompt(told).startswith("As typed.")
    with tenant_scope(acme):
        assert history.draft_of(bot).settings["system_prompt"] == "As drafted."
        conversation = Conversation.objects.get()
        assert (conversation.channel, conversation.bot_id) == ("portal", bot.pk)
        answer = Message.objects.select_related("conversation").get(role="assistant")
        # Another process would make it of what is published.
        answer.status = "streaming"
        assert not may_go_on(answer)


def test_a_number_of_passages_is_tried(acme: Tenant, make_bot: MakeBot, library: Dataset) -> None:
    bot = make_bot("echo", dataset=library, passages=5)
    editor = member(acme)
    for typed, given in (({}, 5), ({"settings": form_of(acme, bot, passages=2)}, 2)):
        _, told = ask(editor, bot, **typed)
        assert len(told["retrieval"]["passages"]) == given


def test_wrong_settings_are_named_and_nothing_is_asked(acme: Tenant, bot: Bot) -> None:
    refused, _ = ask(member(acme), bot, settings=form_of(acme, bot, temperature="9"))
    assert refused.status_code == 422
    assert "Temperature" in refused.json()["detail"]
    with tenant_scope(acme):
        assert not Conversation.objects.exists()


def test_who_may_not_change_a_bot_tries_no_settings_of_their_own(acme: Tenant, bot: Bot) -> None:
    refused, _ = ask(member(acme, Role.VIEWER), bot, settings=form_of(acme, bot, system_prompt="Mine."))
    assert refused.status_code == 403


def test_the_prompt_is_told_in_the_playground_only(acme: Tenant, bot: Bot, api_key: str) -> None:
    url = f"/v1/chat/bots/{bot.slug}/messages"
    headers = factories.bearer(api_key)
    _, told = async_to_sync(_ask)(AsyncClient(), url, {"message": QUESTION, "stream": True}, headers)
    assert "messages" not in told["retrieval"]
    assert all("quote" not in passage for passage in told["retrieval"]["passages"])
