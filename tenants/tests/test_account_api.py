"""Tests of what callers learn and change of themselves: /v1/auth/me, memberships, switch and logout."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.enums import Role, Scope, TenantStatus
from tenants.models import AuditEvent, Membership, Tenant, User
from tenants.services import api_keys, members, tokens
from tenants.tests import factories
from tenants.tests.factories import PASSWORD, bearer
from tenants.types import SYSTEM

JSON = "application/json"
ME = "/v1/auth/me"


def _post(client: Client, path: str, body: dict[str, Any], who: str = "") -> Any:
    return client.post(f"/v1/auth/{path}", body, content_type=JSON, headers=bearer(who) if who else {})


@pytest.fixture
def staff_token(db: None) -> str:
    factories.make_user("root@platform.example", is_staff=True, is_superuser=True, name="Root")
    return tokens.issue_to_staff(email="root@platform.example", password=PASSWORD, address="192.0.2.1").access


# --- me ------------------------------------------------------------------------------------------------------


def test_staff_are_told_that_they_are_in_no_tenant(client: Client, staff_token: str) -> None:
    answer = client.get(ME, headers=bearer(staff_token))
    assert answer.status_code == 200
    me = answer.json()
    assert (me["type"], me["label"], me["name"]) == ("staff", "root@platform.example", "Root")
    assert (me["tenant"], me["role"], me["scopes"]) == (None, None, [])


def test_a_limited_key_is_told_its_limits(client: Client, acme: Tenant) -> None:
    _, plain = api_keys.create_api_key(by=SYSTEM, tenant=acme, name="Shut", scopes=[Scope.CHAT], bot_ids=[])
    me = client.get(ME, headers=bearer(plain)).json()
    assert (me["bot_ids"], me["dataset_ids"]) == ([], [])


def test_people_change_their_name_and_nothing_else(client: Client, owner: Membership, access_token: str) -> None:
    changed = client.patch(ME, {"name": "Ada"}, content_type=JSON, headers=bearer(access_token))
    assert changed.json()["name"] == "Ada"
    assert client.get(ME, headers=bearer(access_token)).json()["name"] == "Ada"
    body = {"email": "other@acme.example", "is_staff": True, "role": "owner", "is_superuser": True}
    client.patch(ME, body, content_type=JSON, headers=bearer(access_token))
    owner.user.refresh_from_db()
    assert (owner.user.email, owner.user.is_staff, owner.user.is_superuser) == ("owner@acme.example", False, False)
    line = AuditEvent.objects.get(action="user.change")
    assert (line.actor_id, line.target_id) == (owner.user_id, str(owner.user_id))
    assert line.detail == {"changed": ["name"], "changes": {"name": ["", "Ada"]}}


def test_the_same_name_again_is_no_news(client: Client, access_token: str) -> None:
    for _ in range(2):
        client.patch(ME, {"name": "Ada"}, content_type=JSON, headers=bearer(access_token))
    assert AuditEvent.objects.filter(action="user.change").count() == 1


def test_a_name_is_changed_as_it_was_seen_or_not_at_all(client: Client, access_token: str) -> None:
    seen = client.get(ME, headers=bearer(access_token)).headers["ETag"]
    headers = {**bearer(access_token), "If-Match": seen}
    assert client.patch(ME, {"name": "Ada"}, content_type=JSON, headers=headers).status_code == 200
    assert client.patch(ME, {"name": "Eve"}, content_type=JSON, headers=headers).status_code == 412


def test_staff_have_a_name_too(client: Client, staff_token: str) -> None:
    changed = client.patch(ME, {"name": "Rita"}, content_type=JSON, headers=bearer(staff_token))
    assert changed.json()["name"] == "Rita"
    assert AuditEvent.objects.get(action="user.change").actor_type == "staff"


def test_a_key_has_no_account(client: Client, api_key: str) -> None:
    assert client.patch(ME, {"name": "Ada"}, content_type=JSON, headers=bearer(api_key)).status_code == 403
    assert client.get("/v1/auth/memberships", headers=bearer(api_key)).status_code == 403
    assert _post(client, "switch", {"tenant": "acme"}, api_key).status_code == 403


# --- tenants of one's own ------------------------------------------------------------------------------------


def test_people_see_the_tenants_that_they_may_enter_and_no_other(
    client: Client, owner: Membership, access_token: str, globex: Tenant
) -> None:
    factories.make_member(globex, "somebody@globex.example")
    listed = client.get("/v1/auth/memberships", headers=bearer(access_token)).json()["results"]
    assert [(one["tenant"]["slug"], one["role"]) for one in listed] == [("acme", "owner")]
    factories.make_member(globex, owner.user.email, role=Role.VIEWER)
    listed = client.get("/v1/auth/memberships", headers=bearer(access_token)).json()["results"]
    assert [(one["tenant"]["slug"], one["role"]) for one in listed] == [("globex", "viewer"), ("acme", "owner")]
    Tenant.objects.filter(pk=globex.pk).update(status=TenantStatus.SUSPENDED)
    listed = client.get("/v1/auth/memberships", headers=bearer(access_token)).json()["results"]
    assert [one["tenant"]["slug"] for one in listed] == ["acme"]


@pytest.mark.parametrize("number", [1, 2])
def test_the_list_takes_as_many_queries_for_two_tenants_as_for_one(
    client: Client, owner: Membership, globex: Tenant, access_token: str, number: int, django_assert_num_queries: Any
) -> None:
    if number == 2:
        factories.make_member(globex, owner.user.email)
    with django_assert_num_queries(3):
        client.get("/v1/auth/memberships", headers=bearer(access_token))


def test_people_go_to_another_tenant_of_theirs_and_stay_in_the_first(
    client: Client, owner: Membership, globex: Tenant, access_token: str
) -> None:
    factories.make_member(globex, owner.user.email, role=Role.EDITOR)
    switched = _post(client, "switch", {"tenant": "globex"}, access_token)
    assert switched.status_code == 200
    assert switched.headers["Cache-Control"] == "no-store"
    assert (switched.json()["tenant"]["slug"], switched.json()["role"]) == ("globex", "editor")
    there = client.get(ME, headers=bearer(switched.json()["access"])).json()
    assert (there["tenant"]["slug"], there["role"]) == ("globex", "editor")
    assert client.get(ME, headers=bearer(access_token)).json()["tenant"]["slug"] == "acme"
    line = AuditEvent.objects.filter(action="user.sign_in", tenant_id=globex.pk).get()
    assert line.actor_id == owner.user_id


@pytest.mark.parametrize("tenant", ["globex", "no-such"])
def test_a_tenant_of_others_is_unknown(client: Client, access_token: str, globex: Tenant, tenant: str) -> None:
    answer = _post(client, "switch", {"tenant": tenant}, access_token)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_tenant")


def test_a_removed_member_cannot_come_back_by_switching(
    client: Client, owner: Membership, globex: Tenant, access_token: str
) -> None:
    other = factories.make_member(globex, owner.user.email)
    members.remove_member(by=SYSTEM, membership=other)
    assert _post(client, "switch", {"tenant": "globex"}, access_token).status_code == 404


def test_staff_who_are_members_go_to_their_tenant_as_members(client: Client, acme: Tenant, staff_token: str) -> None:
    assert _post(client, "switch", {"tenant": "acme"}, staff_token).status_code == 404
    factories.make_member(acme, "root@platform.example", role=Role.VIEWER)
    access = _post(client, "switch", {"tenant": "acme"}, staff_token).json()["access"]
    assert client.get(ME, headers=bearer(access)).json()["type"] == "user"
    assert client.get("/v1/admin/tenants", headers=bearer(access)).status_code == 403


# --- signing out ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("which", ["access", "refresh"])
def test_signing_out_ends_the_sign_in_with_all_its_tokens(client: Client, owner: Membership, which: str) -> None:
    first = factories.make_token_pair(owner)
    second = tokens.rotate(first.refresh)
    other = factories.make_token_pair(owner)
    assert _post(client, "logout", {"token": getattr(second, which)}).status_code == 204
    for access in (first.access, second.access):
        assert client.get(ME, headers=bearer(access)).status_code == 401
    assert _post(client, "token/refresh", {"refresh": second.refresh}).status_code == 401
    assert client.get(ME, headers=bearer(other.access)).status_code == 200


def test_signing_out_twice_changes_nothing(client: Client, owner: Membership) -> None:
    refresh = factories.make_token_pair(owner).refresh
    for _ in range(2):
        assert _post(client, "logout", {"token": refresh}).status_code == 204
    assert AuditEvent.objects.filter(action="user.sign_out", tenant_id=owner.tenant_id).count() == 1


def test_staff_sign_out_the_same_way(client: Client, staff_token: str) -> None:
    assert _post(client, "logout", {"token": staff_token}).status_code == 204
    assert client.get("/v1/admin/tenants", headers=bearer(staff_token)).status_code == 401


@pytest.mark.parametrize("token", ["x", "a.b.c"])
def test_what_is_no_token_signs_nobody_out(client: Client, db: None, token: str) -> None:
    assert _post(client, "logout", {"token": token}).status_code == 401


def test_an_api_key_is_no_sign_in(client: Client, api_key: str) -> None:
    assert _post(client, "logout", {"token": api_key}).status_code == 401
    assert client.get(ME, headers=bearer(api_key)).status_code == 200


def test_a_sign_in_is_on_record_and_shown_as_the_last_one(client: Client, owner: Membership) -> None:
    body = {"email": owner.user.email, "password": PASSWORD}
    assert _post(client, "token", body).status_code == 200
    line = AuditEvent.objects.get(action="user.sign_in")
    assert (line.actor_type, line.actor_id, line.tenant_id) == ("user", owner.user_id, owner.tenant_id)
    assert User.objects.get(pk=owner.user_id).last_login is not None
