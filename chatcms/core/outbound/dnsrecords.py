"""Asks the DNS for TXT records: of the servers in `DNS_RESOLVERS`, else of those that the system names."""

from __future__ import annotations

from django.conf import settings
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.resolver import NXDOMAIN, NoAnswer, Resolver

from chatcms.core.exceptions import UnavailableError

# For all attempts at one name together.
SECONDS = 5.0


class DNSUnavailableError(UnavailableError):
    """No DNS server gave an answer."""

    code = "dns_unavailable"
    default_detail = "The DNS did not answer. Try again in a minute."


def txt_records(name: str) -> list[str]:
    """Return the TXT records of a name, none when there are none; raise `DNSUnavailableError`."""
    try:
        answer = _resolver().resolve(name, "TXT", search=False, lifetime=SECONDS)
    except (NXDOMAIN, NoAnswer):
        return []
    except DNSException as error:
        raise DNSUnavailableError from error
    return [b"".join(record.strings).decode("utf-8", "replace") for record in answer]


def _resolver() -> Resolver:
    if not settings.DNS_RESOLVERS:
        return Resolver()
    resolver = Resolver(configure=False)
    resolver.nameservers = [Do53Nameserver(address, port) for address, port in settings.DNS_RESOLVERS]
    return resolver
