"""What a tenant asks of whoever comes in, and what it sees of the platform's staff."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.enums import GrantRole, GrantState, Role
from tenants.models import AccessGrant, Membership, Tenant, TenantSettings, User
from tenants.services import grants
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

HTML = {"Accept": "text/html"}
PAGE = "/t/acme/settings/security/"


@pytest.fixture
def sam(db: None) -> User:
    """Somebody of the platform's staff."""
    return factories.make_user("sam@platform.example", is_staff=True)


@pytest.fixture
def boss(owner: Membership) -> Client:
    """Acme's owner, signed in."""
    client = Client(headers=HTML)
    client.force_login(owner.user)
    return client


def ask(sam: User, tenant: Tenant) -> AccessGrant:
    by = Actor(type="staff", id=sam.pk, label=sam.email)
    return grants.ask(by=by, tenant=tenant, role=GrantRole.VIEWER, minutes=60, reason="Ticket <4711>")


def test_owners_say_what_is_asked_of_members_and_staff(boss: Client, acme: Tenant) -> None:
    boss.post(PAGE, {"approve_staff_access": "on", "sent": "1"})
    row = TenantSettings.objects.get(tenant=acme)
    assert (row.approve_staff_access, row.require_second_factor) == (True, False)
    boss.post(PAGE, {"sent": "1"})
    row.refresh_from_db()
    assert not row.approve_staff_access


def test_a_request_is_seen_answered_and_ended(boss: Client, sam: User, acme: Tenant) -> None:
    TenantSettings.objects.create(tenant=acme, approve_staff_access=True)
    grant = ask(sam, acme)
    page = boss.get(PAGE).content.decode()
    assert "sam@platform.example" in page
    assert "Ticket &lt;4711&gt;" in page
    boss.post(f"{PAGE}{grant.pk}/approve/")
    grant.refresh_from_db()
    assert grant.state == GrantState.ACTIVE
    assert "End now" in boss.get(PAGE).content.decode()
    boss.post(f"{PAGE}{grant.pk}/close/")
    assert AccessGrant.objects.get().state == GrantState.REVOKED
    assert boss.post(f"{PAGE}{grant.pk}/close/").status_code == 409


def test_admins_see_and_end_but_let_nobody_in_and_editors_see_nothing(sam: User, acme: Tenant) -> None:
    TenantSettings.objects.create(tenant=acme, approve_staff_access=True)
    grant = ask(sam, acme)
    admin, editor = Client(headers=HTML), Client(headers=HTML)
    admin.force_login(factories.make_member(acme, role=Role.ADMIN).user)
    editor.force_login(factories.make_member(acme, role=Role.EDITOR).user)
    assert "Let them in" not in admin.get(PAGE).content.decode()
    assert admin.post(f"{PAGE}{grant.pk}/approve/").status_code == 403
    assert editor.get(PAGE).status_code == 403
    assert admin.post(f"{PAGE}{grant.pk}/close/").status_code == 302


def test_visiting_staff_see_that_they_visit_and_act_on_record(sam: User, acme: Tenant, globex: Tenant) -> None:
    client = Client(headers=HTML)
    client.force_login(sam)
    assert client.get("/t/acme/").status_code == 404
    grant = ask(sam, acme)
    page = client.get("/t/acme/").content.decode()
    assert "Visiting as platform staff until" in page
    assert client.get("/t/globex/").status_code == 404
    assert client.get(PAGE).status_code == 403
    grants.close(by=SYSTEM, grant=grant)
    assert client.get("/t/acme/").status_code == 404


def test_members_see_no_banner(boss: Client) -> None:
    assert "Visiting as platform staff" not in boss.get("/t/acme/").content.decode()


def test_another_tenants_grant_is_unknown(boss: Client, sam: User, globex: Tenant) -> None:
    theirs = ask(sam, globex)
    assert boss.post(f"{PAGE}{theirs.pk}/close/").status_code == 404
    assert "sam@platform.example" not in boss.get(PAGE).content.decode()


def test_the_page_costs_the_same_for_one_and_three(
    boss: Client, sam: User, acme: Tenant, django_assert_max_num_queries: Any
) -> None:
    grants.close(by=SYSTEM, grant=ask(sam, acme))
    boss.get(PAGE)
    with django_assert_max_num_queries(15) as one:
        boss.get(PAGE)
    for _ in range(2):
        grants.close(by=SYSTEM, grant=ask(sam, acme))
    with django_assert_max_num_queries(len(one)):
        boss.get(PAGE)
