"""Renews one sign-in from many places at once, over HTTP, against the product's own server."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx2
import jwt
import pytest
from django.utils import timezone

from tenants.enums import Role
from tenants.models import Membership, RefreshToken, Tenant
from tenants.services import tokens
from tenants.tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

AT_ONCE = 50


@pytest.fixture
def server(website: str) -> str:
    return website


@pytest.fixture
def member() -> Membership:
    return factories.make_member(Tenant.objects.get(slug="acme"), role=Role.OWNER)


def _renew(server: str, refresh: str) -> httpx2.Response:
    return httpx2.post(f"{server}/v1/auth/token/refresh", json={"refresh": refresh}, timeout=60)


def _me(server: str, access: str) -> int:
    return httpx2.get(f"{server}/v1/auth/me", headers=factories.bearer(access), timeout=60).status_code


def _ids(token: str) -> tuple[str, str]:
    claims = jwt.decode(token, options={"verify_signature": False})
    return claims["jti"], claims["sid"]


def test_fifty_renewals_at_once_are_all_answered_with_one_chain(server: str, member: Membership) -> None:
    first = factories.make_token_pair(member)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda _: _renew(server, first.refresh), range(AT_ONCE)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({_ids(answer.json()["refresh"]) for answer in answers}) == 1
    assert RefreshToken.objects.filter(consumed_at__isnull=True, revoked_at__isnull=True).count() == 1
    assert RefreshToken.objects.count() == 2
    assert all(_me(server, answer.json()["access"]) == 200 for answer in answers[:3])


def test_a_replay_after_the_grace_ends_the_family_and_no_other(server: str, member: Membership) -> None:
    stolen, other = factories.make_token_pair(member), factories.make_token_pair(member)
    renewed = _renew(server, stolen.refresh).json()
    passed = timezone.now() - tokens.REUSE_GRACE - timedelta(seconds=1)
    RefreshToken.objects.filter(consumed_at__isnull=False).update(consumed_at=passed)
    assert _renew(server, stolen.refresh).status_code == 401
    assert _renew(server, renewed["refresh"]).status_code == 401
    assert _me(server, renewed["access"]) == 401
    assert _me(server, other.access) == 200
