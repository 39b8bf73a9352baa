"""Tests of /v1/tenant/audit and its CSV."""

from __future__ import annotations

import asyncio
import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.http import urlencode

from tenants import audit
from tenants.enums import Role
from tenants.models import AuditEvent, Membership, Tenant
from tenants.services import auditing
from tenants.tests import factories
from tenants.tests.factories import bearer
from tenants.types import SYSTEM, Actor

URL = "/v1/tenant/audit"


@pytest.fixture
def lines(acme: Tenant, globex: Tenant, owner: Membership) -> dict[str, AuditEvent]:
    """Three lines of acme, one of globex."""
    key, _ = factories.make_api_key(acme)
    by_key = Actor(type="api_key", id=key.pk, label=str(key))
    for action, by, target in (
        ("thing.make", factories.actor_of(owner), owner.user),
        ("thing.break", by_key, key),
        ("other.make", SYSTEM, None),
    ):
        audit.record(action, by=by, target=target, tenant_id=acme.pk, number=1)
    audit.record("thing.elsewhere", by=SYSTEM, tenant_id=globex.pk)
    return {line.action: line for line in AuditEvent.objects.filter(tenant_id=acme.pk)}


def _actions(client: Client, who: str, **query: Any) -> list[str]:
    answer = client.get(f"{URL}?{urlencode(query)}", headers=bearer(who))
    assert answer.status_code == 200, answer.content
    return [line["action"] for line in answer.json()["results"]]


def test_the_latest_line_comes_first_and_says_who_did_what(
    client: Client, lines: dict[str, AuditEvent], owner: Membership, access_token: str
) -> None:
    shown = client.get(URL, headers=bearer(access_token)).json()["results"]
    assert [line["action"] for line in shown][:4] == ["user.sign_in", "other.make", "thing.break", "thing.make"]
    made = shown[3]
    assert (made["actor_type"], made["actor_label"]) == ("user", "owner@acme.example")
    assert (made["target_type"], made["target_id"]) == ("user", str(owner.user_id))
    assert made["detail"] == {"number": 1}


def test_the_log_is_narrowed_down(
    client: Client, lines: dict[str, AuditEvent], owner: Membership, access_token: str
) -> None:
    assert _actions(client, access_token, action="thing.") == ["thing.break", "thing.make"]
    assert _actions(client, access_token, action="thing.make") == ["thing.make"]
    assert _actions(client, access_token, actor_type="api_key") == ["thing.break"]
    assert "thing.make" in _actions(client, access_token, actor_id=owner.user_id)
    assert "other.make" not in _actions(client, access_token, actor_id=owner.user_id)
    key = lines["thing.break"]
    assert _actions(client, access_token, target_type="apikey", target_id=key.target_id, action="thing") == [key.action]
    later = timezone.now() + timedelta(minutes=1)
    assert _actions(client, access_token, since=later.isoformat()) == []
    assert _actions(client, access_token, until=later.isoformat(), action="other") == ["other.make"]
    assert client.get(f"{URL}?since=yesterday", headers=bearer(access_token)).status_code == 400


def test_another_tenants_lines_are_not_there(
    client: Client, lines: dict[str, AuditEvent], access_token: str, globex: Tenant
) -> None:
    assert "thing.elsewhere" not in _actions(client, access_token)
    assert _actions(client, access_token, action="thing.elsewhere") == []
    assert client.get(f"{URL}?tenant_id={globex.pk}", headers=bearer(access_token)).status_code == 422


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_only_owners_and_admins_read_it(client: Client, acme: Tenant, role: Role) -> None:
    who = factories.make_token_pair(factories.make_member(acme, role=role)).access
    for path in (URL, f"{URL}.csv"):
        assert client.get(path, headers=bearer(who)).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_takes_as_many_queries_for_three_lines_as_for_one(
    client: Client, access_token: str, number: int, django_assert_num_queries: Any, acme: Tenant
) -> None:
    for _ in range(number):
        audit.record("thing.make", by=SYSTEM, tenant_id=acme.pk)
    with django_assert_num_queries(2):
        client.get(f"{URL}?action=thing", headers=bearer(access_token))


# --- as CSV --------------------------------------------------------------------------------------------------


def _rows(answer: Any) -> list[dict[str, str]]:
    async def read() -> bytes:
        return b"".join([part async for part in answer.streaming_content])

    return list(csv.DictReader(io.StringIO(asyncio.run(read()).decode("utf-8-sig"))))


@pytest.mark.django_db(transaction=True)
def test_the_table_has_every_line_over_all_pages(
    client: Client, access_token: str, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditing, "PAGE", 2)
    for number in range(5):
        audit.record("thing.make", by=SYSTEM, label=f"thing {number}", tenant_id=acme.pk, number=number)
    answer = client.get(f"{URL}.csv?action=thing.", headers=bearer(access_token))
    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = _rows(answer)
    assert [row["target_label"] for row in rows] == [f"thing {number}" for number in reversed(range(5))]
    assert rows[0]["detail"] == '{"number": 4}'


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_name_becomes_a_formula(client: Client, access_token: str, acme: Tenant, start: str) -> None:
    evil = f"{start}HYPERLINK(0)"
    by = Actor(type="visitor", label=evil)
    audit.record("thing.make", by=by, label=evil, tenant_id=acme.pk)
    (row,) = _rows(client.get(f"{URL}.csv?action=thing.", headers=bearer(access_token)))
    assert row["actor_label"].startswith("'")
    assert row["target_label"].startswith("'")


@pytest.mark.django_db(transaction=True)
def test_another_tenants_lines_are_not_in_the_table(
    client: Client, access_token: str, acme: Tenant, globex: Tenant
) -> None:
    audit.record("thing.make", by=SYSTEM, label="theirs", tenant_id=globex.pk)
    assert _rows(client.get(f"{URL}.csv?action=thing.", headers=bearer(access_token))) == []
