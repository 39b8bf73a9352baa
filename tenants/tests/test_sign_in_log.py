"""Tests that sign-ins, failures, sign-outs and asked-for links are on record, and that strangers fill no log."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.models import AuditEvent, Membership, Tenant
from tenants.services import attempts, sign_in_log
from tenants.tests import factories
from tenants.tests.factories import PASSWORD

HERE = "192.0.2.1"


def enter(client: Client, email: str, password: str = PASSWORD, *, address: str = HERE) -> int:
    return client.post("/sign-in/", {"email": email, "password": password}, REMOTE_ADDR=address).status_code


def lines(action: str, tenant: Tenant | None) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(action=action, tenant_id=tenant.pk if tenant else None).order_by("id"))


def test_signing_in_and_out_of_the_portal_are_lines_of_the_tenant(
    client: Client, acme: Tenant, owner: Membership
) -> None:
    assert enter(client, owner.user.email) == 302
    client.post("/sign-out/")
    (came,), (left,) = lines("user.sign_in", acme), lines("user.sign_out", acme)
    assert (came.actor_id, came.detail["address"], came.detail["method"]) == (owner.user_id, HERE, "password")
    assert left.actor_id == owner.user_id


def test_each_tenant_of_a_person_has_the_line(client: Client, acme: Tenant, globex: Tenant, owner: Membership) -> None:
    Membership.objects.create(user=owner.user, tenant=globex, role="viewer")
    enter(client, owner.user.email)
    assert len(lines("user.sign_in", acme)) == len(lines("user.sign_in", globex)) == 1
    assert lines("user.sign_in", None) == []


def test_staff_are_on_the_platforms_record(client: Client, db: None) -> None:
    staff = factories.make_user("staff@platform.example", is_staff=True)
    enter(client, staff.email, "wrong")
    enter(client, staff.email)
    client.post("/admin/logout/")
    for action in ("user.sign_in_failed", "user.sign_in", "user.sign_out"):
        assert len(lines(action, None)) == 1, action


def test_a_wrong_password_is_a_line_that_tells_no_password(client: Client, acme: Tenant, owner: Membership) -> None:
    enter(client, owner.user.email, "letmein-typed-wrong")
    client.post(
        "/v1/auth/token",
        {"email": owner.user.email, "password": "letmein-typed-wrong"},
        content_type="application/json",
        REMOTE_ADDR=HERE,
    )
    first, second = lines("user.sign_in_failed", acme)
    assert (first.actor_type, first.target_id, first.detail["step"]) == ("anonymous", str(owner.user_id), "password")
    assert (first.detail["attempts"], second.detail["attempts"]) == (1, 2)
    assert "letmein" not in str([line.detail for line in (first, second)])


def test_the_second_step_is_on_record(client: Client, acme: Tenant, owner: Membership) -> None:
    app = factories.add_app(owner.user)
    enter(client, owner.user.email)
    assert lines("user.sign_in", acme) == []
    client.post("/sign-in/second-step/", {"code": "000000"}, REMOTE_ADDR=HERE)
    (failed,) = lines("user.sign_in_failed", acme)
    assert failed.detail["step"] == "code"
    client.post("/sign-in/second-step/", {"code": app.now()}, REMOTE_ADDR=HERE)
    (came,) = lines("user.sign_in", acme)
    assert came.detail["method"] == "password and code"


def test_asking_for_a_link_is_on_record(client: Client, acme: Tenant, owner: Membership) -> None:
    client.post("/password-reset/", {"email": owner.user.email}, REMOTE_ADDR=HERE)
    client.post("/password-reset/", {"email": "nobody@acme.example"}, REMOTE_ADDR=HERE)
    assert len(lines("user.ask_reset", acme)) == 1
    (unknown,) = lines("user.ask_reset", None)
    assert (unknown.target_id, unknown.target_label) == ("", "unknown")
    assert "nobody@" not in str(unknown.detail)


def test_people_whom_nobody_knows_are_on_the_platforms_record_alone(client: Client, acme: Tenant) -> None:
    enter(client, "nobody@acme.example", "wrong")
    assert lines("user.sign_in_failed", acme) == []
    (line,) = lines("user.sign_in_failed", None)
    assert (line.target_id, line.detail["address"]) == ("", HERE)


def test_strangers_cannot_fill_the_log(acme: Tenant, owner: Membership) -> None:
    for number in range(1, 201):
        sign_in_log.failed(email=owner.user.email, address=HERE, number=number)
    assert len(lines("user.sign_in_failed", acme)) == sign_in_log.FIRST_LINES + 4


def test_strangers_with_many_names_cannot_fill_the_log(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_log, "FIRST_LINES_OF_UNKNOWN", 5)
    for number in range(100):
        sign_in_log.failed(email=f"nobody{number}@acme.example", address=HERE, number=1)
    assert len(lines("user.sign_in_failed", None)) == 5 + len([8, 16, 32, 64])


def test_a_wrong_present_password_is_on_record(client: Client, acme: Tenant, owner: Membership) -> None:
    headers = factories.bearer(factories.make_token_pair(owner).access)
    body: dict[str, Any] = {"current_password": "wrong", "new_password": "eight larches and a lamp"}
    answer = client.post("/v1/auth/password", body, content_type="application/json", headers=headers)
    assert answer.status_code == 422, answer.content
    assert len(lines("user.sign_in_failed", acme)) == 1


def test_the_limits_of_lines_fit_those_of_attempts() -> None:
    # One place alone never gets to where lines about unknown people end.
    assert attempts.PER_PLACE < sign_in_log.FIRST_LINES_OF_UNKNOWN
    assert attempts.MAILS_PER_PLACE <= sign_in_log.FIRST_LINES_OF_UNKNOWN
