"""Tests of suspending, reinstating and deleting tenants."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants.enums import TenantStatus
from tenants.exceptions import WrongStateError
from tenants.models import AuditEvent, Membership, RefreshToken, Tenant
from tenants.services import lifecycle
from tenants.tests import factories, schemas
from tenants.types import SYSTEM

NOW = timedelta(0)


@pytest.fixture
def initech(db: None) -> Tenant:
    """A tenant that the test may ruin."""
    return factories.make_tenant("initech")


def test_a_suspended_tenant_may_not_be_entered_until_it_is_reinstated(initech: Tenant) -> None:
    lifecycle.suspend_tenant(by=SYSTEM, tenant=initech, reason="Unpaid")
    assert (initech.status, initech.status_detail) == (TenantStatus.SUSPENDED, "Unpaid")
    assert not Tenant.objects.enterable().filter(pk=initech.pk).exists()
    lifecycle.reinstate_tenant(by=SYSTEM, tenant=initech)
    assert Tenant.objects.enterable().get(pk=initech.pk).status_detail == ""


def test_what_is_done_to_a_tenant_is_on_record(initech: Tenant) -> None:
    lifecycle.suspend_tenant(by=SYSTEM, tenant=initech)
    lifecycle.reinstate_tenant(by=SYSTEM, tenant=initech)
    lifecycle.request_deletion(by=SYSTEM, tenant=initech)
    lifecycle.cancel_deletion(by=SYSTEM, tenant=initech)
    lifecycle.request_deletion(by=SYSTEM, tenant=initech, grace=NOW)
    lifecycle.drop_due()
    lines = AuditEvent.objects.filter(tenant_id=initech.id).order_by("id").values_list("action", flat=True)
    assert [action for action in lines if not action.startswith("provider")] == [
        "tenant.create",
        "tenant.suspend",
        "tenant.reinstate",
        "tenant.request_deletion",
        "tenant.cancel_deletion",
        "tenant.request_deletion",
        "tenant.drop",
    ]


def test_only_a_ready_tenant_is_suspended_and_only_a_suspended_one_reinstated(initech: Tenant) -> None:
    with pytest.raises(WrongStateError):
        lifecycle.reinstate_tenant(by=SYSTEM, tenant=initech)
    lifecycle.suspend_tenant(by=SYSTEM, tenant=initech)
    with pytest.raises(WrongStateError):
        lifecycle.suspend_tenant(by=SYSTEM, tenant=initech)


def test_a_tenant_to_be_deleted_keeps_everything_for_a_while(initech: Tenant) -> None:
    lifecycle.request_deletion(by=SYSTEM, tenant=initech)
    assert initech.status == TenantStatus.DELETING
    assert lifecycle.drop_due() == []
    assert schemas.schema_exists(initech.schema_name)


def test_sign_ins_end_when_deletion_is_asked_for(initech: Tenant) -> None:
    factories.make_token_pair(factories.make_member(initech))
    lifecycle.request_deletion(by=SYSTEM, tenant=initech)
    lifecycle.cancel_deletion(by=SYSTEM, tenant=initech)
    lifecycle.reinstate_tenant(by=SYSTEM, tenant=initech)
    assert not RefreshToken.objects.filter(tenant=initech, revoked_at__isnull=True).exists()


def test_a_deletion_that_was_called_off_leaves_the_tenant_suspended(initech: Tenant) -> None:
    lifecycle.request_deletion(by=SYSTEM, tenant=initech, grace=NOW)
    lifecycle.cancel_deletion(by=SYSTEM, tenant=initech)
    assert (initech.status, initech.delete_after) == (TenantStatus.SUSPENDED, None)
    assert lifecycle.drop_due() == []


def test_deletion_is_asked_for_and_called_off_once(initech: Tenant) -> None:
    with pytest.raises(WrongStateError):
        lifecycle.cancel_deletion(by=SYSTEM, tenant=initech)
    lifecycle.request_deletion(by=SYSTEM, tenant=initech)
    with pytest.raises(WrongStateError):
        lifecycle.request_deletion(by=SYSTEM, tenant=initech)


def test_a_tenant_whose_time_has_come_goes_with_schema_people_and_keys(initech: Tenant, acme: Tenant) -> None:
    factories.make_member(initech)
    factories.make_api_key(initech)
    lifecycle.request_deletion(by=SYSTEM, tenant=initech, grace=NOW)
    assert lifecycle.drop_due() == ["initech"]
    assert not schemas.schema_exists(initech.schema_name)
    assert not Tenant.objects.filter(slug="initech").exists()
    assert not Membership.objects.filter(tenant_id=initech.id).exists()
    assert schemas.schema_exists(acme.schema_name)


def test_cleanups_run_inside_the_tenant_before_its_schema_goes(
    initech: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []
    monkeypatch.setattr(lifecycle, "_cleanups", [])
    lifecycle.on_tenant_dropped(lambda tenant: seen.append((tenant.slug, schemas.schema_exists(tenant.schema_name))))
    lifecycle.request_deletion(by=SYSTEM, tenant=initech, grace=NOW)
    lifecycle.drop_due()
    assert seen == [("initech", True)]


def test_a_cleanup_that_fails_keeps_the_tenant_for_the_next_round(
    initech: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = factories.make_tenant("hooli")
    failing = {"initech"}

    def cleanup(tenant: Tenant) -> None:
        if tenant.slug in failing:
            raise OSError("the disk is away")

    monkeypatch.setattr(lifecycle, "_cleanups", [cleanup])
    for tenant in (initech, other):
        lifecycle.request_deletion(by=SYSTEM, tenant=tenant, grace=NOW)
    assert lifecycle.drop_due() == ["hooli"]
    assert schemas.schema_exists(initech.schema_name)
    failing.clear()
    assert lifecycle.drop_due() == ["initech"]


def test_a_tenant_that_never_got_a_schema_drops_nobody_elses(db: None) -> None:
    schemas.occupy("t_initech_1")
    tenant = Tenant.objects.create(
        name="Initech",
        slug="initech",
        schema_name="t_initech_1",
        status=TenantStatus.DELETING,
        delete_after=timezone.now(),
    )
    assert lifecycle.drop_due() == [tenant.slug]
    assert schemas.what_is_dear_in("t_initech_1") == 42


def test_calling_off_the_deletion_of_an_unfinished_tenant_leaves_it_failed(db: None) -> None:
    tenant = Tenant.objects.create(name="Initech", slug="initech", schema_name="t_initech_1")
    lifecycle.request_deletion(by=SYSTEM, tenant=tenant)
    lifecycle.cancel_deletion(by=SYSTEM, tenant=tenant)
    assert tenant.status == TenantStatus.FAILED
