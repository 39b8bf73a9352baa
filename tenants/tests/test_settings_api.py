"""Tests of /v1/tenant/settings and /v1/tenant/identity-secret."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.enums import Role
from tenants.models import AuditEvent, Tenant, TenantSettings
from tenants.services import settings as services
from tenants.tests import factories
from tenants.tests.factories import bearer

URL = "/v1/tenant/settings"
SECRET = "/v1/tenant/identity-secret"
JSON = "application/json"


def _patch(client: Client, who: str, body: dict[str, Any], **headers: str) -> Any:
    return client.patch(URL, body, content_type=JSON, headers={**bearer(who), **headers})


def test_a_tenant_has_settings_from_the_beginning(client: Client, access_token: str) -> None:
    shown = client.get(URL, headers=bearer(access_token)).json()
    assert (shown["name"], shown["slug"], shown["language"], shown["retention_days"]) == ("Acme", "acme", "en", None)
    assert shown["has_identity_secret"] is False


def test_what_is_sent_is_changed_and_the_rest_stays(client: Client, acme: Tenant, access_token: str) -> None:
    body = {"name": "Acme Ltd", "accent_color": "#0f766e", "retention_days": 30, "time_zone": "Europe/Berlin"}
    before = client.get(URL, headers=bearer(access_token)).json()
    answer = _patch(client, access_token, body)
    assert answer.status_code == 200, answer.content
    assert answer.json() == {**before, **body} == client.get(URL, headers=bearer(access_token)).json()
    assert Tenant.objects.get(pk=acme.pk).name == "Acme Ltd"
    line = AuditEvent.objects.get(action="settings.update", tenant_id=acme.pk)
    assert line.detail["changed"] == sorted(body)
    assert line.detail["changes"]["name"] == ["Acme", "Acme Ltd"]
    assert line.detail["changes"]["retention_days"] == [None, 30]


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"name": " "}, 400, "/name"),
        ({"accent_color": "red"}, 400, "/accent_color"),
        ({"logo_url": "javascript:alert(1)"}, 400, "/logo_url"),
        ({"logo_url": "ftp://acme.example/logo"}, 422, "/logo_url"),
        ({"support_email": "nobody"}, 400, "/support_email"),
        ({"language": "klingon!"}, 422, "/language"),
        ({"time_zone": "Moon/Crater"}, 422, "/time_zone"),
        ({"retention_days": 0}, 400, "/retention_days"),
        ({"retention_days": 5000}, 400, "/retention_days"),
        ({"approve_staff_access": "yes"}, 400, "/approve_staff_access"),
    ],
)
def test_an_impossible_setting_is_refused_with_all_the_others(
    client: Client, access_token: str, body: dict[str, Any], status: int, pointer: str
) -> None:
    answer = _patch(client, access_token, {"website": "https://acme.example", **body})
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (status, pointer)
    assert client.get(URL, headers=bearer(access_token)).json()["website"] == ""


def test_neither_slug_nor_secret_is_changed_by_a_setting(client: Client, acme: Tenant, access_token: str) -> None:
    _patch(client, access_token, {"slug": "other", "identity_secret": "mine", "has_identity_secret": True})
    shown = client.get(URL, headers=bearer(access_token)).json()
    assert (shown["slug"], shown["has_identity_secret"]) == ("acme", False)


def test_a_setting_is_changed_as_it_was_seen(client: Client, access_token: str) -> None:
    seen = client.get(URL, headers=bearer(access_token)).headers["ETag"]
    assert _patch(client, access_token, {"language": "de"}, **{"If-Match": seen}).status_code == 200
    assert _patch(client, access_token, {"language": "fr"}, **{"If-Match": seen}).status_code == 412
    assert client.get(URL, headers=bearer(access_token)).json()["language"] == "de"


@pytest.mark.parametrize("name", ["require_second_factor", "approve_staff_access"])
def test_who_comes_in_and_how_only_owners_change(
    client: Client, acme: Tenant, access_token: str, api_key: str, name: str
) -> None:
    admin = factories.make_token_pair(factories.make_member(acme, role=Role.ADMIN)).access
    for who in (admin, api_key):
        answer = _patch(client, who, {name: True, "language": "de"})
        assert (answer.status_code, answer.json()["code"]) == (403, "owners_only")
        # Sent as it is already, it is no change.
        assert _patch(client, who, {name: False, "language": "de"}).status_code == 200
    assert _patch(client, access_token, {name: True}).json()[name] is True


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_others_look_and_change_nothing(client: Client, acme: Tenant, role: Role) -> None:
    who = factories.make_token_pair(factories.make_member(acme, role=role)).access
    assert client.get(URL, headers=bearer(who)).status_code == 200
    assert _patch(client, who, {"language": "de"}).status_code == 403
    assert client.post(SECRET, content_type=JSON, headers=bearer(who)).status_code == 403


# --- the identity secret -------------------------------------------------------------------------------------


def test_the_secret_is_shown_once_and_replaced_and_removed(client: Client, acme: Tenant, access_token: str) -> None:
    made = client.post(SECRET, content_type=JSON, headers=bearer(access_token))
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    secret = made.json()["secret"]
    assert services.identity_secret_of(acme) == secret
    shown = client.get(URL, headers=bearer(access_token))
    assert shown.json()["has_identity_secret"] is True
    assert secret not in shown.content.decode()
    assert secret not in str(TenantSettings.objects.filter(tenant=acme).values().get())
    again = client.post(SECRET, content_type=JSON, headers=bearer(access_token)).json()["secret"]
    assert services.identity_secret_of(acme) == again != secret
    assert client.delete(SECRET, headers=bearer(access_token)).status_code == 204
    assert services.identity_secret_of(acme) == ""
    assert client.delete(SECRET, headers=bearer(access_token)).json()["code"] == "no_identity_secret"
    lines = AuditEvent.objects.filter(action__startswith="identity_secret.").order_by("id")
    assert [line.action.partition(".")[2] for line in lines] == ["make", "make", "remove"]
    assert secret not in str(list(lines.values()))


def test_sent_twice_with_one_key_it_is_one_secret(client: Client, acme: Tenant, access_token: str) -> None:
    headers = {**bearer(access_token), "Idempotency-Key": "one"}
    first, second = (client.post(SECRET, content_type=JSON, headers=headers).json()["secret"] for _ in range(2))
    assert first == second == services.identity_secret_of(acme)
