"""Tests of what a guesser of passwords meets at the API, and of who is not bothered by it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tenants.models import Membership
from tenants.services import attempts
from tenants.tests import factories
from tenants.tests.factories import PASSWORD

HERE, THERE = "192.0.2.1", "198.51.100.7"
WRONG = "not the password"


def _sign_in(client: Client, email: str, password: str = WRONG, *, address: str = HERE) -> Any:
    body = {"email": email, "password": password}
    return client.post("/v1/auth/token", body, content_type="application/json", REMOTE_ADDR=address)


def _said(answer: Any) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name not in {"request_id", "retry_after"}}


def test_known_and_unknown_people_are_told_the_same_until_and_after_the_lock(client: Client, owner: Membership) -> None:
    for number in range(attempts.PER_PERSON_AND_PLACE + 2):
        known = _sign_in(client, owner.user.email)
        unknown = _sign_in(client, "nobody@acme.example", address=THERE)
        assert known.status_code == (401 if number < attempts.PER_PERSON_AND_PLACE else 429)
        assert (known.status_code, _said(known)) == (unknown.status_code, _said(unknown))
        assert known.headers.keys() == unknown.headers.keys()


def test_a_guesser_locks_neither_others_here_nor_the_person_elsewhere(
    client: Client, owner: Membership, globex_owner: Membership
) -> None:
    for _ in range(attempts.PER_PERSON_AND_PLACE + 1):
        _sign_in(client, owner.user.email)
    assert _sign_in(client, owner.user.email, PASSWORD).status_code == 429
    assert _sign_in(client, globex_owner.user.email, PASSWORD).status_code == 200
    assert _sign_in(client, owner.user.email, PASSWORD, address=THERE).status_code == 200


def test_a_lock_ends_no_sign_in(client: Client, owner: Membership) -> None:
    pair = factories.make_token_pair(owner)
    for _ in range(attempts.PER_PERSON_AND_PLACE + 1):
        _sign_in(client, owner.user.email)
    renewed = client.post("/v1/auth/token/refresh", {"refresh": pair.refresh}, content_type="application/json")
    assert renewed.status_code == 200


def test_the_addresses_of_one_network_of_ipv6_count_as_one(client: Client, owner: Membership) -> None:
    for number in range(attempts.PER_PERSON_AND_PLACE):
        _sign_in(client, owner.user.email, address=f"2001:db8:1:1::{number:x}")
    assert _sign_in(client, owner.user.email, PASSWORD, address="2001:db8:1:1:ffff::1").status_code == 429
    assert _sign_in(client, owner.user.email, PASSWORD, address="2001:db8:1:2::1").status_code == 200


def test_behind_a_trusted_proxy_places_are_told_apart(client: Client, owner: Membership, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    for _ in range(attempts.PER_PERSON_AND_PLACE + 1):
        _forwarded(client, owner.user.email, "wrong", for_="203.0.113.1")
    assert _forwarded(client, owner.user.email, PASSWORD, for_="203.0.113.1").status_code == 429
    assert _forwarded(client, owner.user.email, PASSWORD, for_="203.0.113.2").status_code == 200


@pytest.mark.parametrize(
    ("first", "other"), [("/v1/auth/token", "/v1/admin/token"), ("/v1/admin/token", "/v1/auth/token")]
)
def test_one_door_does_not_help_past_the_lock_of_the_other(
    client: Client, owner: Membership, first: str, other: str
) -> None:
    body = {"email": owner.user.email, "password": "wrong"}
    for _ in range(attempts.PER_PERSON_AND_PLACE):
        assert client.post(first, body, content_type="application/json").status_code == 401
    assert client.post(other, body, content_type="application/json").status_code == 429


def _forwarded(client: Client, email: str, password: str, *, for_: str) -> Any:
    body = {"email": email, "password": password}
    return client.post(
        "/v1/auth/token", body, content_type="application/json", headers={"X-Forwarded-For": f"10.0.0.1, {for_}"}
    )
