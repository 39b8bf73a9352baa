"""Tests of /v1/tenant/members."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tenants.enums import Role, Scope
from tenants.exceptions import LastOwnerError, NoSuchMemberError
from tenants.models import AuditEvent, Membership, Plan, Tenant, User
from tenants.services import members
from tenants.tests import factories
from tenants.tests.factories import bearer
from tenants.types import SYSTEM

URL = "/v1/tenant/members"
JSON = "application/json"


@pytest.fixture
def grace(acme: Tenant) -> Membership:
    return factories.make_member(acme, "grace@acme.example", role=Role.VIEWER)


def _send(client: Client, method: str, member: Membership, who: str, body: Any = None, **headers: str) -> Any:
    send = getattr(client, method)
    return send(f"{URL}/{member.pk}", body or {}, content_type=JSON, headers={**bearer(who), **headers})


def _as(tenant: Tenant, role: Role) -> str:
    return factories.make_token_pair(factories.make_member(tenant, f"a-{role}@acme.example", role=role)).access


def _lines(membership: Membership) -> list[str]:
    lines = AuditEvent.objects.filter(target_id=str(membership.user_id), action__startswith="member.").order_by("id")
    return [line.action for line in lines]


# --- looking -------------------------------------------------------------------------------------------------


def test_every_member_sees_who_else_is_there(client: Client, acme: Tenant, grace: Membership) -> None:
    viewer = factories.make_token_pair(grace).access
    (listed,) = client.get(URL, headers=bearer(viewer)).json()["results"]
    assert listed["id"] == str(grace.pk)
    assert (listed["user_id"], listed["email"], listed["role"]) == (
        str(grace.user_id),
        "grace@acme.example",
        "viewer",
    )
    assert set(listed) == {"id", "user_id", "email", "name", "role", "is_active", "created_at", "updated_at"}


def test_the_list_is_narrowed_down_and_ordered(client: Client, grace: Membership, access_token: str) -> None:
    User.objects.filter(pk=grace.user_id).update(name="Grace Hopper")
    members.change_member(by=SYSTEM, membership=grace, is_active=False)

    def emails(query: str) -> list[str]:
        listed = client.get(f"{URL}?{query}", headers=bearer(access_token)).json()["results"]
        return [one["email"] for one in listed]

    assert emails("role=owner") == ["owner@acme.example"]
    assert emails("is_active=false") == ["grace@acme.example"]
    assert emails("search=HOPPER") == ["grace@acme.example"]
    assert emails("ordering=email") == ["grace@acme.example", "owner@acme.example"]
    assert emails("ordering=-email&limit=1") == ["owner@acme.example"]
    assert client.get(f"{URL}?role=king", headers=bearer(access_token)).status_code == 400
    assert client.get(f"{URL}?ordering=password", headers=bearer(access_token)).status_code == 400


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_for_three_members_as_for_one(
    client: Client, acme: Tenant, access_token: str, number: int, django_assert_num_queries: Any
) -> None:
    for index in range(number - 1):
        factories.make_member(acme, f"m{index}@acme.example", role=Role.VIEWER)
    with django_assert_num_queries(2):
        client.get(URL, headers=bearer(access_token))


def test_members_of_another_tenant_are_unknown(client: Client, globex_owner: Membership, access_token: str) -> None:
    for method in ("get", "patch", "delete"):
        answer = _send(client, method, globex_owner, access_token)
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_member")
    assert str(globex_owner.pk) not in client.get(URL, headers=bearer(access_token)).content.decode()


# --- changing ------------------------------------------------------------------------------------------------


def test_a_role_counts_from_the_next_request_on(client: Client, grace: Membership, access_token: str) -> None:
    hers = factories.make_token_pair(grace).access
    changed = _send(client, "patch", grace, access_token, {"role": "editor"})
    assert (changed.status_code, changed.json()["role"]) == (200, "editor")
    assert client.get("/v1/auth/me", headers=bearer(hers)).json()["role"] == "editor"
    assert _lines(grace) == ["member.change_role"]


def test_a_deactivated_member_is_shut_out_stays_on_the_list_and_comes_back(
    client: Client, grace: Membership, access_token: str
) -> None:
    hers = factories.make_token_pair(grace).access
    assert _send(client, "patch", grace, access_token, {"is_active": False}).json()["is_active"] is False
    assert client.get("/v1/auth/me", headers=bearer(hers)).status_code == 401
    assert _send(client, "get", grace, access_token).json()["is_active"] is False
    assert _send(client, "patch", grace, access_token, {"is_active": True}).json()["is_active"] is True
    assert client.get("/v1/auth/me", headers=bearer(hers)).status_code == 401
    assert factories.make_token_pair(grace)
    assert _lines(grace) == ["member.deactivate", "member.reactivate"]


def test_another_role_does_not_let_a_deactivated_member_in(
    client: Client, grace: Membership, access_token: str
) -> None:
    _send(client, "patch", grace, access_token, {"is_active": False})
    assert _send(client, "patch", grace, access_token, {"role": "admin"}).json()["is_active"] is False


def test_a_removed_member_is_gone_and_shut_out(client: Client, grace: Membership, access_token: str) -> None:
    hers = factories.make_token_pair(grace).access
    assert _send(client, "delete", grace, access_token).status_code == 204
    assert _send(client, "get", grace, access_token).status_code == 404
    assert client.get("/v1/auth/me", headers=bearer(hers)).status_code == 401
    assert User.objects.filter(pk=grace.user_id).exists()
    assert _lines(grace) == ["member.remove"]


def test_what_changes_nothing_is_no_news(client: Client, grace: Membership, access_token: str) -> None:
    assert _send(client, "patch", grace, access_token, {"role": "viewer", "is_active": True}).status_code == 200
    assert _send(client, "patch", grace, access_token, {}).status_code == 200
    assert _lines(grace) == []


@pytest.mark.parametrize(
    ("own", "theirs", "body", "code"),
    [
        (Role.ADMIN, Role.OWNER, {"role": "viewer"}, "role_not_yours_to_give"),
        (Role.ADMIN, Role.OWNER, {"is_active": False}, "role_not_yours_to_give"),
        (Role.ADMIN, Role.EDITOR, {"role": "owner"}, "role_not_yours_to_give"),
        (Role.ADMIN, Role.EDITOR, {"role": "admin"}, ""),
        (Role.OWNER, Role.EDITOR, {"role": "owner"}, ""),
        (Role.EDITOR, Role.VIEWER, {"role": "viewer"}, "permission_denied"),
    ],
)
def test_nobody_gives_or_takes_what_is_above_them(
    client: Client, acme: Tenant, own: Role, theirs: Role, body: dict[str, Any], code: str
) -> None:
    factories.make_member(acme, "another-owner@acme.example", role=Role.OWNER)
    member = factories.make_member(acme, "them@acme.example", role=theirs)
    answer = _send(client, "patch", member, _as(acme, own), body)
    assert (answer.status_code, answer.json().get("code", "")) == (403 if code else 200, code)


def test_a_key_counts_as_an_admin_if_it_may_do_what_any_member_may(client: Client, acme: Tenant) -> None:
    member = factories.make_member(acme, "them@acme.example", role=Role.VIEWER)
    _, weak = factories.make_api_key(acme, scopes=[Scope.ADMIN])
    _, strong = factories.make_api_key(acme)
    assert _send(client, "patch", member, weak, {"role": "editor"}).status_code == 403
    assert _send(client, "patch", member, strong, {"role": "admin"}).status_code == 200
    assert _send(client, "patch", member, strong, {"role": "owner"}).status_code == 403


@pytest.mark.parametrize(
    ("method", "body"), [("patch", {"role": "admin"}), ("patch", {"is_active": False}), ("delete", {})]
)
def test_a_tenant_keeps_its_last_owner(
    client: Client, owner: Membership, access_token: str, method: str, body: dict[str, Any]
) -> None:
    inactive = factories.make_member(owner.tenant, "gone@acme.example", role=Role.OWNER)
    members.change_member(by=SYSTEM, membership=inactive, is_active=False)
    answer = _send(client, method, owner, access_token, body)
    assert (answer.status_code, answer.json()["code"]) == (409, "last_owner")
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == (Role.OWNER, True)
    factories.make_member(owner.tenant, "second@acme.example", role=Role.OWNER)
    assert _send(client, method, owner, access_token, body).status_code < 300


def test_there_must_be_room_to_come_back_to(client: Client, acme: Tenant, grace: Membership, access_token: str) -> None:
    _send(client, "patch", grace, access_token, {"is_active": False})
    acme.plan = Plan.objects.create(code="one", name="One", max_members=1)
    acme.save()
    answer = _send(client, "patch", grace, access_token, {"is_active": True})
    assert (answer.status_code, answer.json()["code"]) == (403, "member_quota_exceeded")


def test_a_change_is_made_to_what_was_seen(client: Client, grace: Membership, access_token: str) -> None:
    seen = _send(client, "get", grace, access_token).headers["ETag"]
    assert _send(client, "patch", grace, access_token, {"role": "editor"}, **{"If-Match": seen}).status_code == 200
    stale = _send(client, "delete", grace, access_token, **{"If-Match": seen})
    assert stale.status_code == 412


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_at_once_leave_one(acme: Tenant) -> None:
    first, second = (factories.make_member(acme, f"{name}@acme.example", role=Role.OWNER) for name in ("a", "b"))

    def remove(pair: tuple[Membership, Membership]) -> bool:
        by, other = pair
        try:
            members.remove_member(by=factories.actor_of(by), membership=other)
        except (LastOwnerError, NoSuchMemberError):
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        removed = list(pool.map(remove, [(first, second), (second, first)]))
    assert sorted(removed) == [False, True]
    assert Membership.objects.filter(tenant=acme, role=Role.OWNER).count() == 1
