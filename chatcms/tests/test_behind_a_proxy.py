"""Shows who counts as whom with a TLS proxy in front, and without one, over real sockets.

Clients come from addresses of 127.0.0.0/8, the proxy from another one than the server's own.
"""

from __future__ import annotations

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from chatcms.tests import fronted, live
from tenants.models import Membership, Tenant
from tenants.services import attempts
from tenants.tests import factories

# More failures than one address may have for one person: counted as one, strangers would shut the person out.
STRANGERS = attempts.PER_PERSON_AND_PLACE + 3
WRONG = "not the password"


@pytest.fixture
def owner(transactional_db: None, settings: Any) -> Membership:
    # The server runs apart from this process: passwords must be hashed the usual way.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    # The server counts in Redis, where the guesses of the test before still count for their person.
    return factories.make_member(Tenant.objects.get(slug="acme"), f"{uuid.uuid4().hex}@acme.example")


@pytest.fixture(params=fronted.fronts(), ids=lambda front: front.__name__)
def front(request: pytest.FixtureRequest, transactional_db: None, tmp_path: Path) -> Iterator[str]:
    """The product behind a proxy, set up as documented."""
    extra = {"TRUSTED_PROXIES": "1", "BEHIND_TLS_PROXY": "true", "COOKIE_SECURE": "true"}
    with live.web_server(extra=extra) as server, request.param(server, tmp_path) as address:
        yield address


@pytest.fixture
def bare(transactional_db: None) -> Iterator[str]:
    """The product with nothing in front."""
    with live.web_server(extra={"TRUSTED_PROXIES": "0", "BEHIND_TLS_PROXY": "false"}) as address:
        yield address


def client(folder: Path, number: int) -> httpx2.Client:
    """A client with an address of its own."""
    transport = httpx2.HTTPTransport(verify=fronted.trusting(folder), local_address=f"127.0.1.{number}")
    return httpx2.Client(transport=transport, timeout=60)


def try_token(web: httpx2.Client, address: str, email: str, password: str = WRONG, **headers: str) -> int:
    body = {"email": email, "password": password}
    return web.post(f"{address}/v1/auth/token", json=body, headers=headers).status_code


def test_strangers_at_many_addresses_do_not_hinder_the_owner(front: str, owner: Membership, tmp_path: Path) -> None:
    for number in range(1, STRANGERS + 1):
        with client(tmp_path, number) as stranger:
            assert try_token(stranger, front, owner.user.email) == 401
    with client(tmp_path, 200) as owners:
        assert try_token(owners, front, owner.user.email, factories.PASSWORD) == 200


def test_a_clients_own_headers_change_nothing(front: str, owner: Membership, tmp_path: Path) -> None:
    with client(tmp_path, 1) as guesser:
        answers = Counter(
            try_token(guesser, front, owner.user.email, **{"X-Forwarded-For": f"203.0.113.{number}"})
            for number in range(STRANGERS)
        )
    assert answers == {401: attempts.PER_PERSON_AND_PLACE, 429: STRANGERS - attempts.PER_PERSON_AND_PLACE}


def test_forms_and_cookies_work_over_tls(front: str, owner: Membership, tmp_path: Path) -> None:
    with client(tmp_path, 1) as browser:
        page = browser.get(f"{front}/sign-in/")
        form = {"email": owner.user.email, "password": factories.PASSWORD, "csrfmiddlewaretoken": token_in(page.text)}
        # The browser's origin has to be the scheme and the host that the server believes it has.
        answer = browser.post(f"{front}/sign-in/", data=form, headers={"Origin": front, "X-Forwarded-Proto": "http"})
    assert answer.status_code == 302
    assert {"chatcms_session", "chatcms_device"} <= {name.removeprefix("__Host-") for name in answer.cookies}


def test_without_a_proxy_a_forwarded_header_is_nobodys_word(bare: str, owner: Membership) -> None:
    with httpx2.Client(timeout=60) as guesser:
        answers = Counter(
            try_token(guesser, bare, owner.user.email, **{"X-Forwarded-For": f"203.0.113.{number}"})
            for number in range(STRANGERS)
        )
        assert answers == {401: attempts.PER_PERSON_AND_PLACE, 429: STRANGERS - attempts.PER_PERSON_AND_PLACE}
        secure = guesser.get(f"{bare}/sign-in/", headers={"X-Forwarded-Proto": "https"})
    assert "strict-transport-security" not in secure.headers


def token_in(page: str) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert found, "the page has no form"
    return found.group(1)
