"""Tests of the API of the platform's staff."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from tenants.enums import TenantStatus
from tenants.models import AuditEvent, Domain, Membership, Plan, Tenant, UsageDay, User
from tenants.tests import factories
from tenants.tests.factories import PASSWORD, bearer

JSON = "application/json"


def _sign_in(client: Client, user: User) -> dict[str, str]:
    answer = client.post("/v1/admin/token", {"email": user.email, "password": PASSWORD}, content_type=JSON)
    assert answer.status_code == 200, answer.content
    return bearer(answer.json()["access"])


@pytest.fixture
def root(db: None) -> User:
    return factories.make_user("root@platform.example", is_staff=True, is_superuser=True)


@pytest.fixture
def staff(client: Client, root: User) -> dict[str, str]:
    return _sign_in(client, root)


def _send(client: Client, method: str, path: str, who: dict[str, str], body: Any = None, **headers: str) -> Any:
    return client.generic(
        method, f"/v1/admin/{path}", data=_json(body or {}), content_type=JSON, headers={**who, **headers}
    )


def _json(body: Any) -> str:
    import json

    return json.dumps(body)


# --- signing in ---------------------------------------------------------------------------------------------


def test_members_are_no_staff(client: Client, owner: Membership, access_token: str, api_key: str) -> None:
    refused = client.post("/v1/admin/token", {"email": owner.user.email, "password": PASSWORD}, content_type=JSON)
    assert refused.status_code == 401
    for credential in (access_token, api_key):
        assert client.get("/v1/admin/tenants", headers=bearer(credential)).status_code == 403
    assert client.get("/v1/admin/tenants").status_code == 401


def test_staff_enter_no_tenant(client: Client, staff: dict[str, str], acme: Tenant) -> None:
    for path in ("tenant/bots", "chat/bots", "tenant/api-keys", "models"):
        assert client.get(f"/v1/{path}", headers=staff).status_code == 403


def test_the_sign_in_is_renewed_and_ends_with_the_rights(client: Client, root: User) -> None:
    pair = client.post("/v1/admin/token", {"email": root.email, "password": PASSWORD}, content_type=JSON).json()
    renewed = client.post("/v1/auth/token/refresh", {"refresh": pair["refresh"]}, content_type=JSON)
    assert client.get("/v1/admin/plans", headers=bearer(renewed.json()["access"])).status_code == 200
    User.objects.filter(pk=root.pk).update(is_staff=False)
    assert client.get("/v1/admin/plans", headers=bearer(renewed.json()["access"])).status_code == 401
    again = client.post("/v1/auth/token/refresh", {"refresh": renewed.json()["refresh"]}, content_type=JSON)
    assert again.status_code == 401


def test_staff_look_at_all_and_change_what_they_have_the_right_for(client: Client, acme: Tenant) -> None:
    clerk = factories.make_user("clerk@platform.example", is_staff=True)
    who = _sign_in(client, clerk)
    assert _send(client, "GET", f"tenants/{acme.pk}", who).status_code == 200
    assert _send(client, "PATCH", f"tenants/{acme.pk}", who, {"name": "New"}).status_code == 403
    clerk.user_permissions.add(Permission.objects.get(codename="change_tenant"))
    assert _send(client, "PATCH", f"tenants/{acme.pk}", who, {"name": "New"}).json()["name"] == "New"
    assert _send(client, "DELETE", f"tenants/{acme.pk}?confirm=acme", who).status_code == 403


# --- tenants -------------------------------------------------------------------------------------------------


def test_a_tenant_is_made_whole_with_its_owner(client: Client, staff: dict[str, str]) -> None:
    Plan.objects.create(code="large", name="Large")
    body = {"name": "Initech", "slug": "initech", "owner_email": "Bill@initech.example", "plan": "large"}
    made = _send(client, "POST", "tenants", staff, body)
    assert made.status_code == 201, made.content
    shown = made.json()
    assert (shown["status"], shown["plan"], shown["member_count"]) == ("ready", "large", 1)
    assert AuditEvent.objects.filter(action="tenant.create", actor_type="staff", tenant_id=shown["id"]).exists()
    assert _send(client, "POST", "tenants", staff, body).json()["code"] == "slug_taken"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"name": "X", "slug": "Not a slug"}, 422, "invalid_slug"),
        ({"name": "X", "slug": "x", "plan": "none"}, 404, "no_such_plan"),
        ({"slug": "x"}, 400, "invalid_request"),
    ],
)
def test_an_impossible_tenant_is_refused_before_anything_is_written(
    client: Client, staff: dict[str, str], body: dict[str, str], status: int, code: str
) -> None:
    before = Tenant.objects.count()
    answer = _send(client, "POST", "tenants", staff, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert Tenant.objects.count() == before


def test_a_tenant_is_suspended_and_resumed(client: Client, staff: dict[str, str], acme: Tenant, api_key: str) -> None:
    answer = _send(client, "POST", f"tenants/{acme.pk}/suspend", staff, {"reason": "unpaid"})
    assert (answer.json()["status"], answer.json()["status_detail"]) == ("suspended", "unpaid")
    shut = client.get("/v1/tenant/bots", headers=bearer(api_key))
    assert (shut.status_code, shut.json()["code"]) == (403, "tenant_suspended")
    assert _send(client, "POST", f"tenants/{acme.pk}/suspend", staff).json()["code"] == "wrong_state"
    assert _send(client, "POST", f"tenants/{acme.pk}/resume", staff).json()["status"] == "ready"
    assert client.get("/v1/tenant/bots", headers=bearer(api_key)).status_code == 200


def test_a_deletion_wants_the_slug_typed_and_can_be_called_off(
    client: Client, staff: dict[str, str], acme: Tenant
) -> None:
    wrong = _send(client, "DELETE", f"tenants/{acme.pk}?confirm=globex", staff)
    assert (wrong.status_code, wrong.json()["code"]) == (422, "confirmation_mismatch")
    assert _send(client, "DELETE", f"tenants/{acme.pk}", staff).status_code == 400
    asked = _send(client, "DELETE", f"tenants/{acme.pk}?confirm=acme", staff)
    assert asked.status_code == 202
    assert asked.json()["status"] == TenantStatus.DELETING
    assert asked.json()["delete_after"]
    assert _send(client, "POST", f"tenants/{acme.pk}/keep", staff).json()["status"] == "suspended"


def test_tenants_are_found_by_state_plan_and_words(
    client: Client, staff: dict[str, str], acme: Tenant, globex: Tenant
) -> None:
    def slugs(query: str) -> list[str]:
        return [one["slug"] for one in _send(client, "GET", f"tenants?{query}", staff).json()["results"]]

    acme.plan = Plan.objects.create(code="large", name="Large")
    acme.save()
    assert slugs("") == ["globex", "acme"]
    assert slugs("search=CME") == ["acme"]
    assert slugs("plan=large") == ["acme"]
    assert slugs("status=suspended") == []
    assert _send(client, "GET", "tenants?status=odd", staff).status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_takes_as_many_queries_for_three_tenants_as_for_one(
    client: Client, staff: dict[str, str], count: int, django_assert_num_queries: Any
) -> None:
    for number in range(count):
        Tenant.objects.create(name=str(number), slug=f"n{number}", schema_name=f"t_n{number}")
    with django_assert_num_queries(2):
        _send(client, "GET", "tenants?search=n", staff)


def test_a_change_is_made_to_what_was_seen(client: Client, staff: dict[str, str], acme: Tenant) -> None:
    seen = _send(client, "GET", f"tenants/{acme.pk}", staff).headers["ETag"]
    headers = {"If-Match": seen}
    assert _send(client, "PATCH", f"tenants/{acme.pk}", staff, {"name": "One"}, **headers).status_code == 200
    assert _send(client, "PATCH", f"tenants/{acme.pk}", staff, {"name": "Two"}, **headers).status_code == 412


def test_a_tenant_gets_an_owner(client: Client, staff: dict[str, str], acme: Tenant) -> None:
    assert _send(client, "POST", f"tenants/{acme.pk}/owners", staff, {"email": "New@Acme.example"}).status_code == 204
    assert acme.memberships.get(user__email="new@acme.example").role == "owner"


# --- domains -------------------------------------------------------------------------------------------------


def test_domains_are_kept_as_browsers_send_them(client: Client, staff: dict[str, str], acme: Tenant) -> None:
    made = _send(client, "POST", f"tenants/{acme.pk}/domains", staff, {"domain": "Chat.Bücher.example"})
    assert made.status_code == 201, made.content
    assert made.json()["domain"] == "chat.xn--bcher-kva.example"
    assert made.json()["is_primary"] is True
    path = f"tenants/{acme.pk}/domains/{made.json()['id']}"
    assert _send(client, "POST", f"{path}/verify", staff).json()["verified_at"]
    changed = _send(client, "PATCH", path, staff, {"domain": "chat.example.com"})
    assert changed.json().get("verified_at", changed.content) is None
    assert _send(client, "DELETE", path, staff).status_code == 204
    assert not Domain.objects.exists()


@pytest.mark.parametrize(
    "text", ["https://example.com", "example.com:8000", "a b.example", "localhost", "1.2.3.4", "-"]
)
def test_what_is_no_host_name_is_refused(client: Client, staff: dict[str, str], acme: Tenant, text: str) -> None:
    answer = _send(client, "POST", f"tenants/{acme.pk}/domains", staff, {"domain": text})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_domain")


def test_a_domain_belongs_to_the_tenant_that_it_was_verified_for(
    client: Client, staff: dict[str, str], acme: Tenant, globex: Tenant
) -> None:
    made = _send(client, "POST", f"tenants/{acme.pk}/domains", staff, {"domain": "chat.example.com"}).json()
    hoped = _send(client, "POST", f"tenants/{globex.pk}/domains", staff, {"domain": "CHAT.example.com"}).json()
    verified = _send(client, "POST", f"tenants/{acme.pk}/domains/{made['id']}/verify", staff)
    taken = _send(client, "POST", f"tenants/{globex.pk}/domains/{hoped['id']}/verify", staff)

    assert (verified.status_code, verified.json()["proof"]) == (200, "staff")
    assert (taken.status_code, taken.json()["code"]) == (409, "domain_taken")
    assert _send(client, "DELETE", f"tenants/{globex.pk}/domains/{made['id']}", staff).status_code == 404


# --- plans ---------------------------------------------------------------------------------------------------


def test_plans_are_made_changed_and_deleted_unless_a_tenant_has_them(
    client: Client, staff: dict[str, str], acme: Tenant
) -> None:
    made = _send(client, "POST", "plans", staff, {"code": "small", "name": "Small", "max_bots": 1})
    assert made.status_code == 201, made.content
    path = f"plans/{made.json()['id']}"
    assert _send(client, "POST", "plans", staff, {"code": "small", "name": "Other"}).json()["code"] == "plan_code_taken"
    assert _send(client, "PATCH", path, staff, {"max_bots": None}).json()["max_bots"] is None
    assert _send(client, "PATCH", path, staff, {"max_bots": -1}).status_code == 400
    acme.plan_id = made.json()["id"]
    acme.save()
    assert _send(client, "DELETE", path, staff).json()["code"] == "plan_in_use"
    acme.plan = None
    acme.save()
    assert _send(client, "DELETE", path, staff).status_code == 204


def test_there_is_one_default_plan(client: Client, staff: dict[str, str]) -> None:
    for code in ("one", "two"):
        assert (
            _send(client, "POST", "plans", staff, {"code": code, "name": code, "is_default": True}).status_code == 201
        )
    assert [plan.code for plan in Plan.objects.filter(is_default=True)] == ["two"]


# --- people --------------------------------------------------------------------------------------------------


def test_an_account_comes_with_a_mail_to_choose_a_password(
    client: Client, staff: dict[str, str], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        made = _send(client, "POST", "users", staff, {"email": "New@People.example", "name": "New"})
    assert made.status_code == 201, made.content
    assert made.json()["email"] == "new@people.example"
    taken = _send(client, "POST", "users", staff, {"email": "new@people.example"})
    assert (taken.status_code, taken.json()["code"]) == (409, "email_taken")


def test_a_switched_off_person_is_signed_out_everywhere(
    client: Client, staff: dict[str, str], owner: Membership, access_token: str
) -> None:
    path = f"users/{owner.user_id}"
    shown = _send(client, "GET", path, staff).json()
    assert [one["tenant"]["slug"] for one in shown["memberships"]] == ["acme"]
    assert _send(client, "PATCH", path, staff, {"is_active": False}).json()["is_active"] is False
    assert client.get("/v1/tenant/bots", headers=bearer(access_token)).status_code == 401


def test_nobody_takes_their_own_access_away_and_superusers_alone_make_staff(
    client: Client, staff: dict[str, str], root: User, owner: Membership
) -> None:
    for change in ({"is_active": False}, {"is_staff": False}):
        assert _send(client, "PATCH", f"users/{root.pk}", staff, change).json()["code"] == "own_account"
    clerk = factories.make_user("clerk@platform.example", is_staff=True)
    clerk.user_permissions.add(Permission.objects.get(codename="change_user"))
    who = _sign_in(client, clerk)
    assert _send(client, "PATCH", f"users/{owner.user_id}", who, {"is_staff": True}).status_code == 403
    assert _send(client, "PATCH", f"users/{root.pk}", who, {"name": "Mine"}).status_code == 403
    assert _send(client, "PATCH", f"users/{owner.user_id}", staff, {"is_staff": True}).json()["is_staff"] is True


# --- usage and audit -----------------------------------------------------------------------------------------


@pytest.fixture
def used(acme: Tenant, globex: Tenant) -> datetime.date:
    today = datetime.datetime.now(datetime.UTC).date()
    for tenant, day, messages, cost in (
        (acme, today, 3, "0.5"),
        (acme, today - datetime.timedelta(days=1), 2, "0.25"),
        (globex, today, 7, "0.125"),
    ):
        UsageDay.objects.create(
            tenant=tenant, day=day, bot_id=tenant.pk, model="=model", messages=messages, prompt_tokens=10,
            completion_tokens=1, cost=Decimal(cost), cache_read_tokens=6, cache_write_tokens=2, reasoning_tokens=1,
        )  # fmt: skip
    return today


def test_usage_is_summed_up_by_tenant_day_and_model(
    client: Client, staff: dict[str, str], used: datetime.date, acme: Tenant
) -> None:
    by_tenant = _send(client, "GET", "usage", staff).json()
    assert [(one["tenant"]["slug"], one["messages"]) for one in by_tenant["results"]] == [("globex", 7), ("acme", 5)]
    assert Decimal(by_tenant["total"]["cost"]) == Decimal("0.875")
    by_day = _send(client, "GET", f"usage?group_by=day&tenant_id={acme.pk}", staff).json()
    assert [one["messages"] for one in by_day["results"]] == [2, 3]
    today = _send(client, "GET", f"usage?group_by=model&since={used}", staff).json()
    assert [(one["model"], one["messages"]) for one in today["results"]] == [("=model", 10)]
    assert _send(client, "GET", "usage?since=2020-01-01", staff).json()["code"] == "period"


def test_usage_comes_as_csv_that_is_no_formula(client: Client, staff: dict[str, str], used: datetime.date) -> None:
    answer = _send(client, "GET", "usage.csv?group_by=model", staff)
    assert answer.headers["Content-Type"].startswith("text/csv")
    header, line = answer.content.decode("utf-8-sig").split()
    counters = "messages,prompt_tokens,completion_tokens,cost,unpriced"
    assert header == f"model,{counters},cache_read_tokens,cache_write_tokens,reasoning_tokens"
    assert line.startswith("'=model,12,30,3,0.875")
    assert line.endswith(",0,18,6,3")


def test_one_tenants_usage_is_listed_by_day(
    client: Client, staff: dict[str, str], used: datetime.date, acme: Tenant
) -> None:
    listed = _send(client, "GET", f"tenants/{acme.pk}/usage", staff).json()["results"]
    assert sorted(one["messages"] for one in listed) == [2, 3]
    details = ("cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
    assert {tuple(one[name] for name in details) for one in listed} == {(6, 2, 1)}


def test_the_audit_log_is_read_by_tenant_action_and_time(client: Client, staff: dict[str, str], acme: Tenant) -> None:
    _send(client, "PATCH", f"tenants/{acme.pk}", staff, {"name": "New"})
    found = _send(client, "GET", f"audit?tenant_id={acme.pk}&action=tenant.ch", staff).json()["results"]
    assert [(one["action"], one["actor_label"]) for one in found] == [("tenant.change", "root@platform.example")]
    assert _send(client, "GET", "audit?until=2020-01-01T00:00:00Z", staff).json()["results"] == []
    assert _send(client, "GET", "audit?since=yesterday", staff).status_code == 400
