"""Tests of the management commands about people and tenants."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import CommandError, call_command, get_commands

from tenants.enums import Role, TenantStatus
from tenants.exceptions import ProvisioningFailedError
from tenants.models import Membership, Plan, Tenant, User
from tenants.services import provisioning
from tenants.tests import factories
from tenants.types import SYSTEM


def _run(command: str, **options: object) -> str:
    out = io.StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("name", ["create_tenant", "migrate", "create_admin_user", "migrate_tenants"])
def test_our_commands_come_before_those_of_django_tenants(name: str) -> None:
    assert get_commands()[name] == "tenants"


def test_an_admin_is_made_with_a_random_password_shown_once(db: None) -> None:
    out = _run("create_admin_user", email="Root@Platform.example")
    user = User.objects.get(email="root@platform.example")
    shown = re.search(r"shown only now\): (\S+)", out)
    assert shown is not None
    assert user.check_password(shown[1])
    assert user.is_staff and user.is_superuser


def test_a_given_password_is_not_shown(db: None) -> None:
    out = _run("create_admin_user", email="root@platform.example", password="a long enough one")
    assert "long enough" not in out
    assert User.objects.get().check_password("a long enough one")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"email": "root"}, "not an e-mail address"),
        ({"email": "root@platform.example", "password": "short"}, "too short"),
        ({"email": "owner@acme.example"}, "has an account"),
    ],
)
def test_an_admin_who_cannot_be_made_is_explained(owner: Membership, options: dict[str, str], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        _run("create_admin_user", **options)
    assert not User.objects.filter(is_staff=True).exists()


def test_a_tenant_is_made_with_an_owner_who_can_sign_in(db: None) -> None:
    Plan.objects.create(code="large", name="Large")
    out = _run("create_tenant", slug="initech", name="Initech", owner_email="bill@initech.example", plan="large")
    tenant = Tenant.objects.get(slug="initech")
    assert tenant.plan is not None
    assert (tenant.name, tenant.status, tenant.plan.code) == ("Initech", TenantStatus.READY, "large")
    membership = Membership.objects.get(tenant=tenant)
    shown = re.search(r"shown only now\): (\S+)", out)
    assert shown is not None
    assert membership.role == Role.OWNER
    assert membership.user.check_password(shown[1])


def test_an_owner_who_has_an_account_keeps_the_password(db: None) -> None:
    user = factories.make_user("bill@initech.example")
    out = _run("create_tenant", slug="initech", owner_email=user.email)
    assert "assword" not in out
    user.refresh_from_db()
    assert user.check_password(factories.PASSWORD)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"slug": "acme"}, "Another tenant"),
        ({"slug": "No Slug"}, "lower-case"),
        ({"slug": "new", "plan": "none"}, "no plan"),
        ({"slug": "new", "owner_email": "bill"}, "not an e-mail address"),
        ({"slug": "new", "owner_email": "owner@acme.example", "owner_password": "x" * 20}, "has an account"),
        ({"slug": "new", "owner_email": "bill@initech.example", "owner_password": "short"}, "too short"),
        ({"slug": "new", "resume": True}, "no tenant"),
    ],
)
def test_a_tenant_that_cannot_be_made_is_explained(owner: Membership, options: dict[str, object], words: str) -> None:
    with pytest.raises(CommandError, match=words):
        _run("create_tenant", **options)
    assert not Tenant.objects.filter(slug="new").exists()


def test_a_tenant_that_stopped_halfway_is_gone_on_with(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_tenant: Tenant) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(provisioning, "_steps", [fail])
        with pytest.raises(ProvisioningFailedError):
            factories.make_tenant("initech")
    assert "is ready" in _run("create_tenant", slug="initech", resume=True)
    assert provisioning.resume(Tenant.objects.get(slug="initech"), by=SYSTEM).status == TenantStatus.READY
