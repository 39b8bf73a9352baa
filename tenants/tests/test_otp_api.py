"""Tests of the second factor where programs sign people in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.models import Membership, Tenant, TenantSettings
from tenants.tests import factories


def sign_in(client: Client, path: str, email: str, **more: str) -> Any:
    asked = {"email": email, "password": factories.PASSWORD, **more}
    return client.post(path, asked, content_type="application/json")


@pytest.fixture(params=["/v1/auth/token", "/v1/admin/token"])
def door(request: pytest.FixtureRequest, owner: Membership) -> tuple[str, str, Any]:
    """A route that signs in, somebody with an app who may, and the app."""
    staff = factories.make_user("staff@platform.example", is_staff=True)
    user = owner.user if request.param == "/v1/auth/token" else staff
    return request.param, user.email, factories.add_app(user)


def test_the_second_factor_is_asked_for_and_taken(client: Client, door: tuple[str, str, Any]) -> None:
    path, email, app = door
    asked = sign_in(client, path, email)
    assert (asked.status_code, asked.json()["code"]) == (401, "second_factor_required")
    assert asked.json()["methods"] == ["totp", "recovery_code"]
    assert asked.headers["WWW-Authenticate"].startswith("Bearer")
    assert sign_in(client, path, email, otp=app.now()).status_code == 200


def test_a_wrong_code_is_told_from_a_missing_one(client: Client, door: tuple[str, str, Any]) -> None:
    path, email, app = door
    code = app.now()
    sign_in(client, path, email, otp=code)
    again = sign_in(client, path, email, otp=code)
    assert (again.status_code, again.json()["code"]) == (401, "second_factor_wrong")


def test_who_has_none_is_told_where_to_add_it(client: Client, owner: Membership, acme: Tenant) -> None:
    TenantSettings.objects.create(tenant=acme, require_second_factor=True)
    refused = sign_in(client, "/v1/auth/token", owner.user.email)
    assert (refused.status_code, refused.json()["code"]) == (403, "second_factor_demanded")
    assert "/account/second-factors/" in refused.json()["detail"]


def test_a_wrong_password_is_all_that_is_said(client: Client, door: tuple[str, str, Any]) -> None:
    path, email, app = door
    asked = {"email": email, "password": "wrong", "otp": app.now()}
    refused = client.post(path, asked, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (401, "authentication_failed")
