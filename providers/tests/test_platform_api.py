"""Tests of the platform's providers over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from providers.catalog.models import GlobalAIProvider
from tenants.models import AuditEvent
from tenants.tests import factories
from tenants.tests.factories import PASSWORD, bearer

KEY = "sk-platform-0123456789abcdef"


@pytest.fixture
def staff(client: Client, db: None) -> dict[str, str]:
    root = factories.make_user("root@platform.example", is_staff=True, is_superuser=True)
    body = {"email": root.email, "password": PASSWORD}
    return bearer(client.post("/v1/admin/token", body, content_type="application/json").json()["access"])


def _send(client: Client, method: str, path: str, who: dict[str, str], body: Any = None) -> Any:
    url = f"/v1/admin/providers{path}"
    return client.generic(method, url, data=json.dumps(body or {}), content_type="application/json", headers=who)


def test_a_key_goes_in_and_never_comes_out(client: Client, staff: dict[str, str]) -> None:
    made = _send(client, "POST", "", staff, {"name": "OpenAI", "provider_type": "openai", "api_key": KEY})
    assert made.status_code == 201, made.content
    path = f"/{made.json()['id']}"
    for answer in (made, _send(client, "GET", path, staff), _send(client, "GET", "", staff)):
        assert KEY not in answer.content.decode()
        assert "cdef" in answer.content.decode()
    changed = _send(client, "PATCH", path, staff, {"name": "Mine"}).json()
    assert (changed["name"], changed["has_key"]) == ("Mine", True)
    assert not any(KEY in str(vars(line)) for line in AuditEvent.objects.all())


def test_a_stored_key_goes_to_no_new_address(client: Client, staff: dict[str, str]) -> None:
    body = {
        "name": "Own",
        "provider_type": "openai_compatible",
        "api_key": KEY,
        "config": {"base_url": "https://one.example/v1"},
    }
    path = f"/{_send(client, 'POST', '', staff, body).json()['id']}"
    moved = _send(client, "PATCH", path, staff, {"config": {"base_url": "https://two.example/v1"}})
    assert (moved.status_code, moved.json()["errors"][0]["pointer"]) == (422, "/api_key")


def test_a_newer_default_takes_the_place_of_the_old_one(client: Client, staff: dict[str, str]) -> None:
    for name in ("One", "Two"):
        body = {"name": name, "provider_type": "openai", "api_key": KEY, "is_default": True}
        assert _send(client, "POST", "", staff, body).status_code == 201
    assert [one.name for one in GlobalAIProvider.objects.filter(is_default=True)] == ["Two"]


def test_a_test_tells_how_it_went_and_a_deleted_one_is_gone(client: Client, staff: dict[str, str]) -> None:
    body = {"name": "Nobody", "provider_type": "openai", "config": {"models": ["m"]}}
    path = f"/{_send(client, 'POST', '', staff, body).json()['id']}"
    tried = _send(client, "POST", f"{path}/test", staff, {"model": "m"})
    assert (tried.status_code, tried.json()["ok"]) == (200, False)
    assert _send(client, "DELETE", path, staff).status_code == 204
    assert _send(client, "GET", path, staff).json()["code"] == "no_such_provider"
