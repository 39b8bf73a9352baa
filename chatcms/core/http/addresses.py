"""The one place that finds out where a request comes from: the client's address and the scheme it used.

Nothing else reads `REMOTE_ADDR`, `X-Forwarded-For` or `X-Forwarded-Proto`; a guard test checks this.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

FORWARDED_FOR = b"x-forwarded-for"
FORWARDED_PROTO = b"x-forwarded-proto"
# What a proxy may add to say who asked. Only the first is read, and only from trusted proxies.
CLIENT_HEADERS = frozenset({FORWARDED_FOR, b"forwarded", b"x-real-ip"})
_MAX_TEXT = 64


def client_address(meta: Mapping[str, Any]) -> str:
    """Return the client's address from a request's `META`, without port, brackets or zone.

    With `TRUSTED_PROXIES` of n it is the nth entry of `X-Forwarded-For` from the right, which the outermost trusted
    proxy wrote. Entries further left may come from anybody. An entry that is no IP address names nobody: the peer
    counts instead.
    """
    peer = str(meta.get("REMOTE_ADDR") or "")
    written = entry_of_trusted_proxy(str(meta.get("HTTP_X_FORWARDED_FOR") or ""))
    address = _parsed(written) or _parsed(peer)
    return str(address) if address is not None else peer[:_MAX_TEXT]


def entry_of_trusted_proxy(header: str) -> str:
    """Return the entry of a comma-separated header that the outermost trusted proxy wrote; "" without one."""
    entries = [entry for entry in map(str.strip, header.split(",")) if entry]
    if settings.TRUSTED_PROXIES <= 0 or not entries:
        return ""
    count: int = min(settings.TRUSTED_PROXIES, len(entries))
    return entries[-count]


def network_of(address: str) -> str:
    """Return what limits count an address by: itself, or the /64 that one customer has of IPv6."""
    parsed = _parsed(address)
    if parsed is None:
        return address[:_MAX_TEXT]
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def _parsed(text: str) -> IPAddress | None:
    """Read `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1`, `[2001:db8::1]:443` and `fe80::1%eth0`.

    An IPv4 address that is written as one of IPv6 (`::ffff:192.0.2.1`) is that IPv4 address.
    """
    bare = text.strip().strip('"')[: _MAX_TEXT * 2]
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
