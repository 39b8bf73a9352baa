"""Tests of /v1/tenant/invitations."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tenants.enums import Role
from tenants.models import Invitation, Membership, Tenant
from tenants.services import invitations
from tenants.tests import factories, mails
from tenants.tests.factories import PASSWORD, bearer
from tenants.types import Actor

URL = "/v1/tenant/invitations"
JSON = "application/json"


def _invite(client: Client, who: str, email: str = "grace@acme.example", role: str = "editor", **headers: str) -> Any:
    return client.post(URL, {"email": email, "role": role}, content_type=JSON, headers={**bearer(who), **headers})


def _token(answer: Any) -> str:
    return str(answer.json()["link"]).rpartition("/")[2]


def test_the_link_is_shown_once_and_works(client: Client, access_token: str) -> None:
    made = _invite(client, access_token)
    assert made.status_code == 201, made.content
    assert made.headers["Cache-Control"] == "no-store"
    assert (made.json()["state"], made.json()["invited_by"]) == ("open", "owner@acme.example")
    (listed,) = client.get(URL, headers=bearer(access_token)).json()["results"]
    one = client.get(f"{URL}/{listed['id']}", headers=bearer(access_token))
    assert "link" not in listed
    assert _token(made) not in one.content.decode()
    body = {"token": _token(made), "password": PASSWORD}
    accepted = client.post("/v1/auth/invitation/accept", body, content_type=JSON)
    assert accepted.json()["role"] == "editor"
    assert client.get(f"{URL}/{listed['id']}", headers=bearer(access_token)).json()["state"] == "accepted"


def test_sent_twice_with_one_key_it_is_one_invitation(
    client: Client, access_token: str, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    with mails.sent(django_capture_on_commit_callbacks) as found:
        once = _invite(client, access_token, **{"Idempotency-Key": "one"})
        twice = _invite(client, access_token, **{"Idempotency-Key": "one"})
    assert once.content == twice.content
    assert len(found) == 1


@pytest.mark.parametrize(
    ("email", "role", "status", "code"),
    [
        ("no address", "editor", 400, "invalid_request"),
        ("grace@acme.example", "king", 400, "invalid_request"),
        ("owner@acme.example", "editor", 409, "already_member"),
        ("invited@acme.example", "editor", 409, "already_invited"),
    ],
)
def test_an_impossible_invitation_is_refused(
    client: Client, acme: Tenant, by_owner: Actor, access_token: str, email: str, role: str, status: int, code: str
) -> None:
    invitations.create_invitation(by=by_owner, tenant=acme, email="invited@acme.example", role=Role.VIEWER)
    answer = _invite(client, access_token, email, role)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_admin_invites_no_owner(client: Client, acme: Tenant) -> None:
    admin = factories.make_token_pair(factories.make_member(acme, role=Role.ADMIN)).access
    assert _invite(client, admin, role="owner").json()["code"] == "role_not_yours_to_give"
    assert _invite(client, admin, role="admin").status_code == 201


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_others_see_invitations_and_send_none(client: Client, acme: Tenant, role: Role) -> None:
    who = factories.make_token_pair(factories.make_member(acme, role=role)).access
    assert client.get(URL, headers=bearer(who)).status_code == 200
    assert _invite(client, who).status_code == 403


def test_sent_again_it_has_a_new_link(client: Client, access_token: str) -> None:
    made = _invite(client, access_token)
    again = client.post(f"{URL}/{made.json()['id']}/resend", content_type=JSON, headers=bearer(access_token))
    assert again.status_code == 200
    assert _token(again) != _token(made)
    preview = client.post("/v1/auth/invitation/preview", {"token": _token(made)}, content_type=JSON)
    assert preview.status_code == 404


def test_a_revoked_one_is_gone(client: Client, access_token: str) -> None:
    url = f"{URL}/{_invite(client, access_token).json()['id']}"
    assert client.delete(url, headers=bearer(access_token)).status_code == 204
    assert client.get(url, headers=bearer(access_token)).status_code == 404
    assert client.delete(url, headers=bearer(access_token)).json()["code"] == "no_such_invitation"


def test_the_list_is_narrowed_down_by_state(client: Client, acme: Tenant, by_owner: Actor, access_token: str) -> None:
    made = {
        state: invitations.create_invitation(by=by_owner, tenant=acme, email=f"{state}@acme.example", role=Role.VIEWER)
        for state in ("open", "expired", "accepted")
    }
    Invitation.objects.filter(pk=made["expired"][0].pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    invitations.accept(token=made["accepted"][1], password=PASSWORD)
    for state in made:
        (listed,) = client.get(f"{URL}?state={state}", headers=bearer(access_token)).json()["results"]
        assert (listed["email"], listed["state"]) == (f"{state}@acme.example", state)
    assert len(client.get(URL, headers=bearer(access_token)).json()["results"]) == 3


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_for_three_as_for_one(
    client: Client, acme: Tenant, by_owner: Actor, access_token: str, number: int, django_assert_num_queries: Any
) -> None:
    for index in range(number):
        invitations.create_invitation(by=by_owner, tenant=acme, email=f"{index}@acme.example", role=Role.VIEWER)
    with django_assert_num_queries(2):
        client.get(URL, headers=bearer(access_token))


def test_invitations_of_another_tenant_are_unknown(
    client: Client, globex: Tenant, globex_owner: Membership, access_token: str
) -> None:
    by = factories.actor_of(globex_owner)
    theirs, _ = invitations.create_invitation(by=by, tenant=globex, email="x@globex.example", role=Role.VIEWER)
    assert client.get(URL, headers=bearer(access_token)).json()["results"] == []
    for method, path in (("get", ""), ("delete", ""), ("post", "/resend")):
        send = getattr(client, method)
        assert send(f"{URL}/{theirs.pk}{path}", content_type=JSON, headers=bearer(access_token)).status_code == 404
    assert Invitation.objects.filter(pk=theirs.pk).exists()
