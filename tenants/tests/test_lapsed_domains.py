"""Tests of domains whose TXT record is gone: owners are warned, names are freed, and a record that is back ends it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chatcms.tests.dnsserver import Zone, dns_server
from tenants.enums import DomainProof
from tenants.exceptions import DomainRestingError
from tenants.models import AuditEvent, Domain, Mail, Membership, RestingDomain, Tenant
from tenants.services import domains, lapsed_domains, own_domains
from tenants.types import SYSTEM

NAME = "chat.acme.example"


@pytest.fixture
def zone(settings: Any) -> Iterator[Zone]:
    """The DNS that this installation asks."""
    with dns_server() as zone:
        settings.DNS_RESOLVERS = [zone.address]
        yield zone


@pytest.fixture
def domain(owner: Membership, zone: Zone) -> Domain:
    """A domain that its tenant has proved, whose record is in the DNS."""
    return proved(owner.tenant, zone)


def proved(tenant: Tenant, zone: Zone, name: str = NAME) -> Domain:
    domain = own_domains.add_own_domain(by=SYSTEM, tenant=tenant, name=name)
    zone.records[own_domains.record_name(domain)] = [own_domains.record_value(domain)]
    domains.verify_domain(by=SYSTEM, domain=domain, proof=DomainProof.DNS)
    return domain


@pytest.fixture
def after(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], int]:
    """Looks at the records so many days from now."""
    begun = timezone.now()

    def look(days: float) -> int:
        monkeypatch.setattr(timezone, "now", lambda: begun + timedelta(days=days))
        return lapsed_domains.look_at_some()

    return look


def actions() -> list[str]:
    lines = AuditEvent.objects.filter(action__in=["domain.lapse", "domain.warn", "domain.free", "domain.prove_again"])
    return list(lines.order_by("id").values_list("action", flat=True))


def test_a_record_that_stays_away_is_told_twice_and_frees_the_name(
    domain: Domain, globex: Tenant, zone: Zone, after: Callable[[float], int]
) -> None:
    assert after(0) == 0
    zone.records.clear()
    assert [after(days) for days in (1, 2, 11)] == [1, 1, 1]
    assert actions() == ["domain.lapse"]
    after(12)
    assert actions() == ["domain.lapse", "domain.warn"]
    after(14.9)
    assert Domain.objects.get(pk=domain.pk).verified_at is not None
    after(16)

    assert actions() == ["domain.lapse", "domain.warn", "domain.free"]
    assert Mail.objects.filter(kind="domain_lapsed", recipient="owner@acme.example").count() == 3
    row = Domain.objects.get(pk=domain.pk)
    assert (row.verified_at, row.proof, row.lapsed_at, row.last_warned_at) == (None, "", None, None)
    taken = proved_later(globex)
    with pytest.raises(DomainRestingError):
        domains.verify_domain(by=SYSTEM, domain=taken, proof=DomainProof.DNS)
    assert RestingDomain.objects.get().tenant_id == domain.tenant_id
    assert after(18) == 0


def proved_later(tenant: Tenant) -> Domain:
    return own_domains.add_own_domain(by=SYSTEM, tenant=tenant, name=NAME)


@pytest.mark.parametrize("days", [2, 13, 16])
def test_a_record_that_is_back_ends_it_even_on_the_last_day(
    domain: Domain, zone: Zone, after: Callable[[float], int], days: int
) -> None:
    kept = dict(zone.records)
    zone.records.clear()
    after(1)
    if days > 12:
        after(12)
    zone.records |= kept
    assert after(days) == 0

    row = Domain.objects.get(pk=domain.pk)
    assert row.verified_at is not None
    assert (row.lapsed_at, row.last_warned_at) == (None, None)
    assert actions()[-1] == "domain.prove_again"


def test_a_dns_that_does_not_answer_says_nothing(domain: Domain, zone: Zone, after: Callable[[float], int]) -> None:
    zone.is_broken = True
    assert [after(days) for days in (1, 30)] == [0, 0]
    assert actions() == []


def test_who_was_not_warned_in_time_has_days_left_after_the_warning(
    domain: Domain, zone: Zone, after: Callable[[float], int]
) -> None:
    """The scheduler was away for weeks, or the domain lapsed before there was an end."""
    zone.records.clear()
    after(1)
    after(40)
    after(42)
    assert actions() == ["domain.lapse", "domain.warn"]
    after(43.1)
    assert actions()[-1] == "domain.free"


def test_nothing_is_freed_where_the_operator_says_so(
    domain: Domain, zone: Zone, after: Callable[[float], int], settings: Any
) -> None:
    settings.DOMAIN_LAPSE_DAYS = 0
    zone.records.clear()
    for days in (1, 20, 60):
        after(days)
    assert actions() == ["domain.lapse"]
    assert Domain.objects.get(pk=domain.pk).verified_at is not None


def test_what_was_verified_anew_meanwhile_is_not_freed(domain: Domain, zone: Zone) -> None:
    Domain.objects.filter(pk=domain.pk).update(lapsed_at=timezone.now())
    seen = Domain.objects.get(pk=domain.pk)
    domains.verify_domain(by=SYSTEM, domain=domain, proof=DomainProof.DNS)
    assert not domains.free_lapsed(by=SYSTEM, domain=seen)
    assert not RestingDomain.objects.exists()


def test_a_run_looks_at_few_and_each_in_turn_and_at_no_word_of_staff(
    domain: Domain, zone: Zone, after: Callable[[float], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("two.acme.example", "three.acme.example"):
        proved(domain.tenant, zone, name)
    by_staff = own_domains.add_own_domain(by=SYSTEM, tenant=domain.tenant, name="staff.acme.example")
    domains.verify_domain(by=SYSTEM, domain=by_staff, proof=DomainProof.STAFF)
    zone.records.clear()
    monkeypatch.setattr(lapsed_domains, "PER_RUN", 2)
    assert [after(1), after(1.01), after(1.02)] == [2, 1, 0]
    assert list(Domain.objects.filter(lapsed_at=None)) == [by_staff]


def test_the_pages_say_so(domain: Domain, owner: Membership, zone: Zone) -> None:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(owner.user)
    assert NAME not in client.get("/t/acme/").content.decode()
    zone.records.clear()
    lapsed_domains.look_at_some()
    assert f"The TXT record of {NAME} is missing" in client.get("/t/acme/").content.decode()
    shown = client.get("/t/acme/settings/domains/").content.decode()
    assert "Put the TXT record back by" in shown
    assert own_domains.record_value(domain) in shown
