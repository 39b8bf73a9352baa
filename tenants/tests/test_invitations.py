"""Tests of inviting people, and of accepting."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from chatcms.core.exceptions import AppError
from tenants.enums import Role, TenantStatus
from tenants.exceptions import (
    AlreadyInvitedError,
    AlreadyMemberError,
    InvitationUsedError,
    MemberQuotaError,
    NoSuchInvitationError,
    RoleNotYoursToGiveError,
    TooManyAttemptsError,
)
from tenants.models import AuditEvent, Invitation, Membership, Plan, Tenant, TenantSettings, User
from tenants.services import attempts, invitations, members, tokens
from tenants.tests import factories, mails
from tenants.tests.factories import PASSWORD, bearer
from tenants.types import SYSTEM, Actor

JSON = "application/json"
GRACE = "grace@acme.example"


def _invite(by: Actor, tenant: Tenant, email: str = GRACE, role: Role = Role.EDITOR) -> tuple[Invitation, str]:
    return invitations.create_invitation(by=by, tenant=tenant, email=email, role=role)


def _post(client: Client, what: str, body: dict[str, Any], who: str = "") -> Any:
    headers = bearer(who) if who else {}
    return client.post(f"/v1/auth/invitation/{what}", body, content_type=JSON, headers=headers)


def _bound(tenant: Tenant, **limits: int) -> None:
    tenant.plan = Plan.objects.create(code="small", name="Small", **limits)
    tenant.save()


# --- inviting ------------------------------------------------------------------------------------------------


def test_the_invited_person_gets_a_mail_with_the_link(
    acme: Tenant, by_owner: Actor, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    with mails.sent(django_capture_on_commit_callbacks) as found:
        invitation, token = _invite(by_owner, acme, " Grace@Acme.example ")
    (message,) = found
    assert message.to == [GRACE] == [invitation.email]
    assert mails.token_in(message) == token
    assert invitations.link_of(token) in message.body
    assert "Acme" in message.subject


def test_only_a_hash_of_the_token_is_kept(acme: Tenant, by_owner: Actor) -> None:
    invitation, token = _invite(by_owner, acme)
    row = Invitation.objects.filter(pk=invitation.pk).values().get()
    assert token not in str(row)
    assert token not in str(list(AuditEvent.objects.values()))


def test_no_name_adds_lines_to_a_mail(
    acme: Tenant, by_owner: Actor, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    acme.name = "Acme\nBcc: all@acme.example\n\nSend your password to"
    with mails.sent(django_capture_on_commit_callbacks) as found:
        _invite(by_owner, acme)
    quoted = "Acme Bcc: all[@]acme[.]example Send your password to"
    assert found[0].subject == f"Invitation to join “{quoted}” on Chat AI CMS"
    assert found[0].recipients() == [GRACE]


def test_nobody_is_invited_twice_or_as_a_member(acme: Tenant, by_owner: Actor, owner: Membership) -> None:
    _invite(by_owner, acme)
    with pytest.raises(AlreadyInvitedError):
        _invite(by_owner, acme, GRACE.upper())
    with pytest.raises(AlreadyMemberError):
        _invite(by_owner, acme, owner.user.email)


def test_an_expired_invitation_makes_room_for_another(acme: Tenant, by_owner: Actor) -> None:
    old, _ = _invite(by_owner, acme)
    Invitation.objects.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    new, _ = _invite(by_owner, acme)
    assert list(Invitation.objects.filter(tenant=acme)) == [new]


@pytest.mark.parametrize(
    ("own", "given", "is_refused"),
    [
        (Role.OWNER, Role.OWNER, False),
        (Role.ADMIN, Role.ADMIN, False),
        (Role.ADMIN, Role.OWNER, True),
        (Role.EDITOR, Role.ADMIN, True),
    ],
)
def test_nobody_gives_more_than_they_are(acme: Tenant, own: Role, given: Role, is_refused: bool) -> None:
    by = factories.actor_of(factories.make_member(acme, "giver@acme.example", role=own))
    if is_refused:
        with pytest.raises(RoleNotYoursToGiveError):
            _invite(by, acme, role=given)
    else:
        assert _invite(by, acme, role=given)


def test_an_admin_neither_revokes_nor_sends_again_what_makes_an_owner(acme: Tenant, by_owner: Actor) -> None:
    invitation, _ = _invite(by_owner, acme, role=Role.OWNER)
    admin = factories.actor_of(factories.make_member(acme, role=Role.ADMIN))
    for act in (invitations.revoke_invitation, invitations.resend_invitation):
        with pytest.raises(RoleNotYoursToGiveError):
            act(by=admin, invitation=invitation)
    assert Invitation.objects.filter(pk=invitation.pk).exists()


def test_open_invitations_take_places_of_the_plan(acme: Tenant, by_owner: Actor) -> None:
    _bound(acme, max_members=2)
    _invite(by_owner, acme)
    with pytest.raises(MemberQuotaError):
        _invite(by_owner, acme, "alan@acme.example")


def test_a_mailbox_is_not_filled_with_invitations(acme: Tenant, by_owner: Actor) -> None:
    invitation, _ = _invite(by_owner, acme)
    for _ in range(attempts.MAILS_PER_PERSON - 1):
        invitations.resend_invitation(by=by_owner, invitation=invitation)
    with pytest.raises(TooManyAttemptsError):
        invitations.resend_invitation(by=by_owner, invitation=invitation)


def test_sent_again_the_new_link_is_good_and_the_old_one_not(acme: Tenant, by_owner: Actor) -> None:
    invitation, old = _invite(by_owner, acme)
    Invitation.objects.filter(pk=invitation.pk).update(expires_at=timezone.now() - timedelta(days=1))
    new = invitations.resend_invitation(by=by_owner, invitation=invitation)
    assert invitations.preview(new).invitation == invitation
    with pytest.raises(NoSuchInvitationError):
        invitations.preview(old)


def test_what_was_accepted_is_neither_sent_again_nor_revoked(acme: Tenant, by_owner: Actor) -> None:
    invitation, token = _invite(by_owner, acme)
    invitations.accept(token=token, password=PASSWORD)
    for act in (invitations.revoke_invitation, invitations.resend_invitation):
        with pytest.raises(InvitationUsedError):
            act(by=by_owner, invitation=invitation)


def test_each_step_is_on_record(acme: Tenant, by_owner: Actor) -> None:
    invitation, _ = _invite(by_owner, acme)
    invitations.resend_invitation(by=by_owner, invitation=invitation)
    invitations.revoke_invitation(by=by_owner, invitation=invitation)
    lines = AuditEvent.objects.filter(target_id=str(invitation.pk), tenant_id=acme.pk).order_by("id")
    assert [line.action for line in lines] == ["invitation.create", "invitation.resend", "invitation.revoke"]


# --- looking at one ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exists", [True, False])
def test_whoever_has_the_token_sees_what_is_offered(
    client: Client, acme: Tenant, by_owner: Actor, exists: bool
) -> None:
    if exists:
        factories.make_user(GRACE)
    _, token = _invite(by_owner, acme)
    answer = _post(client, "preview", {"token": token})
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["email"], shown["role"], shown["tenant"]["slug"]) == (GRACE, "editor", "acme")
    assert shown["account_exists"] is exists
    assert token not in answer.content.decode()


@pytest.mark.parametrize("end", ["revoked", "expired", "accepted", "tenant shut", "never there"])
def test_an_invitation_that_is_no_longer_good_is_not_there(
    client: Client, acme: Tenant, by_owner: Actor, end: str
) -> None:
    invitation, token = _invite(by_owner, acme)
    if end == "revoked":
        invitations.revoke_invitation(by=by_owner, invitation=invitation)
    elif end == "expired":
        Invitation.objects.update(expires_at=timezone.now())
    elif end == "accepted":
        invitations.accept(token=token, password=PASSWORD)
    elif end == "tenant shut":
        Tenant.objects.filter(pk=acme.pk).update(status=TenantStatus.SUSPENDED)
    else:
        token = "x" + token[1:] if token[0] != "x" else "y" + token[1:]
    for what in ("preview", "accept"):
        answer = _post(client, what, {"token": token, "password": PASSWORD} if what == "accept" else {"token": token})
        assert (answer.status_code, answer.json()["code"]) == (404, "no_such_invitation")


# --- accepting -----------------------------------------------------------------------------------------------


def test_a_new_person_gets_an_account_and_is_signed_in(client: Client, acme: Tenant, by_owner: Actor) -> None:
    invitation, token = _invite(by_owner, acme)
    answer = _post(client, "accept", {"token": token, "name": "Grace", "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    assert (answer.json()["tenant"]["slug"], answer.json()["role"]) == ("acme", "editor")
    me = client.get("/v1/auth/me", headers=bearer(answer.json()["access"])).json()
    assert (me["label"], me["name"]) == (GRACE, "Grace")
    line = AuditEvent.objects.get(action="invitation.accept")
    assert (line.actor_label, line.target_id, line.tenant_id) == (GRACE, str(invitation.pk), acme.pk)


def test_who_is_signed_in_elsewhere_needs_no_password(
    client: Client, acme: Tenant, by_owner: Actor, globex_owner: Membership
) -> None:
    _, token = _invite(by_owner, acme, globex_owner.user.email)
    access = factories.make_token_pair(globex_owner).access
    answer = _post(client, "accept", {"token": token}, access)
    assert answer.json()["tenant"]["slug"] == "acme"
    assert client.get("/v1/auth/me", headers=bearer(access)).json()["tenant"]["slug"] == "globex"


def test_who_has_an_account_proves_it_with_its_password(client: Client, acme: Tenant, by_owner: Actor) -> None:
    user = factories.make_user(GRACE)
    _, token = _invite(by_owner, acme)
    assert _post(client, "accept", {"token": token, "password": "another horse battery"}).status_code == 401
    assert _post(client, "accept", {"token": token}).status_code == 401
    assert not Membership.objects.filter(user=user).exists()
    assert _post(client, "accept", {"token": token, "password": PASSWORD}).status_code == 200
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_who_has_a_second_factor_shows_it(client: Client, acme: Tenant, by_owner: Actor) -> None:
    app = factories.add_app(factories.make_user(GRACE))
    _, token = _invite(by_owner, acme)
    asked = {"token": token, "password": PASSWORD}
    assert _post(client, "accept", asked).json()["code"] == "second_factor_required"
    assert not Membership.objects.filter(user__email=GRACE).exists()
    assert _post(client, "accept", {**asked, "otp": app.now()}).status_code == 200


def test_where_a_second_factor_is_asked_for_one_joins_and_signs_in_once_one_is_added(
    client: Client, acme: Tenant, by_owner: Actor
) -> None:
    TenantSettings.objects.create(tenant=acme, require_second_factor=True)
    _, token = _invite(by_owner, acme)
    answer = _post(client, "accept", {"token": token, "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (403, "second_factor_demanded")
    member = Membership.objects.get(user__email=GRACE)
    app = factories.add_app(member.user)
    assert tokens.issue(email=GRACE, password=PASSWORD, otp=app.now())


def test_an_account_without_a_password_is_nobodys_to_take(client: Client, acme: Tenant, by_owner: Actor) -> None:
    User.objects.create_user(GRACE)
    _, token = _invite(by_owner, acme)
    for password in ("", PASSWORD):
        assert _post(client, "accept", {"token": token, "password": password}).status_code == 401


def test_an_invitation_is_for_the_invited_person_alone(
    client: Client, acme: Tenant, by_owner: Actor, globex_owner: Membership, globex_api_key: str
) -> None:
    _, token = _invite(by_owner, acme)
    for credential in (factories.make_token_pair(globex_owner).access, globex_api_key):
        answer = _post(client, "accept", {"token": token}, credential)
        assert (answer.status_code, answer.json()["code"]) == (403, "invited_somebody_else")
    assert Invitation.objects.open().exists()


def test_a_wrong_credential_is_not_taken_for_none(client: Client, acme: Tenant, by_owner: Actor) -> None:
    _, token = _invite(by_owner, acme)
    assert _post(client, "accept", {"token": token, "password": PASSWORD}, "cms_live_nonsense").status_code == 401


def test_a_weak_password_leaves_the_invitation_open(client: Client, acme: Tenant, by_owner: Actor) -> None:
    _, token = _invite(by_owner, acme)
    for body, code in (({}, "invalid_input"), ({"password": "short"}, "weak_password")):
        answer = _post(client, "accept", {"token": token, **body})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
        assert answer.json()["errors"][0]["pointer"] == "/password"
    assert not User.objects.filter(email=GRACE).exists()
    assert _post(client, "accept", {"token": token, "password": PASSWORD}).status_code == 200


def test_a_former_member_comes_back_with_the_role_of_the_invitation(acme: Tenant, by_owner: Actor) -> None:
    former = factories.make_member(acme, GRACE, role=Role.ADMIN)
    members.change_member(by=SYSTEM, membership=former, is_active=False)
    _, token = _invite(by_owner, acme, role=Role.VIEWER)
    invitations.accept(token=token, password=PASSWORD)
    former.refresh_from_db()
    assert (former.role, former.is_active) == (Role.VIEWER, True)


def test_who_became_a_member_meanwhile_keeps_their_role(acme: Tenant, by_owner: Actor) -> None:
    _, token = _invite(by_owner, acme, role=Role.VIEWER)
    member = factories.make_member(acme, GRACE, role=Role.ADMIN)
    with pytest.raises(AlreadyMemberError):
        invitations.accept(token=token, password=PASSWORD)
    member.refresh_from_db()
    assert member.role == Role.ADMIN


def test_the_last_place_may_be_gone_when_one_accepts(acme: Tenant, by_owner: Actor) -> None:
    _, token = _invite(by_owner, acme)
    _bound(acme, max_members=1)
    with pytest.raises(MemberQuotaError):
        invitations.accept(token=token, password=PASSWORD)
    assert not User.objects.filter(email=GRACE).exists()


@pytest.mark.django_db(transaction=True)
def test_accepted_at_once_from_ten_places_it_is_accepted_once(acme: Tenant, by_owner: Actor) -> None:
    _, token = _invite(by_owner, acme)

    def accept(number: int) -> bool:
        try:
            return bool(invitations.accept(token=token, password=PASSWORD, address=f"192.0.2.{number}"))
        except AppError:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(accept, range(10))) == 1
    assert Membership.objects.filter(tenant=acme, user__email=GRACE).count() == 1
    assert AuditEvent.objects.filter(action="invitation.accept").count() == 1
