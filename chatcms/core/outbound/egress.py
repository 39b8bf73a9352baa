"""The one way out: every outbound HTTP call goes through a client that is built here.

A caller says what it calls for. It connects to public addresses over https only, unless the operator named the exact
`host:port` for that purpose: a model server that providers may reach is not open to a tenant's webhooks. The name is
resolved once, every address is judged, and the connection goes to the judged address, with the name kept for
the certificate and the Host header. No redirects, no proxies or keys from the environment, no cookies, no
endless answers: one that comes compressed unasked is unpacked within the same limit of its size.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import ssl
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache, partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx2

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import AppError
from chatcms.core.outbound.http1 import Connection, Http1Transport

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]

ANY_PRIVATE: Final = "*"
DEFAULT_MAX_BYTES: Final = 64 * 1024 * 1024
_DEFAULT_PORTS = {"http": 80, "https": 443}
_FIRST_FREE_PORT, _LAST_PORT = 1024, 65535

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# Networks that some Python versions call global although nothing public is there
_NEVER_PUBLIC: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = tuple(
    ipaddress.ip_network(text)
    for text in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
        "::/96", "64:ff9b:1::/48", "100::/64", "2002::/16", "2001::/23", "3fff::/20", "5f00::/16",
        "fec0::/10",
    )
)  # fmt: skip
_ISATAP = re.compile(r"0[02]005efe")
_NUMERIC_LABEL = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)


class EgressRefusedError(AppError):
    """The address is one that this installation does not connect to."""

    code = "egress_refused"
    kind = "unprocessable"
    default_detail = "This address is not allowed. Ask the platform's operator to allow it."


class Purpose(Enum):
    """What a call is for; the value is the setting that names the private hosts which such calls may reach."""

    PROVIDER = "EGRESS_PRIVATE_HOSTS"
    FETCH = "FETCH_PRIVATE_HOSTS"
    WEBHOOK = "WEBHOOK_PRIVATE_HOSTS"
    DOMAIN = "DOMAIN_PRIVATE_HOSTS"


@dataclass(frozen=True, slots=True)
class EgressPolicy:
    """Where a client may connect, and what for.

    `allow_private_hosts` holds exact `host:port` pairs (lower case, `[::1]:11434` for IPv6) that may be
    private and may speak plain http; `*` in it allows all loopback and private addresses, for development,
    but never link-local ones, where clouds keep their credentials.
    """

    purpose: Purpose
    allow_private_hosts: frozenset[str] = frozenset()
    max_bytes: int = DEFAULT_MAX_BYTES

    @classmethod
    def of(cls, purpose: Purpose, *, max_bytes: int = DEFAULT_MAX_BYTES) -> EgressPolicy:
        """Return the policy that the operator has set for a purpose."""
        from django.conf import settings  # late: adapters use this module without Django

        return cls(purpose, getattr(settings, purpose.value), max_bytes)

    def names(self, host: str, port: int) -> bool:
        """Whether the operator named this very host and port."""
        return _pair(host, port) in self.allow_private_hosts

    @property
    def any_private(self) -> bool:
        """Whether all private addresses are allowed."""
        return ANY_PRIVATE in self.allow_private_hosts

    def cure(self, host: str, port: int) -> ErrorText:
        """Say how the operator allows a host for this purpose."""
        return ErrorText(
            "The platform's operator allows it with %(setting)s=%(pair)s.",
            setting=self.purpose.value,
            pair=_pair(host, port),
        )


def check_url(url: str | httpx2.URL, policy: EgressPolicy) -> httpx2.URL:
    """Judge an address as far as its text goes, for forms and at each connection; the name is not resolved.

    Returns the parsed address. Raises `EgressRefusedError` with a sentence that says what is wrong with it.
    """
    parsed = _parse(url)
    if parsed.scheme not in _DEFAULT_PORTS or not parsed.host:
        raise EgressRefusedError("The address must begin with https:// and name a host.")
    if parsed.userinfo:
        raise EgressRefusedError("The address must not contain a user name or password.")
    host, port = _host_and_port(parsed)
    if policy.names(host, port):
        return parsed
    if parsed.scheme != "https" and not policy.any_private:
        raise EgressRefusedError(
            ErrorText(
                "The address must begin with https://: plain http is only for hosts that are allowed, "
                "and %(pair)s is not one. %(cure)s",
                pair=_pair(host, port),
                cure=policy.cure(host, port),
            )
        )
    if port not in _DEFAULT_PORTS.values() and not _FIRST_FREE_PORT <= port <= _LAST_PORT:
        raise EgressRefusedError(
            ErrorText("Port %(port)s is not one for web services. Use 443, or one of 1024 to 65535.", port=port)
        )
    literal = _literal(host)
    if literal is not None:
        _judge([literal], host, port, policy, plain=parsed.scheme == "http")
    return parsed


def _parse(url: str | httpx2.URL) -> httpx2.URL:
    if isinstance(url, str) and (url != url.strip() or "\\" in url or re.search(r"[\x00-\x20\x7f]", url)):
        raise EgressRefusedError("The address holds a character that is not allowed.")
    try:
        return httpx2.URL(url)
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise EgressRefusedError("The address is malformed.") from error


def _host_and_port(url: httpx2.URL) -> tuple[str, int]:
    port = _DEFAULT_PORTS[url.scheme] if url.port is None else url.port
    return url.raw_host.decode("ascii").lower(), port


def _literal(host: str) -> Address | None:
    """The IP address that a host is, if it is one; numbers in disguise are refused."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        pass
    last = host.rstrip(".").rpartition(".")[2]
    if last == "localhost":
        return ipaddress.IPv4Address("127.0.0.1")
    if _NUMERIC_LABEL.fullmatch(last) or ":" in host or "%" in host:
        raise EgressRefusedError("The address is a number in an unusual form. Write it as a plain IP address.")
    return None


def is_public(address: Address) -> bool:
    """Whether an address, or the IPv4 address that it wraps, is on the public internet."""
    wrapped = _wrapped(address)
    if wrapped is not None:
        return is_public(wrapped)
    if any(address.version == net.version and address in net for net in _NEVER_PUBLIC):
        return False
    if address.version == 6 and _ISATAP.fullmatch(f"{(int(address) >> 32) & 0xFFFFFFFF:08x}"):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def _wrapped(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that a connection to an IPv6 one really reaches, in the two forms still in use."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None


def _is_private_network(address: Address) -> bool:
    address = _wrapped(address) or address
    return address.is_loopback or (
        address.is_private
        and not (address.is_link_local or address.is_multicast or address.is_reserved or address.is_unspecified)
    )


def _judge(addresses: list[Address], host: str, port: int, policy: EgressPolicy, *, plain: bool) -> None:
    """Raise unless every address may be reached; one bad answer of several is a rebinding attempt."""
    if policy.names(host, port):
        return
    for address in addresses:
        if is_public(address) and not plain:
            continue
        if policy.any_private and _is_private_network(address):
            continue
        raise EgressRefusedError(
            ErrorText(
                "%(pair)s is a private address, or it is public but not encrypted. %(cure)s",
                pair=_pair(host, port),
                cure=policy.cure(host, port),
            )
        )


def _pair(host: str, port: int) -> str:
    """Return host and port as the settings write them: in lower case, IPv6 in its shortest form and in brackets."""
    if ":" not in host:
        return f"{host.lower()}:{port}"
    with suppress(ValueError):
        host = str(ipaddress.IPv6Address(host))
    return f"[{host.lower()}]:{port}"


def _passes(url: str, policy: EgressPolicy) -> bool:
    try:
        check_url(url, policy)
    except EgressRefusedError:
        return False
    return True


def only_for_providers(url: str, purpose: Purpose) -> str | None:
    """Return the `host:port` of an address that providers may reach and calls for `purpose` may not, else None.

    That is an entry of EGRESS_PRIVATE_HOSTS which once opened the host to all purposes, and must be named again.
    """
    provider, policy = EgressPolicy.of(Purpose.PROVIDER), EgressPolicy.of(purpose)
    try:
        host, port = _host_and_port(check_url(url, provider))
    except EgressRefusedError:
        return None
    if policy.names(host, port) or policy.any_private:
        return None
    if not provider.names(host, port) and _passes(url, policy):
        return None
    return _pair(host, port)


async def resolve_with_system(host: str, port: int) -> list[str]:
    """Ask the system's resolver for the addresses of a name."""
    infos = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(info[4][0]) for info in infos))


@lru_cache(maxsize=1)
def default_tls() -> ssl.SSLContext:
    """The trust of the operating system (or SSL_CERT_FILE); made once, since it takes a tenth of a second."""
    context = httpx2.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context


async def _dial(
    policy: EgressPolicy, resolve: Resolve, tls: ssl.SSLContext | None, url: httpx2.URL, timeout: float | None
) -> Connection:
    """Judge, resolve once, judge the addresses, and connect to one of exactly those."""
    check_url(url, policy)
    host, port = _host_and_port(url)
    context = (tls or default_tls()) if url.scheme == "https" else None
    try:
        async with asyncio.timeout(timeout):
            literal = None if policy.names(host, port) else _literal(host)
            found = [literal] if literal else [ipaddress.ip_address(a) for a in await resolve(host, port)]
            _judge(found, host, port, policy, plain=context is None)
            return await _connect(found, port, context, host)
    except TimeoutError:
        raise httpx2.ConnectTimeout("the connection was not made in time") from None
    except OSError as error:
        raise httpx2.ConnectError("the connection could not be made") from error


async def _connect(addresses: list[Address], port: int, tls: ssl.SSLContext | None, host: str) -> Connection:
    loop = asyncio.get_running_loop()
    name = host if tls is not None else None
    last: OSError = OSError("no address")
    for address in addresses:
        try:
            _, connection = await loop.create_connection(Connection, str(address), port, ssl=tls, server_hostname=name)
        except OSError as error:
            last = error
        else:
            return connection
    raise last


def async_transport(
    policy: EgressPolicy, *, resolve: Resolve = resolve_with_system, tls: ssl.SSLContext | None = None
) -> httpx2.AsyncBaseTransport:
    """Build the transport alone, for a client that somebody else makes."""
    return Http1Transport(partial(_dial, policy, resolve, tls), max_bytes=policy.max_bytes)


def async_client(
    policy: EgressPolicy,
    *,
    timeout: httpx2.Timeout,
    resolve: Resolve = resolve_with_system,
    tls: ssl.SSLContext | None = None,
) -> httpx2.AsyncClient:
    """Build a client that keeps to `policy`. It belongs to the event loop that first uses it.

    `EgressRefusedError` is raised by the call that would have connected. Close it with `aclose()`.
    """
    return httpx2.AsyncClient(
        transport=async_transport(policy, resolve=resolve, tls=tls),
        timeout=timeout,
        headers={"accept-encoding": "identity"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        trust_env=False,
    )
