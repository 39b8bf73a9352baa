"""Tests of who belongs where, and of opening a tenant's portal."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from tenants.enums import Role, TenantStatus
from tenants.exceptions import NoSuchTenantError
from tenants.models import AuditEvent, Membership, RefreshToken, Tenant, User
from tenants.selectors import memberships_of, tenant_for_slug
from tenants.services import members
from tenants.services.portal_access import open_tenant
from tenants.tests import factories
from tenants.types import SYSTEM


def test_an_unknown_person_gets_an_account_that_nobody_can_sign_in_to(acme: Tenant) -> None:
    membership = members.add_member(by=SYSTEM, tenant=acme, email="Ada@Acme.example", role=Role.EDITOR, name="Ada")
    assert (membership.user.email, membership.user.name) == ("ada@acme.example", "Ada")
    assert not membership.user.has_usable_password()


def test_adding_a_member_again_changes_the_role(owner: Membership) -> None:
    again = members.add_member(by=SYSTEM, tenant=owner.tenant, email=owner.user.email, role=Role.VIEWER)
    assert again == owner
    assert again.role == Role.VIEWER
    assert Membership.objects.filter(tenant=owner.tenant).count() == 1


def test_a_removed_member_is_shut_out_and_may_be_taken_in_again(owner: Membership) -> None:
    factories.make_token_pair(owner)
    members.remove_member(by=SYSTEM, membership=owner)
    assert not memberships_of(owner.user).exists()
    assert not RefreshToken.objects.filter(user=owner.user, revoked_at__isnull=True).exists()
    members.add_member(by=SYSTEM, tenant=owner.tenant, email=owner.user.email, role=Role.OWNER)
    assert memberships_of(owner.user).exists()


def test_removing_a_member_leaves_their_other_tenants_alone(owner: Membership, globex: Tenant) -> None:
    other = factories.make_member(globex, owner.user.email)
    pair = factories.make_token_pair(other)
    members.remove_member(by=SYSTEM, membership=owner)
    assert list(memberships_of(owner.user)) == [other]
    assert RefreshToken.objects.filter(tenant=globex, revoked_at__isnull=True).exists()
    assert pair.tenant == globex


def test_the_same_role_again_is_no_news(owner: Membership) -> None:
    members.change_role(by=SYSTEM, membership=owner, role=Role.OWNER)
    assert not AuditEvent.objects.filter(action="member.change_role").exists()


def test_a_persons_tenants_come_by_name_and_only_those_they_may_enter(
    acme: Tenant, globex: Tenant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = factories.make_user("ada@acme.example")
    for tenant in (globex, acme):
        factories.make_member(tenant, user.email)
    with django_assert_num_queries(1):
        assert [membership.tenant.name for membership in memberships_of(user)] == ["Acme", "Globex"]
    Tenant.objects.filter(pk=acme.pk).update(status=TenantStatus.SUSPENDED)
    assert [membership.tenant for membership in memberships_of(user)] == [globex]


def test_a_member_opens_the_portal_with_one_query(
    owner: Membership, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        actor, tenant = open_tenant(user=owner.user, slug="acme")
    assert tenant == owner.tenant
    assert (actor.type, actor.id, actor.role) == ("user", owner.user_id, Role.OWNER)


def _stranger(owner: Membership) -> User:
    return factories.make_user("stranger@globex.example")


def _staff(owner: Membership) -> User:
    return User.objects.create_superuser("root@platform.example")


def _removed(owner: Membership) -> User:
    members.remove_member(by=SYSTEM, membership=owner)
    return owner.user


def _inactive(owner: Membership) -> User:
    owner.user.is_active = False
    owner.user.save()
    return owner.user


@pytest.mark.parametrize("person", [_stranger, _staff, _removed, _inactive])
def test_who_may_not_enter_gets_the_answer_of_a_slug_that_nobody_has(owner: Membership, person: object) -> None:
    user = person(owner)  # type: ignore[operator]  # one of the four above
    with pytest.raises(NoSuchTenantError) as shut:
        open_tenant(user=user, slug="acme")
    with pytest.raises(NoSuchTenantError) as unknown:
        open_tenant(user=user, slug="no-such")
    assert shut.value.detail == unknown.value.detail


def test_a_slug_leads_to_a_tenant_that_may_be_entered(acme: Tenant) -> None:
    assert tenant_for_slug("acme") == acme
    Tenant.objects.filter(pk=acme.pk).update(status=TenantStatus.FAILED)
    with pytest.raises(NoSuchTenantError):
        tenant_for_slug("acme")
