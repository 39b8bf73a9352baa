"""Tests of the providers API."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings
from rest_framework.test import APIClient

from providers import services
from providers.api.serializers import ModelInfoSerializer
from providers.catalog.models import GlobalAIProvider
from providers.catalog.services import save_provider
from providers.config import FACTS
from providers.models import TenantAIProvider
from providers.profiles import ModelProfile
from providers.tests.fake_provider import FakeProvider
from providers.types import ModelInfo
from tenants.context import tenant_scope
from tenants.enums import Role, Scope
from tenants.models import AuditEvent, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

PATH = "/v1/tenant/providers"
KEY = "sk-proj-4f1b2c3d4e5f6g7h"
OWN = {"name": "Mine", "provider_type": "openai", "api_key": KEY}


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeProvider]:
    with FakeProvider.start(tokens=3) as fake:
        yield fake


def pointers(response: Any) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


def test_a_new_tenant_lists_its_builtin_provider(client: APIClient) -> None:
    (provider,) = client.get(PATH).json()["results"]
    assert (provider["name"], provider["provider_type"], provider["is_default"]) == ("Built-in (no key)", "local", True)


def test_a_provider_is_added_and_its_key_is_never_seen_again(client: APIClient) -> None:
    created = client.post(PATH, {**OWN, "config": {"models": ["gpt-4"]}})
    assert created.status_code == 201
    shown = created.json()
    assert (shown["name"], shown["key_last_four"], shown["has_key"]) == ("Mine", "6g7h", True)
    assert shown["config"] == {"models": ["gpt-4"]}
    one = f"{PATH}/{shown['id']}"
    patched = client.patch(one, {"name": "Renamed"})
    for response in (created, patched, client.get(PATH), client.get(one), client.get(f"{one}/models")):
        assert response.status_code in {200, 201}
        assert KEY[:-4] not in response.content.decode()
        assert "encrypted" not in response.content.decode()


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({}, 422, "/name"),
        ({"name": "X"}, 422, "/provider_type"),
        ({**OWN, "provider_type": "psychic"}, 400, "/provider_type"),
        ({**OWN, "name": "n" * 101}, 400, "/name"),
        ({**OWN, "name": "nul\x00"}, 400, "/name"),
        ({**OWN, "config": []}, 400, "/config"),
        ({**OWN, "config": {"api_key": "x"}}, 422, "/config/api_key"),
        ({**OWN, "config": {"timeouts": {"first_word": 601}}}, 422, "/config/timeouts/first_word"),
        ({**OWN, "config": {"timeouts": {"first_word": 9, "total": 8}}}, 422, "/config/timeouts/total"),
        ({**OWN, "api_key": "two words"}, 422, "/api_key"),
        ({**OWN, "config": {"base_url": "http://localhost:11434"}}, 422, "/config/base_url"),
        ({"name": "X", "provider_type": "openai_compatible"}, 422, "/config/base_url"),
        ({**OWN, "global_provider_id": str(uuid.uuid4())}, 422, "/api_key"),
        ({"global_provider_id": str(uuid.uuid4())}, 422, "/global_provider_id"),
        ({"global_provider_id": "junk"}, 400, "/global_provider_id"),
    ],
)
def test_what_cannot_work_is_refused_with_a_pointer(
    client: APIClient, body: dict[str, Any], status: int, pointer: str
) -> None:
    response = client.post(PATH, body)
    assert response.status_code == status
    assert pointer in pointers(response)
    assert response["Content-Type"] == "application/problem+json"


def test_half_of_a_surrogate_pair_is_refused(client: APIClient) -> None:
    body = '{"name": "\\ud800", "provider_type": "openai", "config": {"models": ["\\ud800"]}}'
    response = client.post(PATH, body, content_type="application/json")
    assert (response.status_code, response.json()["code"]) == (400, "malformed_body")
    assert "surrogate" in response.json()["detail"]


def test_null_and_empty_keys_mean_none(client: APIClient) -> None:
    for number, key in enumerate((None, "")):
        response = client.post(PATH, {**OWN, "name": f"P{number}", "api_key": key, "global_provider_id": None})
        assert (response.status_code, response.json()["has_key"]) == (201, False)


def test_a_name_that_is_taken_is_a_conflict(client: APIClient) -> None:
    client.post(PATH, OWN)
    response = client.post(PATH, OWN)
    assert (response.status_code, response.json()["code"]) == (409, "provider_name_taken")


def test_a_provider_is_changed_and_deleted(client: APIClient) -> None:
    path = f"{PATH}/{client.post(PATH, {**OWN, 'is_default': False}).json()['id']}"
    changed = client.patch(path, {"is_active": False, "config": {"models": ["gpt-4"]}})
    assert (changed.status_code, changed.json()["is_active"]) == (200, False)
    assert changed.json()["has_key"]
    assert client.patch(path, {"api_key": None}).json()["has_key"] is False
    assert client.delete(path).status_code == 204
    assert client.get(path).status_code == 404
    assert client.delete(path).json()["code"] == "no_such_provider"


def test_timeouts_are_shown_as_set_and_told_in_the_audit_log(client: APIClient) -> None:
    made = client.post(PATH, {**OWN, "config": {"timeouts": {"first_word": 120, "silence": None}}}).json()
    assert made["config"] == {"timeouts": {"first_word": 120}}
    changed = client.patch(f"{PATH}/{made['id']}", {"config": {"timeouts": {"first_word": 300, "total": 600}}})
    assert changed.json()["config"] == {"timeouts": {"first_word": 300, "total": 600}}
    told = AuditEvent.objects.get(action="provider.update").detail["changes"]
    assert (told["timeouts.first_word"], told["timeouts.total"]) == ([120, 300], [None, 600])
    assert "timeouts.silence" not in told


def test_the_default_is_moved_and_only_then_its_predecessor_deleted(client: APIClient) -> None:
    first = client.post(PATH, OWN).json()
    second = client.post(PATH, {**OWN, "name": "Second"}).json()
    assert (first["is_default"], second["is_default"]) == (True, False)
    refused = client.delete(f"{PATH}/{first['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "provider_is_default")
    assert client.patch(f"{PATH}/{second['id']}", {"is_default": True}).json()["is_default"]
    assert client.delete(f"{PATH}/{first['id']}").status_code == 204


def test_the_connection_is_tested_by_a_real_call_and_the_outcome_shown(
    client: APIClient, fake: FakeProvider, settings: Settings
) -> None:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({fake.host})
    config = {"base_url": fake.url, "models": ["fake", "fail-401"]}
    path = f"{PATH}/{client.post(PATH, {**OWN, 'config': config}).json()['id']}"
    good = client.post(f"{path}/test")
    assert (good.status_code, good.json()["ok"], good.json()["model"]) == (200, True, "fake")
    assert client.get(path).json()["last_check_ok"] is True
    bad = client.post(f"{path}/test", {"model": "fail-401"})
    assert (bad.status_code, bad.json()["ok"], bad.json()["code"]) == (200, False, "provider_auth")
    assert client.get(path).json()["last_check_detail"] == bad.json()["detail"]


def test_models_come_with_all_that_is_known_of_them(client: APIClient) -> None:
    listed = ["gpt-4o-mini", {"id": "ours", "input_price": "0.05", "context_tokens": 9000}]
    created = client.post(PATH, {**OWN, "config": {"models": listed}}).json()
    answer = client.get(f"{PATH}/{created['id']}/models").json()
    assert answer["listed_by"] == "us"
    mini, ours = answer["models"]
    assert (mini["id"], mini["context_tokens"], mini["input_price"]) == ("gpt-4o-mini", 128000, "0.15")
    assert (ours["input_price"], ours["context_tokens"]) == ("0.05", 9000)


def test_the_api_shows_every_fact_that_there_is_of_a_model() -> None:
    shown = {field.source: name for name, field in ModelInfoSerializer().fields.items()}
    abilities = {f"profile.{name}" for name in ModelProfile.__dataclass_fields__}
    assert shown.keys() == set(ModelInfo.__dataclass_fields__) - {"profile"} | abilities
    assert set(shown.values()) == set(FACTS)


def test_what_the_platform_lends_is_listed_and_used(client: APIClient) -> None:
    row = GlobalAIProvider(name="Platform", provider_type="openai", config={"models": ["gpt-4"]}, is_default=True)
    platform = save_provider(by=SYSTEM, provider=row, api_key=KEY)
    (offer,) = [p for p in client.get(f"{PATH}/available").json()["results"] if p["id"] == str(platform.id)]
    assert offer == {
        "id": str(platform.id),
        "name": "Platform",
        "provider_type": "openai",
        "has_key": True,
        "models": ["gpt-4"],
        "is_default": True,
    }
    used = client.post(PATH, {"global_provider_id": offer["id"], "provider_type": "openai"})
    assert used.status_code == 201
    assert (used.json()["global_provider_id"], used.json()["key_last_four"]) == (offer["id"], "")
    assert KEY[:-4] not in used.content.decode()


def test_a_provider_of_another_tenant_does_not_exist_here(client: APIClient, globex: Tenant) -> None:
    with tenant_scope(globex):
        foreign = services.create_provider(by=SYSTEM, name="Theirs", provider_type="openai", api_key=KEY)
    path = f"{PATH}/{foreign.id}"
    answers = [
        client.get(path), client.patch(path, {"name": "Ours"}), client.delete(path),
        client.post(f"{path}/test"), client.get(f"{path}/models"),
    ]  # fmt: skip
    assert [answer.json()["code"] for answer in answers] == ["no_such_provider"] * 5
    with tenant_scope(globex):
        assert TenantAIProvider.objects.get(pk=foreign.id).name == "Theirs"


@pytest.mark.parametrize(
    ("role", "may_write"),
    [(Role.OWNER, True), (Role.ADMIN, True), (Role.EDITOR, False), (Role.VIEWER, False)],
)
def test_every_member_may_look_but_only_admins_may_change(acme: Tenant, role: Role, may_write: bool) -> None:
    token = factories.make_token_pair(factories.make_member(acme, f"{role}@roles.example", role=role)).access
    client = APIClient(headers=factories.bearer(token))
    assert client.get(PATH).status_code == 200
    assert client.get(f"{PATH}/available").status_code == 200
    assert client.post(PATH, OWN).status_code == (201 if may_write else 403)
    path = f"{PATH}/{client.get(PATH).json()['results'][-1]['id']}"
    assert client.post(f"{path}/test").status_code == (200 if may_write else 403)
    assert client.patch(path, {"name": "New"}).status_code == (200 if may_write else 403)


def test_a_key_for_chatting_sees_no_providers(acme: Tenant) -> None:
    _, plain = factories.make_api_key(acme, scopes=[Scope.CHAT])
    assert APIClient(headers=factories.bearer(plain)).get(PATH).status_code == 403
    assert APIClient().get(PATH).status_code == 401


def test_the_list_takes_as_many_queries_for_three_as_for_one(client: APIClient) -> None:
    client.get(PATH)  # the first use of a key is noted
    counts = []
    for number in range(3):
        with CaptureQueriesContext(connection) as queries:
            assert len(client.get(PATH).json()["results"]) == number + 1
        counts.append(len(queries))
        client.post(PATH, {**OWN, "name": f"P{number}"})
    assert counts == [counts[0]] * 3


def test_the_list_is_narrowed_down_and_ordered(client: APIClient) -> None:
    client.post(PATH, OWN)

    def names(query: str) -> list[str]:
        return [row["name"] for row in client.get(f"{PATH}?{query}").json()["results"]]

    assert names("ordering=name") == ["Built-in (no key)", "Mine"]
    assert names("search=mIn") == names("provider_type=openai") == ["Mine"]
    assert names("is_active=false") == []
    for wrong in ("provider_type=x", "ordering=config", "is_active=perhaps"):
        assert client.get(f"{PATH}?{wrong}").status_code == 400


def test_a_change_to_what_was_seen_before_is_refused(client: APIClient) -> None:
    path = f"{PATH}/{client.post(PATH, OWN).json()['id']}"
    seen = client.get(path)["ETag"]

    assert client.patch(path, {"name": "Renamed"}, headers={"If-Match": seen}).status_code == 200
    late = client.patch(path, {"name": "Again"}, headers={"If-Match": seen})

    assert (late.status_code, late.json()["code"]) == (412, "precondition_failed")
    assert client.delete(path, headers={"If-Match": seen}).status_code == 412


def test_the_vendor_is_asked_for_what_only_it_lists(client: APIClient, fake: FakeProvider, settings: Settings) -> None:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({fake.host})
    config = {"base_url": fake.url, "models": ["our-own"]}
    created = client.post(PATH, {"name": "Fake", "provider_type": "openai_compatible", "config": config}).json()
    path = f"{PATH}/{created['id']}/models"

    known, live = client.get(path).json(), client.get(f"{path}?live=true").json()

    assert (known["listed_by"], [model["id"] for model in known["models"]]) == ("us", ["our-own"])
    assert live["listed_by"] == "both"
    assert live["models"][0] == known["models"][0]
    assert len(live["models"]) > 1
