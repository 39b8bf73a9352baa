"""Lets tenants use domains of their own, after each has proved that the domain is theirs and leads here.

A TXT record proves whose it is: only who rules the name can write there what this installation asked this tenant for.
What the domain answers proves that it leads here.
"""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx2
from asgiref.sync import async_to_sync
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from chatcms.core.errortext import ErrorText
from chatcms.core.http import hosts
from chatcms.core.outbound import egress
from chatcms.core.outbound.dnsrecords import txt_records
from tenants.enums import DomainProof
from tenants.exceptions import DomainNotHereError, InvalidDomainError, TooManyDomainsError
from tenants.models import Domain, Tenant
from tenants.services import domains
from tenants.types import Actor

WELL_KNOWN = "/.well-known/chatcms-domain"
MOST = 5
_PREFIX = "chatcms-verification="
_SECONDS = 10
_MAX_BYTES = 4096


def add_own_domain(*, by: Actor, tenant: Tenant, name: str) -> Domain:
    """Note a domain that the tenant wants to use; nothing is shown there until it is checked.

    Raises `InvalidDomainError`, `DomainTakenError` and `TooManyDomainsError`.
    """
    host = domains.host_name(name)
    if hosts.is_given(host):
        raise InvalidDomainError("This is the platform's own address. Name one of yours.")
    if Domain.objects.filter(tenant=tenant).count() >= MOST:
        raise TooManyDomainsError
    domain = Domain(tenant=tenant, domain=host, is_primary=False)
    domains.save_domain(by=by, domain=domain)
    return domain


def check_own_domain(*, by: Actor, domain: Domain) -> None:
    """Look for the domain's TXT record and ask the domain itself; show the tenant's portal there if both are right.

    Not to be called in a transaction. Raises `DomainNotHereError` with what is wrong, `DNSUnavailableError`,
    `DomainTakenError` and `DomainRestingError`.
    """
    if not is_proved(domain):
        raise DomainNotHereError(
            ErrorText(
                "%(record_name)s has no TXT record %(record_value)s. Add it in the domain's DNS, and "
                "give that up to an hour.",
                record_name=record_name(domain),
                record_value=record_value(domain),
            )
        )
    _check_leads_here(domain)
    domains.verify_domain(by=by, domain=domain, proof=DomainProof.DNS)


def is_proved(domain: Domain) -> bool:
    """Say whether the record is there; a secret that was rotated away a short while ago still counts.

    Raises `DNSUnavailableError`.
    """
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    wanted = {_PREFIX + _token(domain, secret) for secret in secrets}
    return not wanted.isdisjoint(record.strip() for record in txt_records(record_name(domain)))


def record_name(domain: Domain) -> str:
    """Return the name in the DNS where the TXT record belongs."""
    return f"_chatcms.{domain.domain}"


def record_value(domain: Domain) -> str:
    """Return the TXT record that proves the domain: the same each time for this installation, tenant and name."""
    return _PREFIX + _token(domain, settings.SECRET_KEY)


def address_of(domain: Domain) -> str:
    """Return where the proof of a domain is looked for: the installation's scheme and port, on the domain."""
    public = urlsplit(settings.PUBLIC_URL)
    port = f":{public.port}" if public.port else ""
    return f"{public.scheme}://{domain.domain}{port}{WELL_KNOWN}"


def here() -> str:
    """Return the platform's host name, to which domains are pointed."""
    return urlsplit(settings.PUBLIC_URL).hostname or ""


def proof_for_host(host: str) -> str:
    """Return what only this installation can say about a host that a tenant has named, "" when none has."""
    return _answer_of(host) if Domain.objects.filter(domain=host).exists() else ""


def _answer_of(host: str) -> str:
    return salted_hmac("tenants.own_domain.answer", host, algorithm="sha256").hexdigest()


def _token(domain: Domain, secret: str) -> str:
    named = f"{domain.tenant_id} {domain.domain}"
    return salted_hmac("tenants.own_domain.record", named, secret=secret, algorithm="sha256").hexdigest()[:40]


def _check_leads_here(domain: Domain) -> None:
    try:
        said = async_to_sync(_fetched)(address_of(domain))
    except egress.EgressRefusedError as error:
        raise DomainNotHereError(
            ErrorText("%(domain)s cannot be looked at: %(detail)s", domain=domain.domain, detail=error.detail)
        ) from None
    except (TimeoutError, httpx2.HTTPError):
        raise DomainNotHereError(
            ErrorText(
                "%(domain)s did not answer. Point it here in its DNS, and give that up to an hour.",
                domain=domain.domain,
            )
        ) from None
    if not constant_time_compare(said.strip(), _answer_of(domain.domain)):
        raise DomainNotHereError(
            ErrorText("%(domain)s answers, but it is not this installation that does.", domain=domain.domain)
        )


async def _fetched(url: str) -> str:
    policy = egress.EgressPolicy.of(egress.Purpose.DOMAIN, max_bytes=_MAX_BYTES)
    async with egress.async_client(policy, timeout=httpx2.Timeout(_SECONDS)) as client:
        answer = await client.get(egress.check_url(url, policy))
    return answer.text if answer.status_code == httpx2.codes.OK else ""
