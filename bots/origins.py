"""Knows the origins of pages (RFC 6454): which a bot may be given, and whether a page's origin is among a bot's."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection

from chatcms.core.errortext import ErrorText

MAX_LENGTH = 300
EXPECTED = ErrorText(
    "Send an origin: https://shop.example, https://*.shop.example for all names below, "
    "or http://localhost:3000 on one's own computer."
)

_SENT = re.compile(
    r"(?P<scheme>https?)://(?P<any>\*\.)?(?P<host>\[[0-9a-f:.]+\]|[^\[\]\s/?#@:\\%*]+)(?::(?P<port>[0-9]{1,5}))?/?",
    re.IGNORECASE,
)
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
# What browsers and Python's older IDNA spell differently: "straße" would become the name of somebody else.
_AMBIGUOUS = frozenset("ßςẞ\u200c\u200d")
_USUAL_PORT = {"http": 80, "https": 443}
_LOCAL = "localhost"


def normalized(text: str) -> str | None:
    """Return an origin as browsers write it: lower case, names in ASCII, without the usual port; None if it is none.

    `https://*.example.com` stands for every name below example.com, not for itself. Plain http is for one's own
    computer only, as browsers trust it: localhost, names below it, and the loopback addresses.
    """
    found = _SENT.fullmatch(text.strip()) if len(text) <= MAX_LENGTH else None
    if found is None:
        return None
    scheme, wildcard = found["scheme"].lower(), found["any"] or ""
    host = _address(found["host"]) or _name(found["host"])
    port = int(found["port"] or _USUAL_PORT[scheme])
    if host is None or not 0 < port < 1 << 16:
        return None
    if wildcard and (_is_address(host) or ("." not in host and host != _LOCAL)):
        return None
    if scheme == "http" and not _is_own_computer(host):
        return None
    return f"{scheme}://{wildcard}{host}" + ("" if port == _USUAL_PORT[scheme] else f":{port}")


def allows(allowed: Collection[str], origin: str) -> bool:
    """Say whether a page of `origin`, as its browser names it, is of one of the allowed origins."""
    if not origin or "*" in origin:
        return False
    return origin in allowed or any(_is_below(one, origin) for one in allowed if "//*." in one)


def _is_below(pattern: str, origin: str) -> bool:
    scheme, rest = pattern.split("//*", 1)
    if not (origin.startswith(f"{scheme}//") and origin.endswith(rest)):
        return False
    return _NAME.fullmatch(origin.removeprefix(f"{scheme}//").removesuffix(rest)) is not None


def _name(host: str) -> str | None:
    """Return a name in ASCII; None when it is no name, or one that browsers take for an address."""
    if _AMBIGUOUS & set(host):
        return None
    try:
        name = host.lower() if host.isascii() else host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return None
    is_name = len(name) <= 253 and _NAME.fullmatch(name) and not _NUMBER.fullmatch(name.rpartition(".")[2])
    return name if is_name else None


def _address(host: str) -> str | None:
    try:
        if host.startswith("["):
            address = ipaddress.IPv6Address(host[1:-1])
            return None if address.ipv4_mapped else f"[{address.compressed}]"
        return str(ipaddress.IPv4Address(host))
    except ValueError:
        return None


def _is_address(host: str) -> bool:
    return _address(host) is not None


def _is_own_computer(host: str) -> bool:
    if _is_address(host):
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    return host == _LOCAL or host.endswith(f".{_LOCAL}")
