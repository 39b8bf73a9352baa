"""Lets tenants use domains of their own, after each has been seen to lead to this installation."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx2
from asgiref.sync import async_to_sync
from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from chatcms.core import egress, hosts
from tenants.exceptions import DomainNotHereError, InvalidDomainError, TooManyDomainsError
from tenants.models import Domain, Tenant
from tenants.services import catalogue
from tenants.types import Actor

WELL_KNOWN = "/.well-known/chatcms-domain"
MOST = 5
_SECONDS = 10
_MAX_BYTES = 4096


def add_own_domain(*, by: Actor, tenant: Tenant, name: str) -> Domain:
    """Note a domain that the tenant wants to use; nothing is shown there until it is checked.

    Raises `InvalidDomainError`, `DomainTakenError` and `TooManyDomainsError`.
    """
    host = catalogue.host_name(name)
    if hosts.is_given(host):
        raise InvalidDomainError("This is the platform's own address. Name one of yours.")
    if Domain.objects.filter(tenant=tenant).count() >= MOST:
        raise TooManyDomainsError
    domain = Domain(tenant=tenant, domain=host, is_primary=False)
    catalogue.save_domain(by=by, domain=domain)
    return domain


def check_own_domain(*, by: Actor, domain: Domain) -> None:
    """Ask the domain for its proof; if this installation gives it, the tenant's portal is shown there from now on.

    Not to be called in a transaction. Raises `DomainNotHereError` with what is wrong.
    """
    try:
        said = async_to_sync(_fetched)(address_of(domain))
    except egress.EgressRefusedError as error:
        raise DomainNotHereError(f"{domain.domain} cannot be looked at: {error.detail}") from None
    except (TimeoutError, httpx2.HTTPError):
        raise DomainNotHereError(
            f"{domain.domain} did not answer. Point it here in its DNS, and give that up to an hour."
        ) from None
    if not constant_time_compare(said.strip(), proof_of(domain)):
        raise DomainNotHereError(f"{domain.domain} answers, but it is not this installation that does.")
    catalogue.verify_domain(by=by, domain=domain)


def address_of(domain: Domain) -> str:
    """Return where the proof of a domain is looked for: the installation's scheme and port, on the domain."""
    public = urlsplit(settings.PUBLIC_URL)
    port = f":{public.port}" if public.port else ""
    return f"{public.scheme}://{domain.domain}{port}{WELL_KNOWN}"


def proof_of(domain: Domain) -> str:
    """Return what only this installation can say about a domain."""
    return salted_hmac("tenants.own_domain", str(domain.pk), algorithm="sha256").hexdigest()


def proof_for_host(host: str) -> str:
    """Return the proof of the domain of that name, "" when no tenant has named it."""
    domain = Domain.objects.filter(domain=host).first()
    return proof_of(domain) if domain else ""


async def _fetched(url: str) -> str:
    policy = egress.EgressPolicy.of(egress.Purpose.DOMAIN, max_bytes=_MAX_BYTES)
    async with egress.async_client(policy, timeout=httpx2.Timeout(_SECONDS)) as client:
        answer = await client.get(egress.check_url(url, policy))
    return answer.text if answer.status_code == httpx2.codes.OK else ""
