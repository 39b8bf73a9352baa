"""Tests of the bots API."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from bots.look import Look
from bots.models import Bot
from bots.services import create_bot
from datasets.models import Dataset
from providers.models import TenantAIProvider
from providers.services import create_provider
from tenants.context import tenant_scope
from tenants.enums import Role, Scope
from tenants.models import ApiKey, Plan, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

PATH = "/v1/tenant/bots"


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


def pointers(response: Any) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


def test_a_name_alone_makes_a_bot_on_the_default_provider_and_is_echoed(client: APIClient, in_acme: Tenant) -> None:
    builtin = str(TenantAIProvider.objects.get().id)
    response = client.post(PATH, {"name": "x"})
    assert response.status_code == 201
    body = response.json()
    assert body["public_id"].startswith("bot_")
    assert {name: body[name] for name in sorted(set(body) - {"id", "public_id", "created_at", "updated_at"})} == {
        "name": "x",
        "slug": "x",
        "description": "",
        "provider_id": builtin,
        "system_prompt": "",
        "model": "local",
        "temperature": 0.2,
        "max_tokens": None,
        "passages": 8,
        "dataset_ids": [],
        "fallbacks": [],
        "welcome_message": "",
        "suggested_questions": [],
        "no_evidence": "say_so",
        "no_evidence_message": "",
        "allowed_origins": [],
        "require_identity": False,
        "hosted_page": False,
        "daily_visitor_questions": None,
        "look": {
            "accent": "",
            "theme": "auto",
            "position": "end",
            "launcher_icon": "chat",
            "launcher_text": "",
            "title": "",
            "avatar": "initial",
            "placeholder": "",
            "language": "auto",
            "show_sources": True,
            "talk_to_person": False,
            "legal_note": "",
            "legal_url": "",
            "proactive_text": "",
            "proactive_after": 10,
        },
        "is_active": True,
        "version": 1,
        "has_draft": False,
        "warnings": [],
        "archived_at": None,
    }


def test_everything_that_is_sent_is_echoed_and_kept(client: APIClient, in_acme: Tenant) -> None:
    sent = {
        "name": "Help desk",
        "description": "Answers from the manuals.",
        "system_prompt": "Be brief.",
        "model": "local",
        "temperature": 1.5,
        "max_tokens": 500,
        "dataset_ids": [str(Dataset.objects.create(name="Manuals").id)],
        "fallbacks": [
            {"provider_id": str(TenantAIProvider.objects.get().id), "model": "local"},
        ],
        "welcome_message": "Hello.",
        "suggested_questions": ["How?", "Why?"],
        "no_evidence": "handoff",
        "no_evidence_message": "Call us.",
        "allowed_origins": ["https://shop.example", "https://*.shop.example"],
        "require_identity": True,
        "hosted_page": True,
        "daily_visitor_questions": 100,
        "look": Look(accent="#0f766e", theme="dark", title="Acme", talk_to_person=True, proactive_after=60).stored(),
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
        ({"name": "x", "look": {"accent": "teal"}}, 400, "/look/accent"),
        ({"name": "x", "daily_visitor_questions": 0}, 400, "/daily_visitor_questions"),
        ({"name": "x", "look": {"theme": "sepia"}}, 400, "/look/theme"),
        ({"name": "x", "look": {"legal_url": "http://x.example"}}, 422, "/look/legal_url"),
        ({"name": "x", "temperature": "warm"}, 400, "/temperature"),
        ({"name": "x", "temperature": "nan"}, 400, "/temperature"),
        ({"name": "x", "model": ""}, 400, "/model"),
        ({"name": "x", "model": "gpt-99"}, 422, "/model"),
        ({"name": "x", "fallbacks": [{"model": "gpt-99"}]}, 422, "/fallbacks/0/model"),
        ({"name": "x", "max_tokens": 0}, 400, "/max_tokens"),
        ({"name": "x", "no_evidence": "guess"}, 400, "/no_evidence"),
        ({"name": "x", "suggested_questions": ["q"] * 9}, 400, "/suggested_questions"),
        ({"name": "x", "suggested_questions": ["q", "q" * 201]}, 400, "/suggested_questions/1"),
        ({"name": "x", "dataset_ids": ["junk"]}, 400, "/dataset_ids/0"),
        ({"name": "x", "dataset_ids": [str(uuid.uuid4())]}, 422, "/dataset_ids/0"),
        ({"name": "x", "fallbacks": [{"model": "m"}] * 4}, 400, "/fallbacks"),
        ({"name": "x", "fallbacks": [{"model": "m"}, {"model": ""}]}, 400, "/fallbacks/1/model"),
        ({"name": "x", "fallbacks": [{"provider_id": None}]}, 400, "/fallbacks/0/model"),
        ({"name": "x", "fallbacks": ["gpt-4"]}, 400, "/fallbacks/0"),
        (
            {"name": "x", "fallbacks": [{"model": "local"}, {"model": "m", "provider_id": str(uuid.uuid4())}]},
            422,
            "/fallbacks/1/provider_id",
        ),
        ({"name": "x", "allowed_origins": ["https://a.example"] * 51}, 400, "/allowed_origins"),
        ({"name": "x", "allowed_origins": ["https://a.example", "https://b.example/x"]}, 422, "/allowed_origins/1"),
        ({"name": "x", "allowed_origins": ["null"]}, 422, "/allowed_origins/0"),
        ({"name": "x", "provider_id": "junk"}, 400, "/provider_id"),
        ({"name": "x", "tenant_ai_provider_id": str(uuid.uuid4())}, 422, "/provider_id"),
    ],
)
def test_what_is_not_acceptable_is_refused_with_a_pointer(
    client: APIClient, in_acme: Tenant, body: dict[str, Any], status: int, pointer: str
) -> None:
    response = client.post(PATH, body)
    assert (response.status_code, pointers(response)) == (status, [pointer])
    assert response["Content-Type"] == "application/problem+json"
    assert not Bot.objects.exists()


@pytest.mark.parametrize("name", ["provider_id", "tenant_ai_provider_id"])
def test_the_provider_goes_by_two_names(client: APIClient, in_acme: Tenant, name: str) -> None:
    first, second = (
        str(create_provider(by=SYSTEM, name=kind, provider_type=kind, is_default=False).pk)
        for kind in ("openai", "anthropic")
    )

    bot = client.post(PATH, {"name": "x", name: first}).json()
    one = f"{PATH}/{bot['id']}"
    changed = client.patch(one, {name: second}).json()
    draft = client.patch(f"{one}/draft", {name: first}).json()["settings"]

    for shown, provider_id in ((bot, first), (changed, second), (draft, first)):
        assert shown["provider_id"] == provider_id
        assert "tenant_ai_provider_id" not in shown
    (difference,) = client.get(f"{one}/versions/compare").json()["differences"]
    assert difference["field"] == "provider_id"


def test_two_names_that_differ_are_refused_and_the_same_are_not(client: APIClient, in_acme: Tenant) -> None:
    provider_id = str(TenantAIProvider.objects.get().pk)
    for other in (None, str(uuid.uuid4())):
        for method, path in ((client.post, PATH), (client.patch, f"{PATH}/{make_bot(client)}")):
            response = method(path, {"name": "x", "provider_id": provider_id, "tenant_ai_provider_id": other})
            assert (response.status_code, pointers(response)) == (422, ["/tenant_ai_provider_id"])
    same = {"name": "x", "provider_id": provider_id.upper(), "tenant_ai_provider_id": provider_id}
    assert client.post(PATH, same).status_code == 201


def make_bot(client: APIClient) -> str:
    """The id of a new bot."""
    return str(client.post(PATH, {"name": "x"}).json()["id"])


def test_half_of_a_surrogate_pair_is_refused(client: APIClient) -> None:
    body = '{"name": "x", "system_prompt": "\\ud800", "suggested_questions": ["\\ud800"]}'
    response = client.post(PATH, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "malformed_body")
    assert "surrogate" in response.json()["detail"]


def test_foreign_ids_in_the_body_do_not_exist(client: APIClient, globex: Tenant) -> None:
    with tenant_scope(globex):
        dataset_id, provider_id = Dataset.objects.create(name="Theirs").id, TenantAIProvider.objects.get().id
    bodies: list[dict[str, Any]] = [
        {"dataset_ids": [str(dataset_id)]},
        {"tenant_ai_provider_id": str(provider_id)},
        {"fallbacks": [{"provider_id": str(provider_id), "model": "m"}]},
    ]
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
    answers += [client.post(f"{path}/{verb}", {}) for verb in ("duplicate", "archive", "restore")]
    answers += [client.get(f"{path}/curated-answers"), client.post(f"{path}/curated-answers", {})]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "no_such_bot")] * 8
    assert client.get(PATH).json()["results"] == []
    with tenant_scope(globex):
        assert Bot.objects.get().name == "Theirs"


def test_only_what_is_sent_changes(client: APIClient) -> None:
    bot = client.post(PATH, {"name": "x", "temperature": 0.2}).json()
    refused = client.patch(f"{PATH}/{bot['id']}", {"name": "y", "slug": "z", "id": str(uuid.uuid4())})
    assert (refused.status_code, pointers(refused)) == (422, ["/slug", "/id"])
    changed = client.patch(f"{PATH}/{bot['id']}", {"name": "y"}).json()
    assert changed == {**bot, "name": "y", "version": 2, "updated_at": changed["updated_at"]}


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
    assert client.post(f"{path}/duplicate", {}).status_code == (201 if may_write else 403)
    assert client.post(f"{path}/archive").status_code == (200 if may_write else 403)
    assert client.post(f"{path}/restore").status_code == (200 if may_write else 403)
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


def test_a_change_without_the_model_of_a_fallback_is_refused_too(client: APIClient) -> None:
    bot = client.post(PATH, {"name": "x"}).json()
    response = client.patch(f"{PATH}/{bot['id']}", {"fallbacks": [{"provider_id": None}]})
    assert (response.status_code, pointers(response)) == (422, ["/fallbacks/0/model"])


def test_origins_are_kept_as_browsers_write_them_and_once(client: APIClient) -> None:
    sent = ["HTTPS://Shop.Example:443/", "https://shop.example", "http://localhost:3000"]
    bot = client.post(PATH, {"name": "x", "allowed_origins": sent}).json()
    assert bot["allowed_origins"] == ["https://shop.example", "http://localhost:3000"]


def test_bots_are_found_by_what_they_are(client: APIClient, in_acme: Tenant) -> None:
    dataset = Dataset.objects.create(name="A")
    provider = create_provider(by=SYSTEM, name="Mine", provider_type="openai", is_default=False)
    wanted: dict[str, dict[str, Any]] = {
        "Help desk": {"dataset_ids": [str(dataset.id)]},
        "Sales": {"tenant_ai_provider_id": str(provider.id), "description": "Sells everything"},
        "Night shift": {"fallbacks": [{"provider_id": str(provider.id), "model": "m"}], "is_active": False},
        "Old": {},
    }
    ids = {name: client.post(PATH, {"name": name, **more}).json()["id"] for name, more in wanted.items()}
    client.post(f"{PATH}/{ids['Old']}/archive")

    def names(**query: str) -> list[str]:
        return sorted(bot["name"] for bot in client.get(PATH, query).json()["results"])

    assert names() == ["Help desk", "Night shift", "Sales"]
    assert names(archived="true") == ["Old"]
    assert names(search="help-d") == names(dataset_id=str(dataset.id)) == ["Help desk"]
    assert names(search="EVERYTHING") == ["Sales"]
    assert names(provider_id=str(provider.id)) == ["Night shift", "Sales"]
    assert names(is_active="false") == ["Night shift"]
    assert names(dataset_id=str(uuid.uuid4())) == []
    ordered = client.get(PATH, {"ordering": "-name"}).json()["results"]
    assert [bot["name"] for bot in ordered] == ["Sales", "Night shift", "Help desk"]


@pytest.mark.parametrize(
    "query", [{"archived": "maybe"}, {"provider_id": "1"}, {"ordering": "slug"}, {"search": "\x00"}, {"is_active": ""}]
)
def test_odd_questions_about_bots_are_refused(client: APIClient, query: dict[str, str]) -> None:
    assert client.get(PATH, query).status_code == 400


def test_a_bot_is_changed_only_as_it_was_seen(client: APIClient) -> None:
    created = client.post(PATH, {"name": "x"})
    path, seen = f"{PATH}/{created.json()['id']}", created["ETag"]
    assert client.get(path, headers={"If-None-Match": client.get(path)["ETag"]}).status_code == 304
    changed = client.patch(path, {"name": "y"}, headers={"If-Match": seen})
    assert (changed.status_code, changed.json()["name"]) == (200, "y")
    for refused in (
        client.patch(path, {"name": "z"}, headers={"If-Match": seen}),
        client.delete(path, headers={"If-Match": seen}),
    ):
        assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    assert client.delete(path, headers={"If-Match": changed["ETag"]}).status_code == 204


def test_a_copy_is_made_archived_and_restored(client: APIClient) -> None:
    path = f"{PATH}/{client.post(PATH, {'name': 'x', 'temperature': 0.3}).json()['id']}"
    copy = client.post(f"{path}/duplicate", {"name": "y"})
    assert (copy.status_code, copy.json()["slug"], copy.json()["temperature"]) == (201, "y", 0.3)
    assert copy["ETag"]
    archived = client.post(f"{path}/archive").json()
    assert archived["archived_at"] is not None
    assert client.post(f"{path}/archive").json() == archived
    assert client.get("/v1/chat/bots/x").status_code == 404
    assert client.post(f"{path}/restore").json()["archived_at"] is None
    assert client.get("/v1/chat/bots/x").status_code == 200


def test_a_key_limited_to_some_bots_sees_and_changes_those_only(acme: Tenant) -> None:
    with tenant_scope(acme):
        own, other = (create_bot(by=SYSTEM, name=name) for name in ("Own", "Other"))
    key, plain = factories.make_api_key(acme)
    ApiKey.objects.filter(pk=key.pk).update(bot_ids=[own.id])
    limited = APIClient(headers=factories.bearer(plain))
    assert [bot["name"] for bot in limited.get(PATH).json()["results"]] == ["Own"]
    path = f"{PATH}/{own.id}"
    assert limited.patch(path, {"description": "Mine"}).status_code == 200
    assert limited.post(f"{path}/curated-answers", {"answer": "A", "questions": ["Q"]}).status_code == 201
    for refused in (limited.post(PATH, {"name": "New"}), limited.post(f"{path}/duplicate", {})):
        assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")
    path = f"{PATH}/{other.id}"
    answers = [limited.get(path), limited.patch(path, {"name": "Mine"}), limited.delete(path)]
    answers += [limited.post(f"{path}/{verb}", {}) for verb in ("duplicate", "archive", "restore")]
    assert [answer.status_code for answer in answers] == [404] * 6


def test_a_key_limited_to_some_datasets_lends_a_bot_no_others(acme: Tenant) -> None:
    with tenant_scope(acme):
        own, other, third = (Dataset.objects.create(name=name) for name in ("Own", "Other", "Third"))
        bot = create_bot(by=SYSTEM, name="x", dataset_ids=[other.id])
    path = f"{PATH}/{bot.id}"
    key, plain = factories.make_api_key(acme)
    ApiKey.objects.filter(pk=key.pk).update(dataset_ids=[own.id], bot_ids=[bot.id])
    limited = APIClient(headers=factories.bearer(plain))
    refused = limited.patch(path, {"dataset_ids": [str(own.id), str(third.id)]})
    assert (refused.status_code, pointers(refused)) == (422, ["/dataset_ids/1"])
    kept = limited.patch(path, {"dataset_ids": [str(own.id), str(other.id)]})
    assert sorted(kept.json()["dataset_ids"]) == sorted([str(own.id), str(other.id)])
