"""A retrieval test over a bot shows what the bot itself is given, and only what the caller may see."""

from __future__ import annotations

import uuid

import pytest
from rest_framework.test import APIClient

from chat.tests.fixtures import MakeBot
from datasets import retrieval
from datasets.models import Dataset
from datasets.services import create_dataset
from tenants.context import tenant_scope
from tenants.enums import Scope
from tenants.models import ApiKey, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

QUESTION = "When may I return a purchase?"


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def test_it_finds_what_the_bot_is_given(client: APIClient, make_bot: MakeBot, handbook: Dataset, acme: Tenant) -> None:
    bot = make_bot(dataset=handbook)
    with tenant_scope(acme):
        plan = retrieval.plan_search(dataset_ids=[handbook.pk])
        given = retrieval.search(plan, QUESTION, retrieval.embed_query_sync(plan, QUESTION))

    found = client.post(f"/v1/tenant/bots/{bot.pk}/search", {"query": QUESTION}, format="json").json()

    assert [one["chunk_id"] for one in found["passages"]] == [str(one.chunk_id) for one in given.passages]
    assert [one["score"] for one in found["passages"]] == [one.score for one in given.passages]
    assert (found["has_evidence"], found["evidence"]["needed"]) == (given.has_evidence, given.evidence.needed)
    assert set(found["timings"]) == {"plan_ms", "embed_ms", "search_ms"}


@pytest.mark.parametrize(("asked", "shown"), [({}, 3), ({"limit": None}, 3), ({"limit": 5}, 5), ({"limit": 1}, 1)])
def test_as_many_passages_are_shown_as_the_bot_is_given_unless_asked_otherwise(
    client: APIClient, make_bot: MakeBot, library: Dataset, asked: dict[str, int | None], shown: int
) -> None:
    bot = make_bot(dataset=library, passages=3)
    body = {"query": QUESTION, **asked}

    found = client.post(f"/v1/tenant/bots/{bot.pk}/search", body, format="json").json()

    assert len(found["passages"]) == shown


def test_a_bot_without_datasets_finds_nothing(client: APIClient, make_bot: MakeBot) -> None:
    found = client.post(f"/v1/tenant/bots/{make_bot().pk}/search", {"query": QUESTION}, format="json").json()

    assert (found["passages"], found["has_evidence"]) == ([], False)


def test_limited_keys_see_their_bots_and_datasets_only(make_bot: MakeBot, handbook: Dataset, acme: Tenant) -> None:
    bot = make_bot(dataset=handbook)
    key, credential = factories.make_api_key(acme, scopes=[Scope.READ])
    limited = APIClient(headers=factories.bearer(credential))
    path = f"/v1/tenant/bots/{bot.pk}/search"
    with tenant_scope(acme):
        other = create_dataset(by=SYSTEM, name="Other")

    ApiKey.objects.filter(pk=key.pk).update(dataset_ids=[other.pk], bot_ids=[bot.pk])
    assert limited.post(path, {"query": QUESTION}, format="json").json()["passages"] == []

    ApiKey.objects.filter(pk=key.pk).update(dataset_ids=None, bot_ids=[uuid.uuid4()])
    answer = limited.post(path, {"query": QUESTION}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_bot")
