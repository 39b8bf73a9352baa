"""Tests that no credential of one tenant reaches anything of another, on any route."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from chatcms.core.api.routes import Route, api_routes
from chatcms.tests.world import things_of
from tenants.models import Membership, Tenant
from tenants.services import lifecycle, members
from tenants.tests import factories
from tenants.tests.factories import bearer
from tenants.types import SYSTEM

# The platform's own routes know no tenant of the caller: the matrix shows that tenants are refused there.
WITH_IDS = [route for route in api_routes() if route.parameters and not route.path.startswith("v1/admin/")]


@pytest.fixture
def theirs(globex: Tenant) -> dict[str, str]:
    """Ids of globex's things."""
    return things_of(globex)


@pytest.fixture
def ours(acme: Tenant) -> dict[str, str]:
    """Ids of acme's things."""
    return things_of(acme)


def _call(client: Client, method: str, url: str, credential: str, body: dict[str, Any] | None = None) -> Any:
    return client.generic(
        method.upper(),
        url,
        data=json.dumps(body or {}),
        content_type="application/json",
        headers=bearer(credential),
    )


@pytest.mark.parametrize("route", [r for r in WITH_IDS if "get" in r.methods], ids=str)
def test_ids_of_ones_own_tenant_are_known(client: Client, api_key: str, ours: dict[str, str], route: Route) -> None:
    """Ids of another tenant (test_foreign_ids.py) are refused for whose they are, not for how they are made."""
    response = _call(client, "get", route.url(ours), api_key)
    # Whoever chats sees only what they talked about themselves; these conversations are the system's.
    own = {"conversation_id", "message_id", "response_id"}
    own_by_actor = str(route).startswith(("v1/chat", "v1/responses")) and own & set(route.parameters)
    assert response.status_code == (404 if own_by_actor else 200), response.content


def test_lists_show_ones_own_things_only(
    client: Client, api_key: str, ours: dict[str, str], theirs: dict[str, str]
) -> None:
    paths = ["tenant/api-keys", "tenant/providers", "tenant/datasets", "tenant/bots", "chat/bots", "models"]
    for path in paths:
        text = client.get(f"/v1/{path}", headers=bearer(api_key)).content.decode()
        assert not any(value in text for value in theirs.values()), path


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Tenant": "globex"},
        {"X-Tenant-ID": "globex"},
        {"X-DTS-SCHEMA": "globex"},
        {"Host": "globex.localhost"},
        {"X-Forwarded-Host": "globex.localhost"},
        {"Cookie": "tenant=globex"},
    ],
    ids=lambda headers: next(iter(headers)),
)
def test_no_header_chooses_the_tenant(
    client: Client, api_key: str, globex: Tenant, settings: Any, headers: dict[str, str]
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    response = client.get("/v1/auth/me", headers={**bearer(api_key), **headers})
    assert response.json()["tenant"]["slug"] == "acme"


def test_no_parameter_chooses_the_tenant(client: Client, api_key: str, globex: Tenant) -> None:
    response = client.get("/v1/auth/me?tenant=globex", headers=bearer(api_key))
    assert (response.status_code, response.json()["code"]) == (422, "unknown_member")


def _credentials(owner: Membership) -> dict[str, str]:
    pair = factories.make_token_pair(owner)
    return {"api key": factories.make_api_key(owner.tenant)[1], "access": pair.access, "refresh": pair.refresh}


def _opens(client: Client, kind: str, credential: str) -> bool:
    """Whether the credential is good for anything at all."""
    if kind == "refresh":
        answer = client.post("/v1/auth/token/refresh", {"refresh": credential}, content_type="application/json")
    else:
        answer = client.get("/v1/tenant/bots", headers=bearer(credential))
    told_why = answer.status_code == 403 and answer.json()["code"] == "tenant_suspended"
    assert told_why or answer.status_code in {200, 401}
    return bool(answer.status_code == 200)


KINDS = ["api key", "access", "refresh"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_credential_is_good_until_something_happens(client: Client, owner: Membership, kind: str) -> None:
    assert _opens(client, kind, _credentials(owner)[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_suspending_the_tenant_ends_every_credential(client: Client, owner: Membership, kind: str) -> None:
    credential = _credentials(owner)[kind]
    lifecycle.suspend_tenant(by=SYSTEM, tenant=owner.tenant)
    assert not _opens(client, kind, credential)


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_deactivating_the_person_ends_their_credentials(client: Client, owner: Membership, kind: str) -> None:
    credential = _credentials(owner)[kind]
    owner.user.is_active = False
    owner.user.save()
    assert not _opens(client, kind, credential)


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_removing_the_member_ends_their_credentials(client: Client, owner: Membership, kind: str) -> None:
    credential = _credentials(owner)[kind]
    members.remove_member(by=SYSTEM, membership=owner)
    assert not _opens(client, kind, credential)


@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_a_person_of_two_tenants_reaches_only_the_one_that_was_signed_in_to(
    client: Client, owner: Membership, globex: Tenant, kind: str
) -> None:
    factories.make_member(globex, owner.user.email)
    credential = _credentials(owner)[kind]
    if kind == "refresh":
        answer = client.post("/v1/auth/token/refresh", {"refresh": credential}, content_type="application/json")
        credential = answer.json()["access"]
    assert client.get("/v1/auth/me", headers=bearer(credential)).json()["tenant"]["slug"] == "acme"


def test_a_session_opens_the_portal_of_ones_own_tenant_only(
    client: Client, owner: Membership, globex_owner: Membership
) -> None:
    client.force_login(owner.user)
    assert client.get("/t/acme/").status_code == 200
    assert client.get("/t/globex/").status_code == 404
    assert client.get("/t/nobody/").status_code == 404


@pytest.mark.parametrize("happening", ["suspended", "removed", "inactive"])
def test_a_session_is_shut_out_at_once(client: Client, owner: Membership, happening: str) -> None:
    client.force_login(owner.user)
    if happening == "suspended":
        lifecycle.suspend_tenant(by=SYSTEM, tenant=owner.tenant)
    elif happening == "removed":
        members.remove_member(by=SYSTEM, membership=owner)
    else:
        owner.user.is_active = False
        owner.user.save()
    shut = {"suspended": {403}, "removed": {404}}.get(happening, {302})
    assert client.get("/t/acme/").status_code in shut


def test_staff_have_no_way_into_a_tenants_portal(client: Client, acme: Tenant) -> None:
    client.force_login(factories.make_user("root@platform.example", is_staff=True, is_superuser=True))
    assert client.get("/t/acme/").status_code == 404
