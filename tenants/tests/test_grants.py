"""Tests of letting the platform's staff into a tenant, and of what the tenant sees of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from chatcms.core.exceptions import InvalidInputError, PermissionDeniedError
from tenants import audit, permissions
from tenants.enums import GrantRole, GrantState, Role
from tenants.exceptions import (
    GrantClosedError,
    GrantNeededError,
    GrantOpenError,
    NoSuchTenantError,
    RoleNotYoursToGiveError,
    SecondFactorDemandedError,
)
from tenants.models import AccessGrant, AuditEvent, Membership, Tenant, TenantSettings, User
from tenants.models.grants import ANSWER_WITHIN, LONGEST
from tenants.permissions import Capability
from tenants.services import grants, lifecycle, members
from tenants.services.portal_access import open_tenant
from tenants.tests import factories
from tenants.tests.mails import sent
from tenants.types import SYSTEM, Actor

JSON = "application/json"


@pytest.fixture
def sam(db: None) -> User:
    """Somebody of the platform's staff."""
    return factories.make_user("sam@platform.example", is_staff=True)


def by_staff(user: User) -> Actor:
    return Actor(type="staff", id=user.pk, label=user.email)


def ask(sam: User, tenant: Tenant, **changes: Any) -> AccessGrant:
    asked: dict[str, Any] = {"role": GrantRole.VIEWER, "minutes": 60, "reason": "Ticket 4711", **changes}
    return grants.ask(by=by_staff(sam), tenant=tenant, **asked)


def ask_first(tenant: Tenant) -> None:
    TenantSettings.objects.update_or_create(tenant=tenant, defaults={"approve_staff_access": True})


# --- entering --------------------------------------------------------------------------------------------


def test_staff_without_a_grant_find_no_tenant(sam: User, acme: Tenant) -> None:
    sam.is_superuser = True
    sam.save()
    with pytest.raises(NoSuchTenantError):
        open_tenant(user=sam, slug="acme")


def test_a_grant_lets_its_person_into_its_tenant_as_what_it_says(sam: User, acme: Tenant, globex: Tenant) -> None:
    grant = ask(sam, acme, role=GrantRole.EDITOR)
    actor, tenant = open_tenant(user=sam, slug="acme")
    assert (actor.type, actor.id, actor.role, tenant) == ("staff", sam.pk, Role.EDITOR, acme)
    assert actor.grant is not None
    assert actor.grant.id == grant.pk
    assert actor.grant.ends_at - timezone.now() <= timedelta(minutes=60)
    other = factories.make_user("kim@platform.example", is_staff=True)
    for user, slug in ((sam, "globex"), (other, "acme")):
        with pytest.raises(NoSuchTenantError):
            open_tenant(user=user, slug=slug)


def test_visiting_staff_have_what_the_role_has_and_nothing_of_the_platforms(sam: User, acme: Tenant) -> None:
    ask(sam, acme)
    actor, _ = open_tenant(user=sam, slug="acme")
    assert permissions.allows(actor, Capability.BOTS_READ)
    for capability in (
        Capability.BOTS_WRITE,
        Capability.PLATFORM,
        Capability.KEYS_READ,
        Capability.ACCESS_GRANTS_APPROVE,
    ):
        assert not permissions.allows(actor, capability)
    with pytest.raises(RoleNotYoursToGiveError):
        members.check_may_give(actor, Role.OWNER)
    with pytest.raises(PermissionDeniedError):
        grants.ask(by=actor, tenant=acme, role=GrantRole.EDITOR, minutes=60, reason="More")


def test_an_end_is_an_end(sam: User, acme: Tenant) -> None:
    grant = ask(sam, acme)
    started = timezone.now() - timedelta(hours=2)
    AccessGrant.objects.filter(pk=grant.pk).update(starts_at=started, ends_at=started + timedelta(hours=1))
    grant.refresh_from_db()
    assert grant.state == GrantState.ENDED
    with pytest.raises(NoSuchTenantError):
        open_tenant(user=sam, slug="acme")


def test_who_is_no_staff_any_more_and_a_suspended_tenant_end_it_too(sam: User, acme: Tenant) -> None:
    ask(sam, acme)
    lifecycle.suspend_tenant(by=SYSTEM, tenant=acme)
    with pytest.raises(NoSuchTenantError):
        open_tenant(user=sam, slug="acme")
    lifecycle.reinstate_tenant(by=SYSTEM, tenant=acme)
    open_tenant(user=sam, slug="acme")
    User.objects.filter(pk=sam.pk).update(is_staff=False)
    with pytest.raises(NoSuchTenantError):
        open_tenant(user=User.objects.get(pk=sam.pk), slug="acme")


def test_staff_need_their_second_factor_inside_a_tenant_too(sam: User, acme: Tenant, settings: Any) -> None:
    settings.REQUIRE_STAFF_SECOND_FACTOR = True
    ask(sam, acme)
    with pytest.raises(SecondFactorDemandedError):
        open_tenant(user=sam, slug="acme")
    factories.add_app(sam)
    assert open_tenant(user=sam, slug="acme")


def test_a_member_enters_by_one_query_and_needs_what_the_tenant_asks_for(
    owner: Membership, acme: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    TenantSettings.objects.create(tenant=acme, require_second_factor=True)
    with pytest.raises(SecondFactorDemandedError):
        open_tenant(user=owner.user, slug="acme")
    factories.add_app(owner.user)
    with django_assert_num_queries(1):
        open_tenant(user=owner.user, slug="acme")


# --- asking ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong", [{"minutes": 4}, {"minutes": 481}, {"reason": "  "}], ids=["too short", "too long", "no reason"]
)
def test_what_cannot_be_asked_for_is_refused(sam: User, acme: Tenant, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        ask(sam, acme, **wrong)


def test_the_database_itself_keeps_grants_short(sam: User, acme: Tenant) -> None:
    now = timezone.now()
    row = AccessGrant(tenant=acme, staff=sam, reason="x", minutes=1, starts_at=now)
    for end in (now + LONGEST + timedelta(seconds=1), now, None):
        row.ends_at = end
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save(force_insert=True)


def test_only_staff_ask(owner: Membership, acme: Tenant, by_owner: Actor) -> None:
    for by in (by_owner, by_staff(owner.user), SYSTEM):
        with pytest.raises(PermissionDeniedError):
            grants.ask(by=by, tenant=acme, role=GrantRole.VIEWER, minutes=60, reason="Why not")


def test_one_person_has_one_grant_at_a_time(sam: User, acme: Tenant) -> None:
    grant = ask(sam, acme)
    with pytest.raises(GrantOpenError):
        ask(sam, acme)
    grants.close(by=by_staff(sam), grant=grant)
    assert ask(sam, acme).state == GrantState.ACTIVE


@pytest.mark.django_db(transaction=True)
def test_of_parallel_requests_one_is_taken(sam: User) -> None:
    acme = Tenant.objects.get(slug="acme")

    def attempt(_: int) -> bool:
        try:
            ask(sam, acme)
        except GrantOpenError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1


def test_a_tenant_that_is_shut_cannot_be_asked_for(sam: User, acme: Tenant) -> None:
    lifecycle.suspend_tenant(by=SYSTEM, tenant=acme)
    with pytest.raises(NoSuchTenantError):
        ask(sam, acme)


def test_staff_do_not_make_themselves_members_instead(sam: User, acme: Tenant) -> None:
    with pytest.raises(GrantNeededError):
        members.add_member(by=by_staff(sam), tenant=acme, email=sam.email.upper(), role=Role.VIEWER)
    assert not Membership.objects.filter(user=sam).exists()


# --- answering and ending --------------------------------------------------------------------------------


def test_a_tenant_that_wants_to_be_asked_is_asked(sam: User, acme: Tenant, by_owner: Actor) -> None:
    ask_first(acme)
    grant = ask(sam, acme)
    assert grant.state == GrantState.WAITING
    with pytest.raises(NoSuchTenantError):
        open_tenant(user=sam, slug="acme")
    grants.approve(by=by_owner, grant=grant)
    assert (grant.state, grant.approved_by_id) == (GrantState.ACTIVE, by_owner.id)
    assert open_tenant(user=sam, slug="acme")[0].grant is not None
    with pytest.raises(GrantClosedError):
        grants.approve(by=by_owner, grant=grant)


def test_only_owners_approve_and_never_themselves(sam: User, acme: Tenant, by_owner: Actor) -> None:
    ask_first(acme)
    grant = ask(sam, acme)
    admin = factories.actor_of(factories.make_member(acme, role=Role.ADMIN))
    themselves = factories.actor_of(factories.make_member(acme, sam.email, role=Role.OWNER))
    for by in (admin, themselves, by_staff(sam), SYSTEM):
        with pytest.raises(PermissionDeniedError):
            grants.approve(by=by, grant=grant)


def test_a_request_that_is_turned_down_or_not_answered_stays_shut(sam: User, acme: Tenant, by_owner: Actor) -> None:
    ask_first(acme)
    declined = ask(sam, acme)
    grants.close(by=by_owner, grant=declined)
    lapsed = ask(sam, acme)
    AccessGrant.objects.filter(pk=lapsed.pk).update(created_at=timezone.now() - ANSWER_WITHIN)
    lapsed.refresh_from_db()
    assert (declined.state, lapsed.state) == (GrantState.DECLINED, GrantState.LAPSED)
    for grant in (declined, lapsed):
        with pytest.raises(GrantClosedError):
            grants.approve(by=by_owner, grant=grant)
    with pytest.raises(NoSuchTenantError):
        open_tenant(user=sam, slug="acme")


def test_a_tenant_ends_a_grant_at_once(sam: User, acme: Tenant, by_owner: Actor) -> None:
    grant = ask(sam, acme)
    open_tenant(user=sam, slug="acme")
    grants.close(by=by_owner, grant=grant)
    assert (grant.state, grant.closed_by) == (GrantState.REVOKED, by_owner.label)
    with pytest.raises(NoSuchTenantError):
        open_tenant(user=sam, slug="acme")
    with pytest.raises(GrantClosedError):
        grants.close(by=by_owner, grant=grant)


# --- what the tenant sees --------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", [True, False])
def test_owners_get_a_mail_and_nobody_else(
    sam: User,
    acme: Tenant,
    owner: Membership,
    globex_owner: Membership,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
    asked: bool,
) -> None:
    factories.make_member(acme, role=Role.ADMIN)
    if asked:
        ask_first(acme)
    with sent(django_capture_on_commit_callbacks) as mails:
        ask(sam, acme, reason="Ticket 4711\nBcc: everybody@example.com")
    (message,) = mails
    assert message.to == [owner.user.email]
    assert message.subject == (
        "The platform's staff ask to enter “Acme”" if asked else "The platform's staff are entering “Acme”"
    )
    assert "“Ticket 4711 Bcc: everybody[@]example[.]com”" in message.body
    assert "/t/acme/settings/security/" in message.body


def test_every_act_under_a_grant_names_it_in_the_tenants_audit_log(sam: User, acme: Tenant) -> None:
    grant = ask(sam, acme)
    actor, _ = open_tenant(user=sam, slug="acme")
    audit.record("bot.update", by=actor, tenant_id=acme.pk)
    line = AuditEvent.objects.get(action="bot.update")
    assert (line.actor_type, line.actor_label, line.grant_id, line.tenant_id) == ("staff", sam.email, grant.pk, acme.pk)
    asked = AuditEvent.objects.get(action="access_grant.ask")
    assert asked.tenant_id == acme.pk
    assert asked.detail == {"role": "viewer", "minutes": 60, "reason": "Ticket 4711", "waits": False}


def test_grants_are_listed_approved_and_revoked_over_the_api(
    client: Client, sam: User, acme: Tenant, globex: Tenant, access_token: str
) -> None:
    ask_first(acme)
    grant = ask(sam, acme)
    ask(sam, globex)
    headers: Any = factories.bearer(access_token)
    (line,) = client.get("/v1/tenant/access-grants", headers=headers).json()["results"]
    assert (line["id"], line["staff"], line["state"]) == (str(grant.pk), sam.email, "waiting")
    approved = client.post(
        f"/v1/tenant/access-grants/{grant.pk}/approve", headers=headers, content_type="application/json"
    ).json()
    assert (approved["state"], approved["approved_by"]) == ("active", "owner@acme.example")
    revoked = client.post(
        f"/v1/tenant/access-grants/{grant.pk}/revoke", headers=headers, content_type="application/json"
    ).json()
    assert (revoked["state"], revoked["closed_by"]) == ("revoked", "owner@acme.example")
    again = client.post(f"/v1/tenant/access-grants/{grant.pk}/revoke", headers=headers, content_type=JSON)
    assert (again.status_code, again.json()["code"]) == (409, "access_grant_closed")


def test_a_key_with_every_scope_lets_nobody_in(client: Client, sam: User, acme: Tenant, api_key: str) -> None:
    ask_first(acme)
    grant = ask(sam, acme)
    refused = client.post(f"/v1/tenant/access-grants/{grant.pk}/approve", headers=factories.bearer(api_key))
    assert refused.status_code == 403


def test_the_list_costs_the_same_for_one_and_three(
    client: Client, sam: User, acme: Tenant, api_key: str, django_assert_max_num_queries: Any
) -> None:
    headers: Any = factories.bearer(api_key)
    grants.close(by=SYSTEM, grant=ask(sam, acme))
    with django_assert_max_num_queries(10) as one:
        client.get("/v1/tenant/access-grants", headers=headers)
    for _ in range(2):
        grants.close(by=SYSTEM, grant=ask(sam, acme))
    with django_assert_max_num_queries(len(one)):
        assert len(client.get("/v1/tenant/access-grants", headers=headers).json()["results"]) == 3
