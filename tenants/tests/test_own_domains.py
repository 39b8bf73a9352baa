"""A tenant's own domain: proved over real HTTP, then showing that tenant and nothing else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from django.test import Client

from chatcms.tests import live
from tenants.exceptions import DomainNotHereError, DomainTakenError, InvalidDomainError, TooManyDomainsError
from tenants.models import Domain, Membership, Tenant
from tenants.services import own_domains
from tenants.tests import factories
from tenants.types import SYSTEM

NAME = "chat.acme.example"


@pytest.fixture
def leading_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every name leads to this machine, as the DNS of a domain that points here would say."""

    asked = socket.getaddrinfo

    def here(host: Any, *rest: Any, **more: Any) -> Any:
        return asked("127.0.0.1" if host == NAME else host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", here)


@pytest.fixture
def server(transactional_db: None) -> Iterator[str]:
    with live.web_server() as address:
        yield address


def get(server: str, host: str, path: str, cookie: str = "") -> tuple[int, str, str]:
    """Status, `Location` and body of a page, asked for with that Host header."""
    connection = HTTPConnection(server.removeprefix("http://"), timeout=60)
    connection.request("GET", path, headers={"Host": host, "Accept": "text/html", "Cookie": cookie})
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, answer.headers.get("Location", ""), body


def at(server: str, settings: Any) -> str:
    """Let the proof be looked for where the test's server listens."""
    port = server.rpartition(":")[2]
    settings.PUBLIC_URL = f"http://127.0.0.1:{port}"
    settings.DOMAIN_PRIVATE_HOSTS = frozenset({f"{NAME}:{port}"})
    return f"{NAME}:{port}"


def signed_in(membership: Membership) -> str:
    client = Client()
    client.force_login(membership.user)
    cookie = client.cookies["chatcms_session"]
    return f"{cookie.key}={cookie.value}"


def test_a_domain_that_leads_here_shows_its_tenant_and_nothing_else(
    server: str, settings: Any, leading_here: None
) -> None:
    acme, host = Tenant.objects.get(slug="acme"), at(server, settings)
    owner = factories.make_member(acme)
    Membership.objects.create(user=owner.user, tenant=Tenant.objects.get(slug="globex"))
    domain = own_domains.add_own_domain(by=SYSTEM, tenant=acme, name=NAME)
    assert get(server, host, "/sign-in/")[0] == 400

    own_domains.check_own_domain(by=SYSTEM, domain=domain)

    assert Domain.objects.get(pk=domain.pk).verified_at is not None
    # Another process learns of it within fifteen seconds; a new one at once.
    with live.web_server() as fresh:
        cookie = signed_in(owner)
        assert get(fresh, host, "/", cookie)[:2] == (302, "/t/acme/")
        assert get(fresh, host, "/t/acme/", cookie)[0] == 200
        for elsewhere in ("/t/globex/", "/admin/", "/v1/admin/tenants", "/admin/login/"):
            assert get(fresh, host, elsewhere, cookie)[0] == 404, elsewhere
        assert get(fresh, "evil.example", "/sign-in/")[0] == 400


def test_a_domain_that_leads_elsewhere_is_not_verified(server: str, settings: Any, leading_here: None) -> None:
    acme = Tenant.objects.get(slug="acme")
    at(server, settings)
    domain = own_domains.add_own_domain(by=SYSTEM, tenant=acme, name=NAME)
    settings.SECRET_KEY = "another installation's secret, of a decent length"

    with pytest.raises(DomainNotHereError, match="not this installation"):
        own_domains.check_own_domain(by=SYSTEM, domain=domain)
    assert Domain.objects.get(pk=domain.pk).verified_at is None


def test_a_domain_that_does_not_answer_says_what_to_do(acme: Tenant, settings: Any, leading_here: None) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        at(f"http://127.0.0.1:{closed.getsockname()[1]}", settings)
        domain = own_domains.add_own_domain(by=SYSTEM, tenant=acme, name=NAME)

        with pytest.raises(DomainNotHereError, match="in its DNS"):
            own_domains.check_own_domain(by=SYSTEM, domain=domain)


def test_the_platforms_own_host_and_anothers_domain_are_refused(acme: Tenant, globex: Tenant, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["chat.platform.example"]
    own_domains.add_own_domain(by=SYSTEM, tenant=globex, name=NAME)

    with pytest.raises(InvalidDomainError):
        own_domains.add_own_domain(by=SYSTEM, tenant=acme, name="Chat.Platform.Example")
    with pytest.raises(DomainTakenError):
        own_domains.add_own_domain(by=SYSTEM, tenant=acme, name=NAME)
    for n in range(own_domains.MOST):
        own_domains.add_own_domain(by=SYSTEM, tenant=acme, name=f"chat{n}.acme.example")
    with pytest.raises(TooManyDomainsError):
        own_domains.add_own_domain(by=SYSTEM, tenant=acme, name="one-more.acme.example")


def test_the_page_names_and_removes_domains(owner: Membership, acme: Tenant) -> None:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(owner.user)
    address = "/t/acme/settings/domains/"

    refused = client.post(address, {"domain": "not a name"})
    assert refused.status_code == 422
    assert b"not a name" in refused.content
    client.post(address, {"domain": NAME})
    domain = Domain.objects.get(tenant=acme, domain=NAME)
    assert b"CNAME" in client.get(address).content
    client.post(f"{address}{domain.pk}/remove/")
    assert not Domain.objects.filter(tenant=acme, domain=NAME).exists()
