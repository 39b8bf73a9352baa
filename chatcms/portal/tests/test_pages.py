"""The portal's pages: who gets in, what they see, and what a stranger sees."""

from __future__ import annotations

import pytest
from django.test import Client

from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.services import attempts
from tenants.tests import factories


@pytest.fixture
def signed_in(owner: Membership) -> Client:
    client = Client()
    client.force_login(owner.user)
    return client


def test_an_address_of_the_portal_leads_to_signing_in_and_back(owner: Membership) -> None:
    client = Client()
    sent_away = client.get("/t/acme/")
    assert sent_away.headers["Location"] == "/sign-in/?next=/t/acme/"

    answer = client.post("/sign-in/", {"email": owner.user.email, "password": factories.PASSWORD, "next": "/t/acme/"})

    assert (answer.status_code, answer.headers["Location"]) == (302, "/t/acme/")
    assert client.get("/t/acme/").status_code == 200


def test_a_wrong_password_keeps_the_address_and_says_what_is_wrong(owner: Membership) -> None:
    answer = Client().post("/sign-in/", {"email": owner.user.email, "password": "wrong"})

    assert answer.status_code == 422
    assert b"The e-mail address or the password is wrong." in answer.content
    assert owner.user.email.encode() in answer.content


def test_who_has_to_wait_is_told_for_how_long_and_how_to_get_in_at_once(owner: Membership) -> None:
    guess = {"email": owner.user.email, "password": "wrong"}
    pages = [Client().post("/sign-in/", guess).content.decode() for _ in range(attempts.PER_PERSON_AND_PLACE + 1)]

    assert "There were too many attempts." not in pages[-2]
    assert "There were too many attempts." in pages[-1]
    assert "The next one counts in 15 minutes." in pages[-1]
    assert "new password by the link in a mail" in pages[-1]


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_nowhere_else(owner: Membership, target: str) -> None:
    answer = Client().post("/sign-in/", {"email": owner.user.email, "password": factories.PASSWORD, "next": target})

    assert answer.headers["Location"] == "/"


def test_a_person_of_one_tenant_is_led_straight_to_it(signed_in: Client) -> None:
    assert signed_in.get("/").headers["Location"] == "/t/acme/"


def test_a_person_of_several_tenants_chooses(signed_in: Client, owner: Membership, globex: Tenant) -> None:
    Membership.objects.create(user=owner.user, tenant=globex, role=Role.VIEWER)

    page = signed_in.get("/")

    assert b"/t/acme/" in page.content
    assert b"/t/globex/" in page.content


def test_a_stranger_cannot_tell_a_tenant_from_no_tenant(signed_in: Client, globex: Tenant) -> None:
    theirs, nobodys = signed_in.get("/t/globex/"), signed_in.get("/t/no-such/")

    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "request_id": ""} == {**nobodys.json(), "request_id": ""}


def test_pages_carry_a_policy_without_inline_code(signed_in: Client) -> None:
    policy = signed_in.get("/t/acme/").headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_form_without_its_token_is_refused(owner: Membership) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner.user)

    assert client.post("/t/acme/sample/add/").status_code == 403


@pytest.mark.parametrize(
    ("act", "page"),
    [
        ("/t/acme/settings/members/invite/", "/t/acme/settings/members/"),
        ("/t/acme/settings/identity-secret/", "/t/acme/settings/"),
        ("/sign-out/", "/"),
    ],
)
def test_who_opens_the_address_of_a_forms_act_is_led_to_a_page(signed_in: Client, act: str, page: str) -> None:
    assert signed_in.get(act, headers={"Accept": "text/html"}).headers["Location"] == page
    assert signed_in.get(act, headers={"Accept": "application/json"}).status_code == 405
    assert signed_in.put(act, headers={"Accept": "text/html"}).status_code == 405


def test_programs_are_told_that_a_method_is_not_allowed(signed_in: Client) -> None:
    assert signed_in.get("/v1/auth/token", headers={"Accept": "text/html"}).status_code == 405
