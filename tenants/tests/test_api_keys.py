"""Tests of API keys."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chatcms.core.exceptions import InvalidInputError, PermissionDeniedError
from tenants.enums import Scope, TenantStatus
from tenants.exceptions import CLOSED_TENANT_ERRORS, CredentialError, TenantSuspendedError
from tenants.models import ApiKey, AuditEvent, Tenant
from tenants.services import api_keys
from tenants.tests import factories
from tenants.types import SYSTEM, Actor


def test_a_key_leads_to_its_tenant_and_scopes(acme: Tenant) -> None:
    key, plain = factories.make_api_key(acme, scopes=[Scope.CHAT])
    actor, tenant = api_keys.authenticate(plain)
    assert tenant == acme
    assert (actor.type, actor.id, actor.scopes) == ("api_key", key.id, frozenset({Scope.CHAT}))


def test_a_key_has_brand_lookup_secret_and_checksum(acme: Tenant) -> None:
    _, plain = factories.make_api_key(acme)
    assert re.fullmatch(r"cms_live_[0-9A-Za-z]{50}", plain)


def test_the_database_holds_neither_the_key_nor_its_secret_part(acme: Tenant) -> None:
    key, plain = factories.make_api_key(acme)
    stored = ApiKey.objects.values_list().get(pk=key.pk)
    assert not any(plain[21:53] in str(value) for value in stored)
    assert key.last_four == plain[-4:]


def test_a_mistyped_key_is_refused_without_asking_the_database(
    api_key: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = "a" if api_key[30] != "a" else "b"
    with django_assert_num_queries(0), pytest.raises(CredentialError):
        api_keys.authenticate(api_key[:30] + other + api_key[31:])


def test_a_well_formed_key_with_another_secret_is_refused(acme: Tenant) -> None:
    _, plain = factories.make_api_key(acme)
    _, other = factories.make_api_key(acme)
    body = plain[:21] + other[21:53]
    with pytest.raises(CredentialError):
        api_keys.authenticate(body + api_keys._checksum(body))


@pytest.mark.parametrize("junk", ["cms_", "cms_live_", "cms_live_" + "é" * 50, "cms_test_" + "a" * 50, "cms_\x00"])
def test_what_is_not_a_key_is_refused(db: None, junk: str) -> None:
    with pytest.raises(CredentialError):
        api_keys.authenticate(junk)


def test_a_revoked_key_is_refused_at_once(acme: Tenant) -> None:
    key, plain = factories.make_api_key(acme)
    api_keys.revoke_api_key(by=SYSTEM, key=key)
    with pytest.raises(CredentialError):
        api_keys.authenticate(plain)


def test_revoking_twice_writes_one_line(acme: Tenant) -> None:
    key, _ = factories.make_api_key(acme)
    api_keys.revoke_api_key(by=SYSTEM, key=key)
    api_keys.revoke_api_key(by=SYSTEM, key=key)
    assert AuditEvent.objects.filter(action="api_key.revoke", target_id=str(key.pk)).count() == 1


def test_an_expired_key_is_refused(acme: Tenant) -> None:
    key, plain = factories.make_api_key(acme)
    ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(CredentialError):
        api_keys.authenticate(plain)


def test_a_key_cannot_be_made_with_an_end_in_the_past(acme: Tenant) -> None:
    with pytest.raises(InvalidInputError):
        api_keys.create_api_key(by=SYSTEM, tenant=acme, name="Late", scopes=[Scope.CHAT], expires_at=timezone.now())


@pytest.mark.parametrize("status", [status for status in TenantStatus if status != TenantStatus.READY])
def test_a_key_of_a_tenant_that_may_not_be_entered_is_refused(acme: Tenant, api_key: str, status: TenantStatus) -> None:
    Tenant.objects.filter(pk=acme.pk).update(status=status)
    with pytest.raises(CLOSED_TENANT_ERRORS):
        api_keys.authenticate(api_key)


def test_a_key_of_an_inactive_tenant_is_refused(acme: Tenant, api_key: str) -> None:
    Tenant.objects.filter(pk=acme.pk).update(is_active=False)
    with pytest.raises(TenantSuspendedError):
        api_keys.authenticate(api_key)


def test_a_key_makes_no_key_that_may_do_more(acme: Tenant) -> None:
    by = Actor(type="api_key", scopes=frozenset({Scope.ADMIN}))
    with pytest.raises(PermissionDeniedError):
        api_keys.create_api_key(by=by, tenant=acme, name="More", scopes=[Scope.ADMIN, Scope.CHAT])


def test_checking_a_key_takes_one_select(api_key: str, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    api_keys.authenticate(api_key)
    with django_assert_num_queries(1):
        api_keys.authenticate(api_key)


def test_use_is_noted_at_most_once_a_minute(api_key: str) -> None:
    def used() -> object:
        api_keys.authenticate(api_key)
        return ApiKey.objects.values_list("last_used_at", flat=True).get(prefix=api_key[:21])

    first = used()
    assert first is not None
    assert used() == first
    ApiKey.objects.update(last_used_at=timezone.now() - api_keys.LAST_USED_EVERY)
    assert used() not in (None, first)
