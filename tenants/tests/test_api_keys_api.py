"""Tests of /v1/tenant/api-keys."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.enums import Role, Scope
from tenants.models import ApiKey, AuditEvent, Membership, Tenant
from tenants.tests import factories
from tenants.tests.factories import bearer

URL = "/v1/tenant/api-keys"


def _make(client: Client, credential: str, **fields: Any) -> Any:
    body = {"name": "Website", "scopes": ["chat"], **fields}
    return client.post(URL, body, content_type="application/json", headers=bearer(credential))


def test_a_new_key_is_shown_once_and_works(client: Client, access_token: str) -> None:
    response = _make(client, access_token)
    assert response.status_code == 201
    made = response.json()
    assert made["key"].startswith(made["prefix"])
    assert response.headers["Cache-Control"] == "no-store"
    assert client.get("/v1/auth/me", headers=bearer(made["key"])).json()["scopes"] == ["chat"]
    listed = client.get(URL, headers=bearer(access_token)).json()["results"]
    assert [key["id"] for key in listed] == [made["id"]]
    assert "key" not in listed[0]
    assert made["key"] not in str(listed)


def test_making_a_key_is_on_record_without_the_key(client: Client, owner: Membership, access_token: str) -> None:
    made = _make(client, access_token).json()
    line = AuditEvent.objects.get(action="api_key.create")
    assert (line.actor_id, line.target_id) == (owner.user_id, made["id"])
    assert made["key"] not in str(line.__dict__)


def test_a_revoked_key_opens_nothing_and_stays_on_the_list(client: Client, access_token: str) -> None:
    made = _make(client, access_token).json()
    assert client.delete(f"{URL}/{made['id']}", headers=bearer(access_token)).status_code == 204
    assert client.get("/v1/auth/me", headers=bearer(made["key"])).status_code == 401
    (listed,) = client.get(URL, headers=bearer(access_token)).json()["results"]
    assert listed["revoked_at"] is not None


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"name": ""}, 400),
        ({"name": "x" * 101}, 400),
        ({"scopes": []}, 400),
        ({"scopes": ["root"]}, 400),
        ({"scopes": "chat"}, 400),
        ({"expires_at": "yesterday"}, 400),
        ({"expires_at": "2001-01-01T00:00:00Z"}, 422),
    ],
)
def test_an_impossible_key_is_refused(client: Client, access_token: str, fields: dict[str, Any], status: int) -> None:
    assert _make(client, access_token, **fields).status_code == status
    assert not ApiKey.objects.exists()


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_members_who_are_not_admins_neither_see_nor_make_keys(client: Client, acme: Tenant, role: Role) -> None:
    token = factories.make_token_pair(factories.make_member(acme, role=role)).access
    assert client.get(URL, headers=bearer(token)).status_code == 403
    assert _make(client, token).status_code == 403


def test_a_key_without_the_admin_scope_makes_no_keys(client: Client, acme: Tenant) -> None:
    _, plain = factories.make_api_key(acme, scopes=[Scope.READ, Scope.WRITE, Scope.CHAT])
    assert _make(client, plain).status_code == 403


def test_a_key_gives_no_scope_that_it_lacks(client: Client, acme: Tenant) -> None:
    _, plain = factories.make_api_key(acme, scopes=[Scope.ADMIN])
    assert _make(client, plain, scopes=["admin"]).status_code == 201
    assert _make(client, plain, scopes=["chat"]).status_code == 403


def test_keys_of_another_tenant_are_neither_seen_nor_revoked(client: Client, access_token: str, globex: Tenant) -> None:
    key, plain = factories.make_api_key(globex)
    assert client.get(URL, headers=bearer(access_token)).json()["results"] == []
    assert client.delete(f"{URL}/{key.id}", headers=bearer(access_token)).status_code == 404
    assert client.get("/v1/auth/me", headers=bearer(plain)).status_code == 200


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_for_three_keys_as_for_one(
    client: Client, acme: Tenant, access_token: str, number: int, django_assert_num_queries: Any
) -> None:
    for _ in range(number):
        factories.make_api_key(acme)
    with django_assert_num_queries(2):
        client.get(URL, headers=bearer(access_token))
