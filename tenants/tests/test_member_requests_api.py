"""Tests that owners list and answer, through the API and from the dashboard, whom staff ask them to take in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from tenants.enums import Role
from tenants.models import AuditEvent, MemberRequest, Membership, Plan, Tenant
from tenants.models.requests import ANSWER_WITHIN
from tenants.services import requests
from tenants.tests import factories, mails
from tenants.tests.factories import bearer
from tenants.types import Actor

URL = "/v1/tenant/member-requests"
CLERK = Actor(type="staff", label="clerk@platform.example")


def ask(tenant: Tenant, email: str = "wanted@acme.example", role: Role = Role.EDITOR) -> MemberRequest:
    factories.make_user(email)
    made = requests.add_or_ask(by=CLERK, tenant=tenant, email=email, role=role)
    assert isinstance(made, MemberRequest)
    return made


def answer(client: Client, request: MemberRequest, act: str, token: str) -> Any:
    return client.post(f"{URL}/{request.pk}/{act}", content_type="application/json", headers=bearer(token))


def test_requests_are_listed_with_who_asks_for_whom(client: Client, owner: Membership, access_token: str) -> None:
    request = ask(owner.tenant)
    (shown,) = client.get(URL, headers=bearer(access_token)).json()["results"]
    assert shown["id"] == str(request.pk)
    assert (shown["email"], shown["role"], shown["state"]) == ("wanted@acme.example", "editor", "waiting")
    assert (shown["asked_by"], shown["answered_at"], shown["answered_by"]) == (CLERK.label, None, "")
    assert shown["lapses_at"].startswith((request.created_at + ANSWER_WITHIN).strftime("%Y-%m-%dT%H:%M"))


def test_requests_are_listed_by_state_and_page(client: Client, owner: Membership, access_token: str) -> None:
    made = {name: ask(owner.tenant, f"{name}@acme.example") for name in ("waiting", "approved", "declined", "lapsed")}
    requests.approve(by=factories.actor_of(owner), request=made["approved"])
    requests.decline(by=factories.actor_of(owner), request=made["declined"])
    long_ago = timezone.now() - ANSWER_WITHIN - timedelta(minutes=1)
    MemberRequest.objects.filter(pk=made["lapsed"].pk).update(created_at=long_ago)
    for state, request in made.items():
        (one,) = client.get(f"{URL}?state={state}", headers=bearer(access_token)).json()["results"]
        assert (one["id"], one["state"]) == (str(request.pk), state)
    first = client.get(f"{URL}?limit=3", headers=bearer(access_token)).json()
    rest = client.get(first["next"], headers=bearer(access_token)).json()
    assert [len(first["results"]), len(rest["results"]), rest["next"]] == [3, 1, None]
    assert client.get(f"{URL}?state=open", headers=bearer(access_token)).status_code == 400


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_for_three_requests_as_for_one(
    client: Client, owner: Membership, access_token: str, number: int, django_assert_num_queries: Any
) -> None:
    for index in range(number):
        ask(owner.tenant, f"w{index}@acme.example")
    with django_assert_num_queries(2):
        client.get(URL, headers=bearer(access_token))


@pytest.mark.parametrize(("act", "state", "role"), [("approve", "approved", "editor"), ("decline", "declined", None)])
def test_an_owner_answers_once_and_it_is_on_record(
    client: Client, owner: Membership, access_token: str, act: str, state: str, role: str | None
) -> None:
    request = ask(owner.tenant)
    shown = answer(client, request, act, access_token)
    assert (shown.status_code, shown.json()["state"]) == (200, state)
    assert shown.json()["answered_by"] == owner.user.email
    found = Membership.objects.filter(tenant=owner.tenant, user=request.user).values_list("role", flat=True).first()
    assert found == role
    line = AuditEvent.objects.get(action=f"member_request.{act}")
    assert (line.tenant_id, line.actor_id, line.target_label) == (owner.tenant_id, owner.user_id, "wanted@acme.example")
    assert line.detail["role"] == "editor"
    again = answer(client, request, "approve", access_token)
    assert (again.status_code, again.json()["code"]) == (409, "member_request_answered")


def test_a_full_plan_refuses_and_the_request_waits_on(client: Client, owner: Membership, access_token: str) -> None:
    request = ask(owner.tenant)
    plan = Plan.objects.create(code="one", name="One", max_members=1)
    Tenant.objects.filter(pk=owner.tenant_id).update(plan=plan)
    refused = answer(client, request, "approve", access_token)
    assert (refused.status_code, refused.json()["code"]) == (403, "member_quota_exceeded")
    assert MemberRequest.objects.get().state == "waiting"


def test_admins_and_keys_read_and_do_not_answer(client: Client, owner: Membership, api_key: str) -> None:
    request = ask(owner.tenant)
    admin = factories.make_token_pair(factories.make_member(owner.tenant, role=Role.ADMIN)).access
    for credential in (admin, api_key):
        assert len(client.get(URL, headers=bearer(credential)).json()["results"]) == 1
        for act in ("approve", "decline"):
            assert answer(client, request, act, credential).status_code == 403
    editor = factories.make_token_pair(factories.make_member(owner.tenant, role=Role.EDITOR)).access
    assert client.get(URL, headers=bearer(editor)).status_code == 403


def test_nobody_answers_for_themselves(client: Client, owner: Membership) -> None:
    second = factories.make_member(owner.tenant, "second@acme.example", role=Role.ADMIN)
    made = requests.add_or_ask(by=CLERK, tenant=owner.tenant, email=second.user.email, role=Role.OWNER)
    assert isinstance(made, MemberRequest)
    second.role = Role.OWNER
    second.save()
    assert answer(client, made, "approve", factories.make_token_pair(second).access).status_code == 403


def test_another_tenants_request_is_unknown(client: Client, globex_owner: Membership, access_token: str) -> None:
    request = ask(globex_owner.tenant)
    for act in ("approve", "decline"):
        unknown = answer(client, request, act, access_token)
        assert (unknown.status_code, unknown.json()["code"]) == (404, "no_such_member_request")
    assert client.get(URL, headers=bearer(access_token)).json()["results"] == []


# --- where an owner hears of it ------------------------------------------------------------------------------


def test_the_dashboard_tells_owners_until_it_is_answered(client: Client, owner: Membership) -> None:
    request = ask(owner.tenant)
    client.force_login(owner.user)
    admin = Client()
    admin.force_login(factories.make_member(owner.tenant, role=Role.ADMIN).user)
    page = client.get("/t/acme/").content.decode()
    assert "wanted@acme.example" in page
    assert 'href="/t/acme/settings/security/#requests"' in page
    assert "wanted@acme.example" not in admin.get("/t/acme/").content.decode()
    requests.decline(by=factories.actor_of(owner), request=request)
    assert "wanted@acme.example" not in client.get("/t/acme/").content.decode()


def test_what_waits_stands_before_what_was_answered(client: Client, owner: Membership) -> None:
    old = ask(owner.tenant, "old@acme.example")
    for index in range(30):
        requests.decline(by=factories.actor_of(owner), request=ask(owner.tenant, f"w{index}@acme.example"))
    client.force_login(owner.user)
    page = client.get("/t/acme/settings/security/").content.decode()
    assert f"/t/acme/settings/security/members/{old.pk}/approve/" in page


def test_the_mail_says_where_to_answer_and_until_when(
    owner: Membership, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    with mails.sent(django_capture_on_commit_callbacks) as sent:
        ask(owner.tenant)
    (one,) = sent
    assert isinstance(one, mail.EmailMessage)
    assert "/t/acme/settings/security/#requests" in str(one.body)
    assert f"within {ANSWER_WITHIN.days} days" in str(one.body)
