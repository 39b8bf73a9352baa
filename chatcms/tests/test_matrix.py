"""Asks every route as every kind of caller, and compares with the table of who may do what."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from chatcms.core.api.routes import Route, api_routes
from chatcms.tests.rights import CALLERS, may
from chatcms.tests.route_table import OPEN, TABLE
from chatcms.tests.world import headers_of, platform_things, things_of
from tenants.management.commands.permissions_table import needed
from tenants.models import Tenant

REFUSED = {401, 403}


@pytest.fixture(autouse=True)
def unlimited(settings: Any) -> None:
    """Nobody asks as fast as these tests."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS)


def cases() -> Iterator[tuple[str, Route, str]]:
    for route in api_routes():
        for method in route.methods or ["get"]:
            yield f"{method.upper()} {route}", route, method


def call(client: Client, method: str, url: str, headers: dict[str, str], body: object = None) -> Any:
    """Send a request whose effects are undone."""
    with transaction.atomic():
        try:
            return client.generic(
                method.upper(), url, data=json.dumps(body or {}), content_type="application/json", headers=headers
            )
        finally:
            transaction.set_rollback(True)


def is_refused(response: Any) -> bool:
    """Whether the caller was turned away for who it is, and not for a quota."""
    if response.status_code not in REFUSED:
        return False
    body = response.json()
    code = body["error"]["code"] if "error" in body else body["code"]
    return bool(response.status_code == 401 or code == "permission_denied")


def test_the_table_knows_every_route_and_no_other() -> None:
    assert sorted(TABLE) == sorted(name for name, _, _ in cases())


@pytest.mark.parametrize(("name", "route", "method"), list(cases()), ids=[name for name, _, _ in cases()])
def test_a_view_asks_for_what_the_table_says(name: str, route: Route, method: str) -> None:
    assert needed(route, method) == str(TABLE[name])


def test_the_documented_table_is_up_to_date() -> None:
    call_command("permissions_table", "--check")


@pytest.mark.parametrize("caller", CALLERS)
def test_every_route_lets_in_whom_the_table_names_and_nobody_else(client: Client, acme: Tenant, caller: str) -> None:
    things = {**things_of(acme), **platform_things(acme)}
    headers = headers_of(caller, acme, things)
    client.raise_request_exception = False
    wrong = []
    for name, route, method in cases():
        response = call(client, method, route.url(things), headers)
        expected = "let in" if may(caller, name) else "refused"
        happened = "refused" if is_refused(response) else "let in" if response.status_code < 500 else "broken"
        if happened != expected:
            wrong.append(f"{name}: {expected} by the table, but {response.status_code} {response.content[:200]!r}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("caller", ["anonymous", "wrong"])
def test_who_has_no_good_credential_is_told_so(client: Client, acme: Tenant, caller: str) -> None:
    headers = {"Authorization": "Bearer cms_live_nonsense"} if caller == "wrong" else {}
    things = {**things_of(acme), **platform_things(acme)}
    for name, route, method in cases():
        if TABLE[name] != OPEN:
            response = call(client, method, route.url(things), headers)
            assert (response.status_code, name) == (401, name)
            assert response.headers["WWW-Authenticate"].startswith("Bearer")
