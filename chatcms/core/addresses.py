"""Finds out which address a request came from, through as many proxies as the operator trusts."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from django.conf import settings


def client_address(meta: Mapping[str, Any]) -> str:
    """Return the client's address from a request's `META`.

    With `TRUSTED_PROXIES` of n it is the nth of `X-Forwarded-For` from the right, which the outermost trusted proxy
    wrote; what stands further left anybody may have sent.
    """
    peer = str(meta.get("REMOTE_ADDR") or "")
    if settings.TRUSTED_PROXIES <= 0:
        return peer
    hops = [hop.strip() for hop in str(meta.get("HTTP_X_FORWARDED_FOR", "")).split(",") if hop.strip()]
    return hops[-min(settings.TRUSTED_PROXIES, len(hops))] if hops else peer


def network_of(address: str) -> str:
    """Return what to count an address by: itself, or the /64 that one customer has of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
