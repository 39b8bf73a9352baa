"""Tests of /v1/auth."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.models import Membership, Tenant
from tenants.services import attempts
from tenants.tests import factories
from tenants.tests.factories import PASSWORD, bearer


def _sign_in(client: Client, **fields: Any) -> Any:
    body = {"email": "owner@acme.example", "password": PASSWORD, **fields}
    return client.post("/v1/auth/token", body, content_type="application/json")


def test_signing_in_answers_with_a_pair_for_the_tenant(client: Client, owner: Membership) -> None:
    response = _sign_in(client)
    assert response.status_code == 200
    body = response.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 600
    assert body["tenant"] == {"id": str(owner.tenant_id), "slug": "acme", "name": "Acme"}
    assert body["role"] == "owner"
    assert response.headers["Cache-Control"] == "no-store"
    me = client.get("/v1/auth/me", headers=bearer(body["access"])).json()
    assert me["type"] == "user"
    assert me["label"] == "owner@acme.example"


@pytest.mark.parametrize(
    "fields",
    [{"password": "wrong"}, {"email": "nobody@acme.example"}, {"tenant": "globex"}, {"tenant": "no-such"}],
    ids=["wrong password", "unknown person", "tenant of others", "unknown tenant"],
)
def test_what_is_wrong_is_never_said(client: Client, owner: Membership, globex: Tenant, fields: dict[str, str]) -> None:
    response = _sign_in(client, **fields)
    assert response.status_code == 401
    assert response.json()["code"] == "authentication_failed"


def test_a_member_of_several_tenants_is_asked_which(client: Client, owner: Membership, globex: Tenant) -> None:
    factories.make_member(globex, owner.user.email)
    assert _sign_in(client).json()["code"] == "tenant_required"
    assert _sign_in(client, tenant="globex").json()["tenant"]["slug"] == "globex"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"password": "x"}, "/email"),
        ({"email": "no address", "password": "x"}, "/email"),
        ({"email": "a@b.example"}, "/password"),
        ({"email": "a@b.example", "password": "x" * 2000}, "/password"),
        ({"email": "a\x00@b.example", "password": "x"}, "/email"),
    ],
)
def test_a_malformed_sign_in_is_explained(client: Client, db: None, body: dict[str, str], pointer: str) -> None:
    response = client.post("/v1/auth/token", body, content_type="application/json")
    assert response.status_code == 400
    assert {error["pointer"] for error in response.json()["errors"]} == {pointer}


def test_too_many_failures_are_slowed_down_and_say_for_how_long(client: Client, owner: Membership) -> None:
    for _ in range(attempts.PER_PERSON_AND_PLACE):
        assert _sign_in(client, password="wrong").status_code == 401
    response = _sign_in(client)
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert response.json()["code"] == "too_many_attempts"


def test_a_refresh_token_gives_the_next_pair(client: Client, owner: Membership) -> None:
    refresh = _sign_in(client).json()["refresh"]
    response = client.post("/v1/auth/token/refresh", {"refresh": refresh}, content_type="application/json")
    assert response.status_code == 200
    assert response.json()["refresh"] != refresh


@pytest.mark.parametrize("refresh", ["", "x", "a.b.c"])
def test_what_is_no_refresh_token_is_refused(client: Client, db: None, refresh: str) -> None:
    response = client.post("/v1/auth/token/refresh", {"refresh": refresh}, content_type="application/json")
    assert response.status_code == (401 if refresh else 400)


def test_a_key_is_told_its_scopes(client: Client, api_key: str) -> None:
    me = client.get("/v1/auth/me", headers=bearer(api_key)).json()
    assert me["type"] == "api_key"
    assert me["role"] is None
    assert me["scopes"] == ["admin", "chat", "read", "write"]
    assert me["tenant"]["slug"] == "acme"


@pytest.mark.parametrize(
    "value",
    ["", "Bearer", "Bearer ", "Basic abc", "Bearer x y", "bearer", "Token abc", "Bearer cms_live_", "Bearer é"],
)
def test_a_malformed_credential_is_refused(client: Client, db: None, value: str) -> None:
    response = client.get("/v1/auth/me", headers={"Authorization": value})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith("Bearer")
    assert response.headers["Content-Type"] == "application/problem+json"


def test_without_a_credential_nobody_is_anybody(client: Client, db: None) -> None:
    response = client.get("/v1/auth/me")
    assert response.status_code == 401
    assert response.json()["code"] == "not_authenticated"


def test_the_scheme_may_be_written_in_any_case(client: Client, api_key: str) -> None:
    assert client.get("/v1/auth/me", headers={"Authorization": f"bEaReR {api_key}"}).status_code == 200


def test_a_portal_session_opens_no_api(client: Client, owner: Membership) -> None:
    client.force_login(owner.user)
    assert client.get("/v1/auth/me").status_code == 401
