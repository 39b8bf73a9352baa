"""Tests that nobody has an account in another's name for long: whoever reads the mailbox gets it, and gets it whole."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.enums import Role
from tenants.exceptions import CredentialError, MailboxUnprovenError
from tenants.models import Membership, RecoveryCode, SecondFactor, Tenant, User
from tenants.services import invitations, mailboxes, members, passwords, people, tokens
from tenants.tests import factories, mails
from tenants.tests.factories import bearer
from tenants.types import SYSTEM, Actor

JSON = "application/json"
VICTIM = "victim@corp.example"
THEIRS, OWN = "planted by somebody else", "chosen by the real person"
URL = "/v1/tenant/invitations"


@pytest.fixture
def with_mail(settings: Any) -> None:
    settings.MAIL_IS_SET_UP = True


@pytest.fixture
def impostor(acme: Tenant) -> Client:
    """Signed in to an account in the victim's name: made with a link that they were shown, with a factor of theirs."""
    _, token = invitations.create_invitation(by=SYSTEM, tenant=acme, email=VICTIM, role=Role.VIEWER)
    client = Client()
    joined = client.post(f"/invitations/{token}", {"name": "Me", "password": THEIRS})
    assert joined.status_code == 302
    factories.add_app(User.objects.get(email=VICTIM))
    # The first factor ends what was signed in before.
    client.force_login(User.objects.get(email=VICTIM))
    return client


def _pair_of_impostor() -> tokens.TokenPair:
    membership = Membership.objects.select_related("user", "tenant").get(user__email=VICTIM)
    return tokens.start(membership)


def _invite(capture: mails.Capture, tenant: Tenant) -> str:
    """The token that the victim's mailbox gets."""
    with mails.sent(capture) as sent:
        invitations.create_invitation(by=SYSTEM, tenant=tenant, email=VICTIM, role=Role.EDITOR)
    return mails.token_in(sent[0])


def _is_in(tenant: Tenant) -> bool:
    return Membership.objects.filter(tenant=tenant, user__email=VICTIM, is_active=True).exists()


# --- links ---------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("with_mail")
def test_links_go_by_mail_only(client: Client, acme: Tenant, access_token: str, owner: Membership) -> None:
    made = client.post(URL, {"email": VICTIM, "role": "admin"}, content_type=JSON, headers=bearer(access_token))
    again = client.post(f"{URL}/{made.json()['id']}/resend", content_type=JSON, headers=bearer(access_token))
    client.force_login(owner.user)
    page = client.post(f"/t/acme/settings/invitations/{made.json()['id']}/resend/")
    other = client.post("/t/acme/settings/members/invite/", {"email": "new@corp.example", "role": "viewer"})
    assert (made.json()["link"], again.json()["link"]) == ("", "")
    for answer in (made, again, page, other):
        assert answer.status_code < 300
        assert "/invitations/" not in answer.content.decode().replace("/settings/invitations/", "")


def test_without_a_mail_server_the_link_is_shown_and_proves_nothing(impostor: Client) -> None:
    assert User.objects.get(email=VICTIM).email_proven_at is None


@pytest.mark.usefixtures("with_mail")
def test_a_mailed_link_proves_the_mailbox(acme: Tenant, django_capture_on_commit_callbacks: mails.Capture) -> None:
    token = _invite(django_capture_on_commit_callbacks, acme)
    invitations.join(token=token, name="V", password=OWN)
    assert User.objects.get(email=VICTIM).email_proven_at is not None


# --- an account in somebody's name ---------------------------------------------------------------------------


@pytest.mark.usefixtures("impostor")
@pytest.mark.parametrize("face", ["api", "page"])
def test_the_real_person_is_not_locked_out_when_another_tenant_invites_them(
    settings: Any, globex: Tenant, django_capture_on_commit_callbacks: mails.Capture, face: str
) -> None:
    pair = _pair_of_impostor()
    settings.MAIL_IS_SET_UP = True
    token = _invite(django_capture_on_commit_callbacks, globex)
    victim = Client()
    if face == "api":
        offer = victim.post("/v1/auth/invitation/preview", {"token": token}, content_type=JSON).json()
        assert offer["account_exists"] is False
        body = {"token": token, "name": "V", "password": OWN}
        assert victim.post("/v1/auth/invitation/accept", body, content_type=JSON).status_code == 200
    else:
        assert 'name="password"' in victim.get(f"/invitations/{token}").content.decode()
        assert victim.post(f"/invitations/{token}", {"name": "V", "password": OWN}).status_code == 302
        assert victim.get("/t/globex/").status_code == 200
    user = User.objects.get(email=VICTIM)
    assert user.check_password(OWN)
    assert user.email_proven_at is not None
    assert not SecondFactor.objects.filter(user=user).exists()
    assert not RecoveryCode.objects.filter(user=user).exists()
    assert Client().get("/v1/auth/me", headers=bearer(pair.access)).status_code == 401
    with pytest.raises(CredentialError):
        tokens.rotate(pair.refresh)


def test_whoever_made_the_account_is_signed_out_when_it_is_claimed(
    impostor: Client, settings: Any, globex: Tenant, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    assert impostor.get("/t/acme/").status_code == 200
    settings.MAIL_IS_SET_UP = True
    invitations.join(token=_invite(django_capture_on_commit_callbacks, globex), password=OWN)
    assert impostor.get("/t/acme/").status_code == 302
    assert impostor.get("/t/globex/").status_code == 302


@pytest.mark.usefixtures("impostor")
def test_a_reset_by_mail_gives_the_account_to_the_reader_of_the_mailbox() -> None:
    user = User.objects.get(email=VICTIM)
    passwords.reset(token=passwords.reset_token_of(user), password=OWN)
    assert tokens.issue(email=VICTIM, password=OWN, address="192.0.2.7").role == Role.VIEWER
    assert User.objects.get(email=VICTIM).email_proven_at is not None


def test_a_reset_takes_no_factor_from_who_has_shown_that_the_mailbox_is_theirs(owner: Membership) -> None:
    factories.add_app(owner.user)
    passwords.reset(token=passwords.reset_token_of(owner.user), password=OWN)
    assert SecondFactor.objects.filter(user=owner.user).exists()


def test_an_unproven_account_comes_into_no_other_tenant(impostor: Client, globex: Tenant) -> None:
    _, token = invitations.create_invitation(by=SYSTEM, tenant=globex, email=VICTIM, role=Role.ADMIN)
    user = User.objects.get(email=VICTIM)
    impostor.post(f"/invitations/{token}")
    pair = _pair_of_impostor()
    answer = Client().post(
        "/v1/auth/invitation/accept", {"token": token}, content_type=JSON, headers=bearer(pair.access)
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "mailbox_unproven")
    with pytest.raises(MailboxUnprovenError):
        members.add_member(by=SYSTEM, tenant=globex, email=VICTIM, role=Role.OWNER)
    assert not _is_in(globex)
    mailboxes.vouch(by=SYSTEM, user=user)
    impostor.post(f"/invitations/{token}")
    assert _is_in(globex)


@pytest.mark.usefixtures("with_mail")
def test_no_mail_of_a_tenant_claims_an_account_of_the_platforms_staff(
    globex: Tenant, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    factories.make_user(VICTIM, is_staff=True, email_proven_at=None)
    token = _invite(django_capture_on_commit_callbacks, globex)
    with pytest.raises(CredentialError):
        invitations.join(token=token, password=OWN)


@pytest.mark.usefixtures("with_mail")
def test_no_mail_of_a_tenant_revives_somebody_who_was_switched_off(
    globex: Tenant, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    factories.make_user(VICTIM, is_active=False, email_proven_at=None)
    token = _invite(django_capture_on_commit_callbacks, globex)
    with pytest.raises(CredentialError):
        invitations.join(token=token, password=OWN)


@pytest.mark.usefixtures("with_mail")
def test_a_proven_account_still_asks_for_its_own_password(
    globex: Tenant, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    factories.make_user(VICTIM)
    token = _invite(django_capture_on_commit_callbacks, globex)
    assert invitations.preview(token).account_exists
    with pytest.raises(CredentialError):
        invitations.join(token=token, password=OWN)
    invitations.join(token=token, password=factories.PASSWORD)
    assert _is_in(globex)


@pytest.mark.django_db
def test_accounts_that_staff_make_and_new_addresses_are_unproven() -> None:
    root = factories.make_user("root@platform.example", is_staff=True, is_superuser=True)
    by = Actor(type="staff", id=root.pk, label=root.email)
    assert people.invite_user(by=by, email="made@corp.example").email_proven_at is None
    moved = factories.make_user("old@corp.example")
    moved.email = VICTIM
    people.save_user(by=by, user=moved, changed=["email"])
    assert User.objects.get(email=VICTIM).email_proven_at is None


@pytest.mark.django_db
def test_staff_vouch_on_a_page_of_the_admin(client: Client) -> None:
    client.force_login(factories.make_user("root@platform.example", is_staff=True, is_superuser=True))
    user = factories.make_user(VICTIM, email_proven_at=None)
    client.post("/admin/tenants/user/", {"action": "vouch", "_selected_action": [str(user.pk)]})
    assert User.objects.get(pk=user.pk).email_proven_at is not None
