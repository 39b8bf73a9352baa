"""Tests that the platform's staff put nobody into a tenant that has owners, by any face, in however many steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from chatcms.core.exceptions import PermissionDeniedError
from tenants.enums import RequestState, Role
from tenants.exceptions import ApprovalNeededError, GrantNeededError, LastOwnerError, RequestAnsweredError
from tenants.models import AuditEvent, MemberRequest, Membership, Tenant, User
from tenants.models.requests import ANSWER_WITHIN
from tenants.services import members, people, requests
from tenants.services.factors import managing
from tenants.tests import factories, mails
from tenants.types import SYSTEM, Actor

PUPPET = "puppet@platform.example"


@pytest.fixture
def root(client: Client, db: None) -> Actor:
    """One of the platform's staff with every right, signed in to the admin."""
    user = factories.make_user("root@platform.example", is_staff=True, is_superuser=True)
    client.force_login(user)
    return Actor(type="staff", id=user.pk, label=user.email)


@pytest.fixture
def puppet(db: None) -> User:
    return factories.make_user(PUPPET)


def _role(tenant: Tenant) -> str | None:
    found = Membership.objects.filter(tenant=tenant, user__email=PUPPET, is_active=True)
    return found.values_list("role", flat=True).first()


def _by_api(client: Client, tenant: Tenant) -> None:
    asked = {"email": "root@platform.example", "password": factories.PASSWORD}
    token = client.post("/v1/admin/token", asked, content_type="application/json").json()["access"]
    url = f"/v1/admin/tenants/{tenant.pk}/owners"
    answer = client.post(url, {"email": PUPPET}, content_type="application/json", headers=factories.bearer(token))
    assert answer.status_code == 202


def _by_admin(client: Client, tenant: Tenant) -> None:
    fields = {"user": str(User.objects.get(email=PUPPET).pk), "tenant": str(tenant.pk), "role": "owner"}
    assert client.post("/admin/tenants/membership/add/", fields).status_code == 302


FACES: dict[str, Callable[[Client, Tenant], None]] = {"api": _by_api, "admin": _by_admin}


@pytest.mark.usefixtures("root", "puppet")
@pytest.mark.parametrize("face", FACES)
def test_an_owner_added_by_staff_waits_and_every_owner_gets_a_mail(
    client: Client, owner: Membership, face: str, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    factories.make_member(owner.tenant, "second@acme.example", role=Role.OWNER)
    with mails.sent(django_capture_on_commit_callbacks) as sent:
        FACES[face](client, owner.tenant)
    assert _role(owner.tenant) is None
    assert sorted(to for one in sent for to in one.to) == ["owner@acme.example", "second@acme.example"]
    assert all(PUPPET in str(one.body) for one in sent)
    assert AuditEvent.objects.filter(action="member_request.ask", tenant_id=owner.tenant_id).count() == 1


@pytest.mark.parametrize("role", Role)
def test_no_role_is_given_at_once(owner: Membership, root: Actor, puppet: User, role: Role) -> None:
    with pytest.raises(ApprovalNeededError):
        members.add_member(by=root, tenant=owner.tenant, email=puppet.email, role=role)


def test_no_member_gets_a_higher_role_or_comes_back_through_staff(owner: Membership, root: Actor) -> None:
    low = factories.make_member(owner.tenant, PUPPET, role=Role.VIEWER)
    with pytest.raises(ApprovalNeededError):
        members.change_role(by=root, membership=low, role=Role.OWNER)
    Membership.objects.filter(pk=low.pk).update(is_active=False)
    with pytest.raises(ApprovalNeededError):
        members.change_member(by=root, membership=low, is_active=True)


def test_a_higher_role_in_the_admin_becomes_a_request(client: Client, owner: Membership, root: Actor) -> None:
    low = factories.make_member(owner.tenant, PUPPET, role=Role.VIEWER)
    client.post(f"/admin/tenants/membership/{low.pk}/change/", {"role": "owner"})
    assert _role(owner.tenant) == Role.VIEWER
    assert MemberRequest.objects.get().role == Role.OWNER


def test_the_first_owner_of_a_tenant_comes_at_once(acme: Tenant, root: Actor, puppet: User) -> None:
    made = requests.add_or_ask(by=root, tenant=acme, email=puppet.email, role=Role.OWNER)
    assert isinstance(made, Membership)
    assert _role(acme) == Role.OWNER


@pytest.mark.parametrize("how", ["removed", "demoted", "shut out", "switched off"])
def test_taking_the_owners_away_first_does_not_help(owner: Membership, root: Actor, puppet: User, how: str) -> None:
    acts: dict[str, Callable[[], Any]] = {
        "removed": lambda: members.remove_member(by=root, membership=owner),
        "demoted": lambda: members.change_role(by=root, membership=owner, role=Role.VIEWER),
        "shut out": lambda: members.change_member(by=root, membership=owner, is_active=False),
        "switched off": lambda: people.change_user(by=root, user=owner.user, is_active=False),
    }
    if how == "switched off":
        acts[how]()
    else:
        with pytest.raises(LastOwnerError):
            acts[how]()
    assert isinstance(requests.add_or_ask(by=root, tenant=owner.tenant, email=PUPPET, role=Role.OWNER), MemberRequest)
    assert _role(owner.tenant) is None


def test_staff_do_not_ask_for_themselves(owner: Membership, root: Actor) -> None:
    with pytest.raises(GrantNeededError):
        requests.add_or_ask(by=root, tenant=owner.tenant, email=root.label, role=Role.OWNER)


# --- answering -----------------------------------------------------------------------------------------------


@pytest.fixture
def asked(owner: Membership, root: Actor, puppet: User) -> MemberRequest:
    made = requests.add_or_ask(by=root, tenant=owner.tenant, email=puppet.email, role=Role.OWNER)
    assert isinstance(made, MemberRequest)
    return made


@pytest.mark.parametrize(("answer", "state"), [("approve", "approved"), ("decline", "declined")])
def test_an_owner_answers_on_the_page(owner: Membership, asked: MemberRequest, answer: str, state: str) -> None:
    browser = Client()
    browser.force_login(owner.user)
    assert PUPPET in browser.get("/t/acme/settings/security/").content.decode()
    browser.post(f"/t/acme/settings/security/members/{asked.pk}/{answer}/")
    asked.refresh_from_db()
    assert (asked.state, _role(owner.tenant)) == (state, Role.OWNER if answer == "approve" else None)
    assert AuditEvent.objects.filter(action=f"member_request.{answer}", actor_id=owner.user_id).exists()
    with pytest.raises(RequestAnsweredError):
        requests.approve(by=factories.actor_of(owner), request=asked)


@pytest.mark.parametrize("who", ["admin", "the one it is about", "staff", "the system", "another tenant's owner"])
def test_nobody_else_answers(owner: Membership, asked: MemberRequest, root: Actor, globex: Tenant, who: str) -> None:
    browser = Client()
    if who == "admin":
        by = factories.actor_of(factories.make_member(owner.tenant, role=Role.ADMIN))
    elif who == "the one it is about":
        by = factories.actor_of(factories.make_member(owner.tenant, PUPPET, role=Role.OWNER))
    elif who == "another tenant's owner":
        browser.force_login(factories.make_member(globex, "g@globex.example").user)
        assert browser.post(f"/t/globex/settings/security/members/{asked.pk}/approve/").status_code == 404
        return
    else:
        by = root if who == "staff" else SYSTEM
    for act in (requests.approve, requests.decline):
        with pytest.raises(PermissionDeniedError):
            act(by=by, request=asked)


def test_what_nobody_answers_lapses(owner: Membership, asked: MemberRequest) -> None:
    MemberRequest.objects.update(created_at=asked.created_at - ANSWER_WITHIN)
    asked.refresh_from_db()
    assert asked.state == RequestState.LAPSED
    with pytest.raises(RequestAnsweredError):
        requests.approve(by=factories.actor_of(owner), request=asked)


def test_asking_twice_is_one_request(owner: Membership, asked: MemberRequest, root: Actor) -> None:
    requests.add_or_ask(by=root, tenant=owner.tenant, email=PUPPET, role=Role.OWNER)
    assert MemberRequest.objects.get() == asked


# --- an owner's account --------------------------------------------------------------------------------------


def _new_address(by: Actor, user: User) -> None:
    user.email = "taken@platform.example"
    people.save_user(by=by, user=user, changed=["email"])


TAKEOVERS: dict[str, Callable[[Actor, User], Any]] = {
    "password": lambda by, user: people.password_was_set(by=by, user=user),
    "second factor": lambda by, user: managing.reset(by=by, user=user),
    "address": _new_address,
    "switched off": lambda by, user: people.change_user(by=by, user=user, is_active=False),
}


@pytest.mark.parametrize("is_off", [False, True])
@pytest.mark.parametrize("way", TAKEOVERS)
def test_whoever_touches_an_owners_account_is_seen_by_every_owner(
    owner: Membership, root: Actor, way: str, is_off: bool, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    factories.make_member(owner.tenant, "second@acme.example", role=Role.OWNER)
    if is_off:
        User.objects.filter(pk=owner.user_id).update(is_active=False)
        owner.user.refresh_from_db()
    before = AuditEvent.objects.filter(tenant_id=owner.tenant_id).count()
    with mails.sent(django_capture_on_commit_callbacks) as sent:
        TAKEOVERS[way](root, owner.user)
    assert "second@acme.example" in {to for one in sent for to in one.to}
    assert AuditEvent.objects.filter(tenant_id=owner.tenant_id).count() > before
