"""Tests of the bots API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bots.models import Bot
from bots.services import create_bot
from datasets.models import Dataset
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.enums import Role, Scope
from tenants.models import Plan, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

PATH = "/v1/tenant/bots"


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def pointers(response: Any) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


def test_a_name_alone_makes_a_bot_and_is_echoed(client: APIClient) -> None:
    response = client.post(PATH, {"name": "x"})
    assert response.status_code == 201
    body = response.json()
    assert body["public_id"].startswith("bot_")
    assert {name: body[name] for name in sorted(set(body) - {"id", "public_id", "created_at", "updated_at"})} == {
        "name": "x",
        "slug": "x",
        "description": "",
        "tenant_ai_provider_id": None,
        "system_prompt": "",
        "model": "gpt-3.5-turbo",
        "temperature": 0.7,
        "max_tokens": None,
        "dataset_ids": [],
        "welcome_message": "",
        "suggested_questions": [],
        "no_evidence": "say_so",
        "no_evidence_message": "",
        "is_active": True,
    }


def test_everything_that_is_sent_is_echoed_and_kept(client: APIClient, in_acme: Tenant) -> None:
    sent = {
        "name": "Help desk",
        "description": "Answers from the manuals.",
        "tenant_ai_provider_id": str(TenantAIProvider.objects.get().id),
        "system_prompt": "Be brief.",
        "model": "gpt-4",
        "temperature": 1.5,
        "max_tokens": 500,
        "dataset_ids": [str(Dataset.objects.create(name="Manuals").id)],
        "welcome_message": "Hello.",
        "suggested_questions": ["How?", "Why?"],
        "no_evidence": "handoff",
        "no_evidence_message": "Call us.",
        "is_active": False,
    }
    created = client.post(PATH, sent)
    assert created.status_code == 201
    kept = client.get(f"{PATH}/{created.json()['id']}").json()
    assert kept == created.json()
    assert {name: kept[name] for name in sent} == sent


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 400, "/name"),
        ({"name": ""}, 400, "/name"),
        ({"name": "n" * 256}, 400, "/name"),
        ({"name": "nul\x00"}, 400, "/name"),
        ({"name": "x", "temperature": 2.1}, 400, "/temperature"),
        ({"name": "x", "temperature": "warm"}, 400, "/temperature"),
        ({"name": "x", "temperature": "nan"}, 400, "/temperature"),
        ({"name": "x", "model": ""}, 400, "/model"),
        ({"name": "x", "max_tokens": 0}, 400, "/max_tokens"),
        ({"name": "x", "no_evidence": "guess"}, 400, "/no_evidence"),
        ({"name": "x", "suggested_questions": ["q"] * 9}, 400, "/suggested_questions"),
        ({"name": "x", "suggested_questions": ["q", "q" * 201]}, 400, "/suggested_questions/1"),
        ({"name": "x", "dataset_ids": ["junk"]}, 400, "/dataset_ids/0"),
        ({"name": "x", "dataset_ids": [str(uuid.uuid4())]}, 422, "/dataset_ids/0"),
        ({"name": "x", "tenant_ai_provider_id": "junk"}, 400, "/tenant_ai_provider_id"),
        ({"name": "x", "tenant_ai_provider_id": str(uuid.uuid4())}, 422, "/tenant_ai_provider_id"),
    ],
)
def test_what_is_not_acceptable_is_refused_with_a_pointer(
    client: APIClient, in_acme: Tenant, body: dict[str, Any], status: int, pointer: str
) -> None:
    response = client.post(PATH, body)
    assert (response.status_code, pointers(response)) == (status, [pointer])
    assert response["Content-Type"] == "application/problem+json"
    assert not Bot.objects.exists()


def test_half_of_a_surrogate_pair_is_refused(client: APIClient) -> None:
    body = '{"name": "x", "system_prompt": "\\ud800", "suggested_questions": ["\\ud800"]}'
    response = client.post(PATH, body, content_type="application/json")
    assert response.status_code == 400
    assert sorted(pointers(response)) == ["/suggested_questions/0", "/system_prompt"]


def test_foreign_ids_in_the_body_do_not_exist(client: APIClient, globex: Tenant) -> None:
    with tenant_scope(globex):
        dataset_id, provider_id = Dataset.objects.create(name="Theirs").id, TenantAIProvider.objects.get().id
    bodies: list[dict[str, Any]] = [{"dataset_ids": [str(dataset_id)]}, {"tenant_ai_provider_id": str(provider_id)}]
    bot = client.post(PATH, {"name": "Ours"}).json()
    for body in bodies:
        assert client.post(PATH, {"name": "x", **body}).status_code == 422
        assert client.patch(f"{PATH}/{bot['id']}", body).status_code == 422
    assert client.get(f"{PATH}/{bot['id']}").json() == bot


def test_a_bot_of_another_tenant_does_not_exist_here(client: APIClient, globex: Tenant) -> None:
    with tenant_scope(globex):
        foreign = create_bot(by=SYSTEM, name="Theirs")
    path = f"{PATH}/{foreign.id}"
    answers = [client.get(path), client.patch(path, {"name": "Ours"}), client.delete(path)]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "no_such_bot")] * 3
    assert client.get(PATH).json()["results"] == []
    with tenant_scope(globex):
        assert Bot.objects.get().name == "Theirs"


def test_only_what_is_sent_changes(client: APIClient) -> None:
    bot = client.post(PATH, {"name": "x", "temperature": 0.2}).json()
    changed = client.patch(f"{PATH}/{bot['id']}", {"name": "y", "slug": "z", "id": str(uuid.uuid4())}).json()
    assert changed == {**bot, "name": "y", "updated_at": changed["updated_at"]}


def test_a_bot_is_deleted(client: APIClient) -> None:
    path = f"{PATH}/{client.post(PATH, {'name': 'x'}).json()['id']}"
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404


def test_a_full_plan_is_said_so(client: APIClient, acme: Tenant) -> None:
    acme.plan = Plan.objects.create(code="none", name="None", max_bots=0)
    acme.save()
    response = client.post(PATH, {"name": "x"})
    assert (response.status_code, response.json()["code"]) == (403, "too_many_bots")


@pytest.mark.parametrize(
    ("role", "may_write"),
    [(Role.OWNER, True), (Role.ADMIN, True), (Role.EDITOR, True), (Role.VIEWER, False)],
)
def test_every_member_may_look_but_viewers_may_not_change(acme: Tenant, role: Role, may_write: bool) -> None:
    token = factories.make_token_pair(factories.make_member(acme, f"{role}@roles.example", role=role)).access
    client = APIClient(headers=factories.bearer(token))
    with tenant_scope(acme):
        path = f"{PATH}/{create_bot(by=SYSTEM, name='x').id}"
    assert client.get(PATH).status_code == client.get(path).status_code == 200
    assert client.post(PATH, {"name": "y"}).status_code == (201 if may_write else 403)
    assert client.patch(path, {"name": "y"}).status_code == (200 if may_write else 403)
    assert client.delete(path).status_code == (204 if may_write else 403)


@pytest.mark.parametrize(("scope", "status"), [(Scope.CHAT, 403), (Scope.READ, 403), (Scope.WRITE, 201)])
def test_a_key_makes_bots_only_with_the_scope_to_write(acme: Tenant, scope: Scope, status: int) -> None:
    _, plain = factories.make_api_key(acme, scopes=[scope])
    assert APIClient(headers=factories.bearer(plain)).post(PATH, {"name": "x"}).status_code == status


def test_the_list_takes_as_many_queries_for_three_as_for_one(client: APIClient, in_acme: Tenant) -> None:
    dataset_ids = [str(Dataset.objects.create(name=name).id) for name in ("A", "B")]
    counts = []
    for number in range(3):
        client.post(PATH, {"name": f"Bot {number}", "dataset_ids": dataset_ids})
        with CaptureQueriesContext(connection) as queries:
            found = client.get(PATH).json()["results"]
        assert [sorted(bot["dataset_ids"]) for bot in found] == [sorted(dataset_ids)] * (number + 1)
        counts.append(len(queries))
    assert counts == [counts[0]] * 3


def test_the_newest_bots_come_first_and_page_by_page(client: APIClient) -> None:
    for number in range(3):
        client.post(PATH, {"name": f"Bot {number}"})
    page = client.get(PATH, {"limit": 2}).json()
    assert [bot["name"] for bot in page["results"]] == ["Bot 2", "Bot 1"]
    assert [bot["name"] for bot in client.get(page["next"]).json()["results"]] == ["Bot 0"]
