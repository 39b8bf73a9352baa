"""A tenant's own domain: proved over real HTTP, then showing that tenant and nothing else."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest
from django.test import Client

from chatcms.core.outbound.dnsrecords import DNSUnavailableError
from chatcms.tests import live
from chatcms.tests.dnsserver import Zone, dns_server
from tenants.enums import DomainProof
from tenants.exceptions import (
    DomainNotHereError,
    DomainRestingError,
    DomainTakenError,
    InvalidDomainError,
    TooManyDomainsError,
)
from tenants.models import Domain, Membership, RestingDomain, Tenant
from tenants.services import domains, lifecycle, own_domains
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
def zone(settings: Any) -> Iterator[Zone]:
    """The DNS that this installation asks; it holds no record yet."""
    with dns_server() as zone:
        settings.DNS_RESOLVERS = [zone.address]
        yield zone


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


def asked_for(zone: Zone, tenant: Tenant, name: str = NAME) -> Domain:
    """A domain that the tenant named and whose record it put into the DNS, beside those of others."""
    domain = own_domains.add_own_domain(by=SYSTEM, tenant=tenant, name=name)
    zone.records.setdefault(own_domains.record_name(domain), ["v=spf1 -all"]).append(own_domains.record_value(domain))
    return domain


def proved(tenant: Tenant, name: str = NAME) -> Domain:
    """A domain that the tenant has proved to be theirs."""
    domain = own_domains.add_own_domain(by=SYSTEM, tenant=tenant, name=name)
    domains.verify_domain(by=SYSTEM, domain=domain, proof=DomainProof.DNS)
    return domain


def signed_in(membership: Membership) -> str:
    client = Client()
    client.force_login(membership.user)
    cookie = client.cookies["chatcms_session"]
    return f"{cookie.key}={cookie.value}"


def test_a_domain_with_its_record_that_leads_here_shows_its_tenant(
    server: str, settings: Any, leading_here: None, zone: Zone
) -> None:
    acme, host = Tenant.objects.get(slug="acme"), at(server, settings)
    owner = factories.make_member(acme)
    domain = asked_for(zone, acme)
    assert get(server, host, "/sign-in/")[0] == 400

    own_domains.check_own_domain(by=SYSTEM, domain=domain)

    assert Domain.objects.get(pk=domain.pk).proof == DomainProof.DNS
    # Another process learns of it within fifteen seconds; a new one at once.
    with live.web_server() as fresh:
        cookie = signed_in(owner)
        assert get(fresh, host, "/", cookie)[:2] == (302, "/t/acme/")
        assert get(fresh, host, "/t/acme/", cookie)[0] == 200
        assert get(fresh, "evil.example", "/sign-in/")[0] == 400


def test_only_the_record_that_this_tenant_was_asked_for_proves_a_domain(
    server: str, settings: Any, leading_here: None, zone: Zone
) -> None:
    """A host that leads here proves nothing of who asks for it: nobody's, a stranger's, one that was left behind."""
    acme, globex = Tenant.objects.get(slug="acme"), Tenant.objects.get(slug="globex")
    at(server, settings)
    theirs = own_domains.add_own_domain(by=SYSTEM, tenant=acme, name=NAME)
    stranger = asked_for(zone, globex)
    for records in ([], [own_domains.record_value(stranger)], ["chatcms-verification="], [""]):
        zone.records[own_domains.record_name(theirs)] = records or ["v=spf1 -all"]
        with pytest.raises(DomainNotHereError, match="TXT"):
            own_domains.check_own_domain(by=SYSTEM, domain=theirs)
    zone.records.clear()
    with pytest.raises(DomainNotHereError, match="TXT"):
        own_domains.check_own_domain(by=SYSTEM, domain=theirs)
    zone.is_broken = True
    with pytest.raises(DNSUnavailableError):
        own_domains.check_own_domain(by=SYSTEM, domain=theirs)

    assert not Domain.objects.filter(verified_at__isnull=False).exists()


def test_a_domain_that_leads_elsewhere_is_not_verified(
    server: str, settings: Any, leading_here: None, zone: Zone
) -> None:
    at(server, settings)
    settings.SECRET_KEY = "another installation's secret, of a decent length"
    domain = asked_for(zone, Tenant.objects.get(slug="acme"))

    with pytest.raises(DomainNotHereError, match="not this installation"):
        own_domains.check_own_domain(by=SYSTEM, domain=domain)
    assert Domain.objects.get(pk=domain.pk).verified_at is None


def test_a_domain_that_does_not_answer_says_what_to_do(
    acme: Tenant, settings: Any, leading_here: None, zone: Zone
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        at(f"http://127.0.0.1:{closed.getsockname()[1]}", settings)
        domain = asked_for(zone, acme)

        with pytest.raises(DomainNotHereError, match="in its DNS"):
            own_domains.check_own_domain(by=SYSTEM, domain=domain)


def test_a_record_outlives_the_rotation_of_the_secret(acme: Tenant, zone: Zone, settings: Any) -> None:
    domain = asked_for(zone, acme)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "the secret after the rotation, long enough"

    assert own_domains.is_proved(domain)


# --- whose a name is --------------------------------------------------------------------------------------


def test_the_platforms_own_host_and_names_that_others_proved_are_refused(
    acme: Tenant, globex: Tenant, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["chat.platform.example"]
    proved(globex)

    with pytest.raises(InvalidDomainError):
        own_domains.add_own_domain(by=SYSTEM, tenant=acme, name="Chat.Platform.Example")
    with pytest.raises(DomainTakenError):
        own_domains.add_own_domain(by=SYSTEM, tenant=acme, name=f"{NAME.upper()}.")
    for n in range(own_domains.MOST):
        own_domains.add_own_domain(by=SYSTEM, tenant=acme, name=f"chat{n}.acme.example")
    with pytest.raises(TooManyDomainsError):
        own_domains.add_own_domain(by=SYSTEM, tenant=acme, name="one-more.acme.example")


def test_a_name_that_nobody_proved_is_open_to_all_until_one_does(acme: Tenant, globex: Tenant) -> None:
    squatted = own_domains.add_own_domain(by=SYSTEM, tenant=globex, name=NAME)
    with pytest.raises(DomainTakenError, match="This tenant"):
        own_domains.add_own_domain(by=SYSTEM, tenant=globex, name=NAME)

    proved(acme)

    with pytest.raises(DomainTakenError):
        domains.verify_domain(by=SYSTEM, domain=squatted, proof=DomainProof.DNS)
    assert Domain.objects.get(verified_at__isnull=False).tenant == acme


def give_up(how: str, domain: Domain) -> None:
    if how == "removed":
        domains.delete_domain(by=SYSTEM, domain=domain)
    elif how == "renamed":
        domain.domain = "other.acme.example"
        domains.save_domain(by=SYSTEM, domain=domain)
    else:
        Tenant.objects.filter(pk=domain.tenant_id).update(
            status="deleting", delete_after="2020-01-01T00:00Z", schema_made_at=None
        )
        lifecycle.drop_due()


@pytest.mark.parametrize("how", ["removed", "renamed", "dropped"])
def test_a_name_that_was_given_up_rests(acme: Tenant, globex: Tenant, settings: Any, how: str) -> None:
    give_up(how, proved(acme))
    taken = own_domains.add_own_domain(by=SYSTEM, tenant=globex, name=NAME)

    with pytest.raises(DomainRestingError):
        domains.verify_domain(by=SYSTEM, domain=taken, proof=DomainProof.DNS)
    RestingDomain.objects.update(until="2020-01-01T00:00Z")
    domains.verify_domain(by=SYSTEM, domain=taken, proof=DomainProof.DNS)

    assert not RestingDomain.objects.exists()


def test_the_tenant_that_gave_a_name_up_and_the_platforms_staff_need_not_wait(acme: Tenant, globex: Tenant) -> None:
    domains.delete_domain(by=SYSTEM, domain=proved(acme))
    domains.delete_domain(by=SYSTEM, domain=proved(acme))
    taken = own_domains.add_own_domain(by=SYSTEM, tenant=globex, name=NAME)

    domains.verify_domain(by=SYSTEM, domain=taken, proof=DomainProof.STAFF)

    assert Domain.objects.get(domain=NAME).tenant == globex
    domains.delete_domain(by=SYSTEM, domain=taken)
    domains.release_domain(by=SYSTEM, resting=RestingDomain.objects.get())
    proved(acme)


def test_the_page_names_and_removes_domains(owner: Membership, acme: Tenant, settings: Any) -> None:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(owner.user)
    settings.PUBLIC_URL = "http://chat.platform.example:8100"
    address = "/t/acme/settings/domains/"

    refused = client.post(address, {"domain": "not a name"})
    assert refused.status_code == 422
    assert b"not a name" in refused.content
    client.post(address, {"domain": NAME})
    domain = Domain.objects.get(tenant=acme, domain=NAME)
    shown = client.get(address).content.decode()
    assert own_domains.record_name(domain) in shown
    assert own_domains.record_value(domain) in shown
    assert "<code>chat.platform.example</code>" in shown
    client.post(f"{address}{domain.pk}/remove/")
    assert not Domain.objects.filter(tenant=acme, domain=NAME).exists()
