"""Tests that nobody who goes leaves a door open: neither an invitation that they sent nor a key that they made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from tenants.enums import LeftKeys, Role, Scope
from tenants.exceptions import KeysToNobodyError, NoSuchInvitationError
from tenants.models import ApiKey, AuditEvent, Invitation, Membership, Tenant, User
from tenants.services import api_keys, invitations, members, people
from tenants.tests import factories
from tenants.tests.factories import bearer
from tenants.types import SYSTEM, Actor

JSON = "application/json"


@pytest.fixture
def mallory(owner: Membership) -> Membership:
    """An admin who is going to go."""
    return factories.make_member(owner.tenant, "mallory@acme.example", role=Role.ADMIN)


@pytest.fixture
def doors(mallory: Membership) -> dict[str, str]:
    """What mallory leaves: an invitation, a key, a key of that key, and an invitation by it."""
    by, tenant = factories.actor_of(mallory), mallory.tenant
    _, token = invitations.create_invitation(by=by, tenant=tenant, email="puppet@evil.example", role=Role.ADMIN)
    _, key = api_keys.create_api_key(by=by, tenant=tenant, name="Mine", scopes=list(Scope))
    actor, _ = api_keys.authenticate(key)
    _, second = api_keys.create_api_key(by=actor, tenant=tenant, name="Its", scopes=[Scope.READ])
    _, other = invitations.create_invitation(by=actor, tenant=tenant, email="doll@evil.example", role=Role.VIEWER)
    return {"token": token, "key": key, "second": second, "other": other}


def _open(client: Client, doors: dict[str, str]) -> set[str]:
    """The doors that still let somebody in."""
    found = {name for name in ("token", "other") if _is_offered(doors[name])}
    answers = {name: client.get("/v1/auth/me", headers=bearer(doors[name])) for name in ("key", "second")}
    return found | {name for name, answer in answers.items() if answer.status_code == 200}


def _is_offered(token: str) -> bool:
    try:
        invitations.preview(token)
    except NoSuchInvitationError:
        return False
    return True


def _switch_off(by: Actor, mallory: Membership) -> None:
    staff = factories.make_user("clerk@platform.example", is_staff=True, is_superuser=True)
    actor = Actor(type="staff", id=staff.pk, label=staff.email)
    people.change_user(by=actor, user=mallory.user, is_active=False)
    people.change_user(by=actor, user=User.objects.get(pk=mallory.user_id), is_active=True)


WAYS_OUT: dict[str, Callable[[Actor, Membership], Any]] = {
    "removed": lambda by, one: members.remove_member(by=by, membership=one),
    "left": lambda by, one: members.remove_member(by=factories.actor_of(one), membership=one),
    "removed by the platform": lambda by, one: members.remove_member(by=SYSTEM, membership=one),
    "shut out": lambda by, one: members.change_member(by=by, membership=one, is_active=False),
    "demoted to editor": lambda by, one: members.change_role(by=by, membership=one, role=Role.EDITOR),
    "demoted to viewer": lambda by, one: members.change_role(by=by, membership=one, role=Role.VIEWER),
    "switched off and on": _switch_off,
}


@pytest.mark.parametrize("way", WAYS_OUT)
def test_whoever_goes_leaves_no_door_open(
    client: Client, owner: Membership, mallory: Membership, doors: dict[str, str], way: str
) -> None:
    assert _open(client, doors) == set(doors)
    WAYS_OUT[way](factories.actor_of(owner), mallory)
    assert _open(client, doors) == set()
    assert AuditEvent.objects.filter(action="invitation.revoke", tenant_id=owner.tenant_id).count() == 2
    assert AuditEvent.objects.filter(action="api_key.revoke", tenant_id=owner.tenant_id).count() == 2


def test_coming_back_opens_no_door_again(
    client: Client, owner: Membership, mallory: Membership, doors: dict[str, str]
) -> None:
    by = factories.actor_of(owner)
    members.remove_member(by=by, membership=mallory)
    factories.make_member(owner.tenant, mallory.user.email, role=Role.ADMIN)
    assert _open(client, doors) == set()


def test_an_owner_who_becomes_an_admin_gives_owners_no_more(client: Client, owner: Membership) -> None:
    second = factories.make_member(owner.tenant, "second@acme.example", role=Role.OWNER)
    by, tenant = factories.actor_of(second), owner.tenant
    _, above = invitations.create_invitation(by=by, tenant=tenant, email="a@evil.example", role=Role.OWNER)
    _, within = invitations.create_invitation(by=by, tenant=tenant, email="b@evil.example", role=Role.ADMIN)
    _, key = api_keys.create_api_key(by=by, tenant=tenant, name="Mine", scopes=[Scope.ADMIN])
    members.change_role(by=factories.actor_of(owner), membership=second, role=Role.ADMIN)
    assert (_is_offered(above), _is_offered(within)) == (False, True)
    assert client.get("/v1/auth/me", headers=bearer(key)).status_code == 200


def test_an_invitation_is_good_only_while_whoever_sent_it_may_give_it(owner: Membership, mallory: Membership) -> None:
    """Also when they went while it was being sent, or before this product took invitations back."""
    _, token = invitations.create_invitation(
        by=factories.actor_of(mallory), tenant=owner.tenant, email="puppet@evil.example", role=Role.ADMIN
    )
    Membership.objects.filter(pk=mallory.pk).update(role=Role.EDITOR)
    assert not _is_offered(token)
    with pytest.raises(NoSuchInvitationError):
        invitations.join(token=token, name="P", password=factories.PASSWORD)


def test_keys_are_kept_by_whoever_answers_for_them(
    client: Client, owner: Membership, mallory: Membership, doors: dict[str, str], access_token: str
) -> None:
    url = f"/v1/tenant/members/{mallory.pk}?keys=keep"
    assert client.delete(url, headers=bearer(access_token)).status_code == 204
    assert _open(client, doors) == {"key", "second"}
    shown = client.get("/v1/tenant/api-keys", headers=bearer(access_token)).json()["results"]
    assert {(key["made_by"], key["maker_removed"]) for key in shown} == {(owner.user.email, False)}
    assert AuditEvent.objects.filter(action="api_key.hand_over", actor_id=owner.user_id).count() == 2
    assert Invitation.objects.count() == 0


def test_without_a_word_removal_through_the_api_revokes(
    client: Client, mallory: Membership, doors: dict[str, str], access_token: str
) -> None:
    client.delete(f"/v1/tenant/members/{mallory.pk}", headers=bearer(access_token))
    assert _open(client, doors) == set()


def test_a_change_through_the_api_says_what_becomes_of_keys(
    client: Client, mallory: Membership, doors: dict[str, str], access_token: str
) -> None:
    url = f"/v1/tenant/members/{mallory.pk}"
    body = {"role": "viewer", "keys": "keep"}
    assert client.patch(url, body, content_type=JSON, headers=bearer(access_token)).status_code == 200
    assert _open(client, doors) == {"key", "second"}


@pytest.mark.parametrize("who", ["oneself", "a key of theirs", "the platform"])
def test_nobody_keeps_keys_in_the_name_of_who_goes(mallory: Membership, doors: dict[str, str], who: str) -> None:
    by = {
        "oneself": factories.actor_of(mallory),
        "a key of theirs": api_keys.authenticate(doors["key"])[0],
        "the platform": SYSTEM,
    }[who]
    with pytest.raises(KeysToNobodyError):
        members.remove_member(by=by, membership=mallory, keys=LeftKeys.KEEP)
    assert Membership.objects.filter(pk=mallory.pk).exists()
    assert not ApiKey.objects.filter(revoked_at__isnull=False).exists()


def test_the_page_shows_what_stays_open_and_does_what_was_chosen(
    client: Client, owner: Membership, mallory: Membership, doors: dict[str, str]
) -> None:
    client.force_login(owner.user)
    page = f"/t/acme/settings/members/{mallory.pk}/"
    shown = client.get(page).content.decode()
    assert all(text in shown for text in ("puppet@evil.example", "doll@evil.example", "Mine", "Its"))
    client.post(f"{page}remove/", {"keys": "keep"})
    assert _open(client, doors) == {"key", "second"}


def test_the_page_revokes_unless_told_otherwise(
    client: Client, owner: Membership, mallory: Membership, doors: dict[str, str]
) -> None:
    client.force_login(owner.user)
    client.post(f"/t/acme/settings/members/{mallory.pk}/", {"role": "viewer"})
    assert _open(client, doors) == set()


def test_others_of_the_tenant_and_other_tenants_keep_theirs(
    client: Client, owner: Membership, mallory: Membership, globex: Tenant
) -> None:
    _, ours = api_keys.create_api_key(
        by=factories.actor_of(owner), tenant=owner.tenant, name="Ours", scopes=[Scope.READ]
    )
    there = factories.make_member(globex, mallory.user.email, role=Role.ADMIN)
    _, theirs = api_keys.create_api_key(by=factories.actor_of(there), tenant=globex, name="G", scopes=[Scope.READ])
    members.remove_member(by=factories.actor_of(owner), membership=mallory)
    for key in (ours, theirs):
        assert client.get("/v1/auth/me", headers=bearer(key)).status_code == 200
