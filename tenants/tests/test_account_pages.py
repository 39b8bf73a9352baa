"""The pages of a person's own account, of forgotten passwords, and of invitations."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tenants.enums import Role
from tenants.models import Invitation, Membership, Tenant
from tenants.services import invitations
from tenants.tests import factories, mails
from tenants.types import SYSTEM

NEW = "a-longer-new-password"


@pytest.fixture
def signed_in(owner: Membership) -> Client:
    client = Client()
    client.force_login(owner.user)
    return client


def token_of(acme: Tenant, email: str, role: Role = Role.EDITOR) -> str:
    return invitations.create_invitation(by=SYSTEM, tenant=acme, email=email, role=role)[1]


# --- the account -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/account/", "/account/password/"])
def test_the_account_is_for_who_is_signed_in(client: Client, db: None, address: str) -> None:
    assert client.get(address).headers["Location"] == f"/sign-in/?next={address}"


def test_a_person_changes_their_name_and_sees_where_they_belong(signed_in: Client, owner: Membership) -> None:
    page = signed_in.post("/account/", {"name": "Ada Lovelace"}, follow=True)

    assert b"Your name is saved." in page.content
    assert b"/t/acme/" in page.content
    owner.user.refresh_from_db()
    assert owner.user.name == "Ada Lovelace"


def test_a_changed_password_keeps_this_browser_and_no_other_signed_in(signed_in: Client, owner: Membership) -> None:
    elsewhere = Client()
    elsewhere.force_login(owner.user)

    values = {"current_password": factories.PASSWORD, "new_password": NEW}
    assert signed_in.post("/account/password/", values).status_code == 302

    assert signed_in.get("/account/").status_code == 200
    assert elsewhere.get("/account/").status_code == 302


@pytest.mark.parametrize(
    ("present", "new", "complaint"),
    [("wrong", NEW, "current_password"), (factories.PASSWORD, "short", "new_password"), ("", "", "new_password")],
)
def test_a_refused_password_is_explained_at_its_field(
    signed_in: Client, present: str, new: str, complaint: str
) -> None:
    answer = signed_in.post("/account/password/", {"current_password": present, "new_password": new})

    assert answer.status_code == 422
    assert complaint in answer.context["form"].errors


# --- a forgotten password ----------------------------------------------------------------------------------


def test_a_forgotten_password_is_replaced_with_the_link_of_the_mail_once(
    client: Client, owner: Membership, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    with mails.sent(django_capture_on_commit_callbacks) as found:
        client.post("/password-reset/", {"email": owner.user.email})
    link = f"/password-reset/{mails.token_in(found[0])}"
    assert link in str(found[0].body)
    assert client.get(link).headers["Referrer-Policy"] == "strict-origin"
    assert client.post(link, {"password": "short"}).status_code == 422

    assert client.post(link, {"password": NEW}).headers["Location"] == "/sign-in/"

    assert client.post("/sign-in/", {"email": owner.user.email, "password": NEW}).status_code == 302
    assert client.post(link, {"password": NEW + "2"}).status_code == 410


def test_nobody_learns_who_has_an_account(client: Client, owner: Membership) -> None:
    known = client.post("/password-reset/", {"email": owner.user.email})
    unknown = client.post("/password-reset/", {"email": "nobody@else.example"})

    assert known.status_code == unknown.status_code == 200
    shown = [answer.content.replace(answer.context["email"].encode(), b"") for answer in (known, unknown)]
    tokens = re.compile(rb'(value|nonce)="[^"]{20,}"')
    assert tokens.sub(b"", shown[0]) == tokens.sub(b"", shown[1])


@pytest.mark.parametrize("token", ["x", "AAAA.bbbb", "%F0%9F%98%80.x"])
def test_a_made_up_link_changes_nothing(client: Client, db: None, token: str) -> None:
    assert client.post(f"/password-reset/{token}", {"password": NEW}).status_code == 410


# --- invitations -------------------------------------------------------------------------------------------


def test_a_newcomer_makes_an_account_and_is_in(client: Client, acme: Tenant) -> None:
    link = f"/invitations/{token_of(acme, 'new@acme.example')}"
    assert b"Join acme" in client.get(link).content.replace(b"Acme", b"acme")
    assert client.post(link, {"name": "New", "password": "short"}).status_code == 422

    answer = client.post(link, {"name": "New", "password": NEW})

    assert answer.headers["Location"] == "/t/acme/"
    assert client.get("/t/acme/").status_code == 200
    assert Membership.objects.get(user__email="new@acme.example").role == Role.EDITOR


def test_who_has_an_account_signs_in_first_and_joins_with_it(acme: Tenant) -> None:
    user = factories.make_user("old@acme.example")
    link = f"/invitations/{token_of(acme, user.email)}"
    client = Client()
    assert f'href="/sign-in/?next={link}"'.encode() in client.get(link).content
    assert client.post(link, {"name": "Thief", "password": NEW}).status_code == 422

    client.force_login(user)

    assert client.post(link).headers["Location"] == "/t/acme/"
    assert client.get(link).status_code == 410


def test_somebody_else_cannot_accept(signed_in: Client, acme: Tenant) -> None:
    link = f"/invitations/{token_of(acme, 'new@acme.example')}"

    assert b"Sign out, then open the invitation again." in signed_in.get(link).content
    assert signed_in.post(link).status_code == 422
    assert Invitation.objects.open().count() == 1
