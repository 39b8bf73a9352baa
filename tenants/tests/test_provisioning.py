"""Tests of making tenants, and of going on after a failure at each step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from django.db import connection

from chatcms.core.db.tenantdb import state
from chatcms.core.exceptions import AppError, NotFoundError
from tenants.enums import Role, TenantStatus
from tenants.exceptions import (
    InvalidSlugError,
    ProvisioningFailedError,
    SchemaOccupiedError,
    SlugTakenError,
)
from tenants.models import AuditEvent, Membership, Plan, Tenant, User
from tenants.services import provisioning, template
from tenants.tests import factories, schemas
from tenants.types import SYSTEM


@contextmanager
def steps(*replacing: provisioning.Step) -> Iterator[None]:
    """Have these steps instead of the registered ones."""
    before = list(provisioning._steps)
    provisioning._steps[:] = replacing
    try:
        yield
    finally:
        provisioning._steps[:] = before


def _create(slug: str = "initech") -> Tenant:
    return provisioning.create_tenant(by=SYSTEM, name="Initech", slug=slug)


def test_a_new_tenant_is_ready_and_has_every_table(acme: Tenant) -> None:
    tenant = _create()
    assert (tenant.status, tenant.status_detail) == (TenantStatus.READY, "")
    assert schemas.tables_in(tenant.schema_name) == schemas.tables_in(acme.schema_name)
    assert {"bots", "datasets", "documents", "chunks", "tenant_ai_providers"} < schemas.tables_in(tenant.schema_name)


def test_no_table_of_a_tenant_is_in_public(acme: Tenant) -> None:
    both = schemas.tables_in("public") & schemas.tables_in(acme.schema_name)
    assert both == {"django_migrations"}


def test_making_a_tenant_leaves_no_tenant_in_force(db: None) -> None:
    _create()
    assert state.current() == state.PUBLIC


def test_the_owner_is_made_a_member_and_an_account_if_unknown(db: None) -> None:
    tenant = provisioning.create_tenant(by=SYSTEM, name="Initech", slug="initech", owner_email="Bill@initech.example")
    membership = Membership.objects.get(tenant=tenant)
    assert (membership.user.email, membership.role) == ("bill@initech.example", Role.OWNER)
    assert not membership.user.has_usable_password()


def test_an_owner_who_has_an_account_keeps_it(db: None) -> None:
    user = factories.make_user("bill@initech.example")
    provisioning.create_tenant(by=SYSTEM, name="Initech", slug="initech", owner_email=user.email)
    assert User.objects.filter(email=user.email).count() == 1
    assert User.objects.get(pk=user.pk).check_password(factories.PASSWORD)


def test_a_tenant_gets_the_default_plan(db: None) -> None:
    plan = Plan.objects.create(code="free", name="Free", is_default=True)
    assert _create().plan == plan


def test_making_a_tenant_is_on_record(db: None) -> None:
    tenant = _create()
    assert AuditEvent.objects.get(action="tenant.create", tenant_id=tenant.pk).actor_type == "system"


@pytest.mark.parametrize("slug", ["", "Initech", "-a", "a-", "a b", "a_b", "ä", "a" * 41, "a\n", "a/b", "."])
def test_a_slug_that_fits_no_address_is_refused(db: None, slug: str) -> None:
    before = Tenant.objects.count()
    with pytest.raises(InvalidSlugError):
        _create(slug)
    assert Tenant.objects.count() == before


@pytest.mark.parametrize("slug", ["a", "7", "a-b", "a" * 40])
def test_a_slug_that_fits_is_taken(db: None, slug: str) -> None:
    assert _create(slug).status == TenantStatus.READY


def test_a_slug_is_given_once(acme: Tenant) -> None:
    with pytest.raises(SlugTakenError):
        _create("acme")


def _broken_template(patch: pytest.MonkeyPatch) -> None:
    whole = template.sql()
    patch.setattr(template, "sql", lambda: whole + "\nSELECT 1 / 0;")


def _broken_step(patch: pytest.MonkeyPatch) -> None:
    def fail(_tenant: Tenant) -> None:
        raise OSError("no space left on device")

    patch.setattr(provisioning, "_steps", [*provisioning._steps, fail])


def _broken_end(patch: pytest.MonkeyPatch) -> None:
    plain = provisioning._set_status

    def fail(tenant: Tenant, status: TenantStatus, detail: str = "") -> None:
        if status == TenantStatus.READY:
            raise ConnectionError("the network is gone")
        plain(tenant, status, detail)

    patch.setattr(provisioning, "_set_status", fail)


def _broken_schema(patch: pytest.MonkeyPatch) -> None:
    def fail(_name: str) -> None:
        raise ConnectionError("the database is gone")

    patch.setattr(provisioning, "_create_empty", fail)


FAULTS: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str, bool]] = {
    "making the schema": (_broken_schema, "the database is gone", False),
    "filling the schema": (_broken_template, "division by zero", False),
    "a step after the schema": (_broken_step, "no space left", True),
    "marking it ready": (_broken_end, "the network is gone", True),
}


@pytest.mark.parametrize(("fault", "reason", "has_schema"), FAULTS.values(), ids=FAULTS.keys())
def test_a_failure_leaves_a_row_that_says_why_and_can_be_resumed(
    db: None, fault: Callable[[pytest.MonkeyPatch], None], reason: str, has_schema: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        fault(patch)
        with pytest.raises(ProvisioningFailedError, match=reason):
            _create()
    tenant = Tenant.objects.get(slug="initech")
    assert tenant.status == TenantStatus.FAILED
    assert reason in tenant.status_detail
    assert schemas.schema_exists(tenant.schema_name) is has_schema
    assert provisioning.resume(tenant).status == TenantStatus.READY
    assert Tenant.objects.enterable().filter(slug="initech").exists()


def test_a_named_error_of_a_step_passes_through_as_it_is(db: None) -> None:
    def fail(_tenant: Tenant) -> None:
        raise NotFoundError("There is no such model.")

    with steps(fail), pytest.raises(NotFoundError):
        _create()
    assert Tenant.objects.get(slug="initech").status_detail == "There is no such model."


def test_a_failure_leaves_no_tenant_in_force(db: None) -> None:
    def fail(_tenant: Tenant) -> None:
        raise OSError

    with steps(fail), pytest.raises(AppError):
        _create()
    assert state.current() == state.PUBLIC


@pytest.mark.parametrize("status", [TenantStatus.PENDING, TenantStatus.CREATING])
def test_a_tenant_whose_making_was_killed_can_be_resumed(db: None, status: TenantStatus) -> None:
    tenant = Tenant.objects.create(name="Initech", slug="initech", schema_name="t_initech_1", status=status)
    assert provisioning.resume(tenant).status == TenantStatus.READY


@pytest.mark.parametrize("status", [TenantStatus.READY, TenantStatus.SUSPENDED, TenantStatus.DELETING])
def test_resuming_changes_nothing_that_was_finished(acme: Tenant, status: TenantStatus) -> None:
    Tenant.objects.filter(pk=acme.pk).update(status=status)
    assert provisioning.resume(acme).status == status


def test_steps_run_inside_the_tenant_in_order_and_again_on_resume(db: None) -> None:
    ran: list[str] = []

    def first(tenant: Tenant) -> None:
        assert state.current().tenant_id == tenant.pk
        ran.append("first")

    def second(_tenant: Tenant) -> None:
        ran.append("second")
        if ran.count("second") == 1:
            raise OSError("once")

    with steps(first, second):
        with pytest.raises(ProvisioningFailedError):
            _create()
        provisioning.resume(Tenant.objects.get(slug="initech"))
    assert ran == ["first", "second", "first", "second"]


def test_a_step_is_registered_once(db: None) -> None:
    def step(_tenant: Tenant) -> None:
        return

    with steps():
        provisioning.on_tenant_created(step)
        provisioning.on_tenant_created(step)
        assert provisioning._steps == [step]


def test_a_schema_that_is_somebody_elses_is_never_touched(db: None) -> None:
    tenant = Tenant.objects.create(name="Initech", slug="initech", schema_name="t_initech_1")
    schemas.occupy("t_initech_1")
    for _ in range(2):
        with pytest.raises(SchemaOccupiedError):
            provisioning.resume(tenant)
        assert Tenant.objects.get(pk=tenant.pk).status == TenantStatus.FAILED
        assert schemas.what_is_dear_in("t_initech_1") == 42
        assert schemas.tables_in("t_initech_1") == {"dear"}


@pytest.mark.django_db(transaction=True)
def test_ten_tenants_made_at_once_are_all_ready() -> None:
    def make(number: int) -> Tenant:
        try:
            return _create(f"many-{number}")
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        made = list(pool.map(make, range(10)))
    assert {tenant.status for tenant in made} == {TenantStatus.READY}
    assert all(schemas.schema_exists(tenant.schema_name) for tenant in made)


@pytest.mark.django_db(transaction=True)
def test_the_same_slug_asked_for_at_once_is_given_once() -> None:
    def make(_: int) -> bool:
        try:
            _create("wanted")
        except SlugTakenError:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        assert sum(pool.map(make, range(5))) == 1
