"""Answers that people wrote: given as they are, without asking a model, on every face."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from bots.models import Bot
from bots.services import create_curated_answer
from chat.models import Message, Usage
from chat.tests.fixtures import MakeBot
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.types import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)

ANSWER = "We are open from nine to five."


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers={"authorization": f"Bearer {api_key}"})


@pytest.fixture
def bot(acme: Tenant, make_bot: MakeBot) -> Bot:
    bot = make_bot()
    with tenant_scope(acme):
        create_curated_answer(by=SYSTEM, bot=bot, answer=ANSWER, questions=["What are your opening hours?"])
    return bot


def _ask(client: APIClient, message: str, **more: Any) -> Any:
    return client.post("/v1/chat/bots/guide/messages", {"message": message} | more, format="json").json()


def test_a_curated_answer_is_given_without_asking_a_model(
    client: APIClient, bot: Bot, acme: Tenant, fake: FakeProvider
) -> None:
    answer = _ask(client, "what are your OPENING hours")

    assert (answer["answer"], answer["answered_by"], answer["finish_reason"]) == (ANSWER, "curated", "stop")
    assert answer["usage"]["cost"] == "0"
    assert fake.stats()["requests"] == 0
    with tenant_scope(acme):
        curated = bot.curated_answers.get()
        saved = Message.objects.get(role="assistant")
        assert (saved.content, saved.curated_answer_id, curated.hit_count) == (ANSWER, curated.pk, 1)
        assert Usage.objects.get().prompt_tokens == 0
    shown = client.get(f"/v1/chat/conversations/{answer['conversation_id']}/messages").json()["results"][1]
    assert (shown["content"], shown["answered_by"]) == (ANSWER, "curated")


def test_another_question_is_the_models(client: APIClient, bot: Bot, fake: FakeProvider) -> None:
    answer = _ask(client, "What does a battery cost?")

    assert answer["answered_by"] == "model"
    assert fake.stats()["requests"] == 1


def test_openais_route_gives_it_too(client: APIClient, bot: Bot, fake: FakeProvider) -> None:
    body = {"model": "guide", "messages": [{"role": "user", "content": "Opening hours?"}]}

    answer = client.post("/v1/chat/completions", body, format="json").json()

    assert answer["choices"][0]["message"]["content"] == ANSWER
    assert fake.stats()["requests"] == 0


def test_one_that_is_switched_off_is_not_given(client: APIClient, bot: Bot, acme: Tenant, fake: FakeProvider) -> None:
    with tenant_scope(acme):
        bot.curated_answers.update(is_active=False)

    assert _ask(client, "What are your opening hours?")["answered_by"] == "model"
    assert fake.stats()["requests"] == 1


def test_it_costs_nothing_of_a_budget(client: APIClient, bot: Bot) -> None:
    client.post("/v1/tenant/budgets", {"period": "day", "amount": "0"}, format="json")

    assert _ask(client, "What are your opening hours?")["answer"] == ANSWER
    assert _ask(client, "What does a battery cost?")["code"] == "budget_exceeded"


@pytest.mark.parametrize("behaviour", ["say_so", "ask_back", "handoff"])
def test_what_a_bot_does_without_evidence_is_told_as_data(
    client: APIClient, make_bot: MakeBot, handbook: Any, behaviour: str
) -> None:
    make_bot(dataset=handbook, no_evidence=behaviour)

    answer = _ask(client, "Zyx qwv?")

    assert (answer["has_evidence"], answer["answered_by"]) == (False, behaviour)
