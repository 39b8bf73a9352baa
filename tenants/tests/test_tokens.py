"""Tests of access and refresh tokens."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from tenants.enums import Role, TenantStatus
from tenants.exceptions import CLOSED_TENANT_ERRORS, CredentialError, TenantChoiceNeededError, TenantSuspendedError
from tenants.models import Membership, RefreshToken, Tenant
from tenants.services import lifecycle, members, tokens
from tenants.tests import factories
from tenants.types import SYSTEM

OUR_KEY = str(settings.SIMPLE_JWT["SIGNING_KEY"])


def _forge(token: str, *, key: str = OUR_KEY, algorithm: str = "HS256", **claims: Any) -> str:
    """The same token with other claims, signed with our key unless another is given."""
    held = jwt.decode(token, options={"verify_signature": False}) | claims
    held = {name: value for name, value in held.items() if value is not None}
    return jwt.encode(held, key, algorithm=algorithm)


def test_an_access_token_leads_to_its_person_tenant_and_role(owner: Membership, access_token: str) -> None:
    actor, tenant = tokens.authenticate(access_token)
    assert tenant == owner.tenant
    assert (actor.type, actor.id, actor.role) == ("user", owner.user_id, Role.OWNER)


def test_an_access_token_says_for_whom_and_where_it_is_good(owner: Membership, access_token: str) -> None:
    claims = jwt.decode(access_token, options={"verify_signature": False})
    assert claims["aud"] == f"tenant:{owner.tenant_id}"
    assert claims["tid"] == str(owner.tenant_id)
    assert claims["iss"] == "chatcms"
    assert claims["exp"] - claims["iat"] == 600
    assert {"jti", "sid", "sub", "token_type"} <= set(claims)


def test_checking_an_access_token_takes_one_select(
    access_token: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        tokens.authenticate(access_token)


FORGERIES: dict[str, Callable[[str], str]] = {
    "signed with another key": lambda token: _forge(token, key="k" * 40),
    "not signed at all": lambda token: _forge(token, key="", algorithm="none"),
    "signed by another algorithm": lambda token: _forge(token, algorithm="HS512"),
    "of another issuer": lambda token: _forge(token, iss="someone"),
    "of no issuer": lambda token: _forge(token, iss=None),
    "for another audience": lambda token: _forge(token, aud=f"tenant:{uuid.uuid4()}"),
    "for several audiences": lambda token: _forge(
        token, aud=[jwt.decode(token, options={"verify_signature": False})["aud"]]
    ),
    "for no audience": lambda token: _forge(token, aud=None),
    "of another kind": lambda token: _forge(token, token_type="refresh"),
    "of no kind": lambda token: _forge(token, token_type=None),
    "expired": lambda token: _forge(token, exp=1),
    "without an end": lambda token: _forge(token, exp=None),
    "without a tenant": lambda token: _forge(token, tid=None),
    "for a tenant that is no id": lambda token: _forge(token, tid="acme", aud="tenant:acme"),
    "of an unknown person": lambda token: _forge(token, sub=str(uuid.uuid4())),
    "without a family": lambda token: _forge(token, sid=None),
    "with a number for an id": lambda token: _forge(token, jti=7),
    "cut short": lambda token: token[:-2],
    "empty": lambda token: "",
    "of two parts": lambda token: token.rpartition(".")[0],
    "of bytes that are no text": lambda token: "\udcff.\udcff.\udcff",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_access_token_is_refused(access_token: str, forgery: Callable[[str], str]) -> None:
    with pytest.raises(CredentialError):
        tokens.authenticate(forgery(access_token))


def test_a_genuine_token_survives_reforging_unchanged(access_token: str) -> None:
    """The forgeries above are refused for what they change, not for how they are made."""
    assert tokens.authenticate(_forge(access_token))


def test_a_token_moved_to_another_tenant_is_refused(globex: Tenant, access_token: str) -> None:
    moved = _forge(access_token, tid=str(globex.pk), aud=f"tenant:{globex.pk}")
    with pytest.raises(CredentialError):
        tokens.authenticate(moved)


def test_a_change_of_role_counts_from_the_next_request(owner: Membership, access_token: str) -> None:
    members.change_role(by=SYSTEM, membership=owner, role=Role.VIEWER)
    actor, _ = tokens.authenticate(access_token)
    assert actor.role == Role.VIEWER


def test_a_removed_member_is_refused(owner: Membership, access_token: str) -> None:
    members.remove_member(by=SYSTEM, membership=owner)
    with pytest.raises(CredentialError):
        tokens.authenticate(access_token)


def test_a_deactivated_person_is_refused(owner: Membership, access_token: str) -> None:
    owner.user.is_active = False
    owner.user.save()
    with pytest.raises(CredentialError):
        tokens.authenticate(access_token)


def test_a_new_password_ends_earlier_sign_ins(owner: Membership) -> None:
    pair = factories.make_token_pair(owner)
    members.set_password(by=SYSTEM, user=owner.user, password="another horse battery")
    with pytest.raises(CredentialError):
        tokens.authenticate(pair.access)
    with pytest.raises(CredentialError):
        tokens.rotate(pair.refresh)


@pytest.mark.parametrize("status", [status for status in TenantStatus if status != TenantStatus.READY])
def test_tokens_of_a_tenant_that_may_not_be_entered_are_refused(owner: Membership, status: TenantStatus) -> None:
    pair = factories.make_token_pair(owner)
    Tenant.objects.filter(pk=owner.tenant_id).update(status=status)
    with pytest.raises(CLOSED_TENANT_ERRORS):
        tokens.authenticate(pair.access)
    with pytest.raises(CLOSED_TENANT_ERRORS):
        tokens.rotate(pair.refresh)


def test_a_reinstated_tenant_opens_to_tokens_again(owner: Membership, access_token: str) -> None:
    pair = factories.make_token_pair(owner)
    lifecycle.suspend_tenant(by=SYSTEM, tenant=owner.tenant)
    with pytest.raises(TenantSuspendedError):
        tokens.rotate(pair.refresh)
    assert not RefreshToken.objects.filter(consumed_at__isnull=False).exists(), "a refused token is not consumed"
    lifecycle.reinstate_tenant(by=SYSTEM, tenant=owner.tenant)
    assert tokens.rotate(pair.refresh)
    assert tokens.authenticate(access_token)


def test_staff_without_a_membership_get_no_token(acme: Tenant) -> None:
    factories.make_user("staff@platform.example", is_staff=True, is_superuser=True)
    with pytest.raises(CredentialError):
        tokens.issue(email="staff@platform.example", password=factories.PASSWORD, tenant_slug=acme.slug)


def test_a_member_of_several_tenants_must_name_one(owner: Membership, globex: Tenant) -> None:
    factories.make_member(globex, owner.user.email)
    with pytest.raises(TenantChoiceNeededError):
        tokens.issue(email=owner.user.email, password=factories.PASSWORD)
    pair = tokens.issue(email=owner.user.email, password=factories.PASSWORD, tenant_slug="globex")
    assert pair.tenant == globex


def test_a_member_of_one_tenant_needs_to_name_none(owner: Membership) -> None:
    pair = tokens.issue(email=owner.user.email.upper(), password=factories.PASSWORD)
    assert pair.tenant == owner.tenant


def test_a_tenant_of_others_is_refused_like_a_wrong_password(owner: Membership, globex: Tenant) -> None:
    with pytest.raises(CredentialError):
        tokens.issue(email=owner.user.email, password=factories.PASSWORD, tenant_slug=globex.slug)


def test_rotation_answers_with_a_new_pair_of_the_same_family(owner: Membership) -> None:
    first = factories.make_token_pair(owner)
    second = tokens.rotate(first.refresh)
    assert second.refresh != first.refresh
    assert tokens.authenticate(second.access)[1] == owner.tenant
    assert RefreshToken.objects.filter(user=owner.user).values("family_id").distinct().count() == 1


def test_the_same_token_again_within_the_grace_gives_the_same_successor(owner: Membership) -> None:
    first = factories.make_token_pair(owner)
    once, twice = tokens.rotate(first.refresh), tokens.rotate(first.refresh)
    assert _token_id(once.refresh) == _token_id(twice.refresh)
    assert RefreshToken.objects.filter(user=owner.user).count() == 2


def test_a_token_whose_successor_was_used_is_refused_within_the_grace(owner: Membership) -> None:
    first = factories.make_token_pair(owner)
    second = tokens.rotate(first.refresh)
    third = tokens.rotate(second.refresh)
    with pytest.raises(CredentialError):
        tokens.rotate(first.refresh)
    assert tokens.rotate(third.refresh)


def test_replay_after_the_grace_ends_the_whole_family(owner: Membership) -> None:
    first = factories.make_token_pair(owner)
    second = tokens.rotate(first.refresh)
    RefreshToken.objects.update(consumed_at=timezone.now() - tokens.REUSE_GRACE - timedelta(seconds=1))
    RefreshToken.objects.filter(pk=_token_id(second.refresh)).update(consumed_at=None)
    with pytest.raises(CredentialError):
        tokens.rotate(first.refresh)
    with pytest.raises(CredentialError):
        tokens.rotate(second.refresh)
    with pytest.raises(CredentialError):
        tokens.authenticate(second.access)


def test_replay_leaves_other_sign_ins_alone(owner: Membership) -> None:
    stolen, other = factories.make_token_pair(owner), factories.make_token_pair(owner)
    tokens.rotate(stolen.refresh)
    RefreshToken.objects.filter(pk=_token_id(stolen.refresh)).update(consumed_at=timezone.now() - timedelta(minutes=1))
    with pytest.raises(CredentialError):
        tokens.rotate(stolen.refresh)
    assert tokens.rotate(other.refresh)


def test_an_expired_row_is_refused_even_if_the_token_is_not(owner: Membership) -> None:
    pair = factories.make_token_pair(owner)
    RefreshToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(CredentialError):
        tokens.rotate(pair.refresh)


def test_an_access_token_renews_nothing(access_token: str) -> None:
    with pytest.raises(CredentialError):
        tokens.rotate(access_token)


def test_a_refresh_token_opens_nothing(owner: Membership) -> None:
    with pytest.raises(CredentialError):
        tokens.authenticate(factories.make_token_pair(owner).refresh)


@pytest.mark.django_db(transaction=True)
def test_fifty_renewals_at_once_leave_one_chain(owner: Membership) -> None:
    first = factories.make_token_pair(owner)

    def renew(_: int) -> str:
        try:
            return _token_id(tokens.rotate(first.refresh).refresh)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        successors = set(pool.map(renew, range(50)))
    assert len(successors) == 1
    assert RefreshToken.objects.filter(consumed_at__isnull=True, revoked_at__isnull=True).count() == 1
    assert RefreshToken.objects.count() == 2


def _token_id(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["jti"])
