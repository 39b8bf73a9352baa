"""Reads the environment: process variables first, then `.env`, then what start-all.sh wrote for its services."""

from __future__ import annotations

import ipaddress
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(os.environ.get("CHATCMS_VAR") or BASE_DIR / "var")

DEVELOPMENT_SECRET = "development-only-secret-do-not-use-in-production"  # noqa: S105 - refused in production
DEVELOPMENT_FERNET_KEY = "ZGV2ZWxvcG1lbnQtb25seS1rZXktLS0tLS0tLS0tLS0="

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
environ.Env.read_env(VAR_DIR / "runtime.env")

ENVIRONMENT = env.str("ENVIRONMENT", "development")
IS_PRODUCTION = ENVIRONMENT == "production"


def secret(name: str, development: str) -> str:
    """Return the secret `name`; in production a missing, short or well-known one stops the start."""
    value = str(env.str(name, ""))
    if not IS_PRODUCTION:
        return value or development
    if not value or value == development or len(value) < 32:
        raise ImproperlyConfigured(
            f"{name} is missing, too short or a default. Set it to a random value of 32 characters or more, "
            f"for example from: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    return value


def required_in_production(name: str, development: str) -> str:
    """Return the setting `name`; in production it must be given."""
    value = str(env.str(name, ""))
    if value:
        return value
    if IS_PRODUCTION:
        raise ImproperlyConfigured(f"{name} is not set. Production needs it; see .env.example.")
    return development


def database(url: str, *, pooled: bool) -> dict[str, Any]:
    """Return Django's database settings for `url`; `pooled` for web processes only (never across a fork)."""
    parts = environ.Env.db_url_config(url, engine="chatcms.core.tenantdb")
    options = parts.setdefault("OPTIONS", {})
    options["application_name"] = env.str("CHATCMS_PROCESS", "command")
    if "host" in options:
        parts["HOST"] = options.pop("host")
    options.setdefault("connect_timeout", "5")
    if pooled:
        options["pool"] = {
            "min_size": 1,
            "max_size": env.int("DB_POOL_SIZE", 8),
            "timeout": env.float("DB_POOL_TIMEOUT", 1.5),
            "max_lifetime": 600.0,
        }
    parts["CONN_MAX_AGE"] = 0
    return dict(parts)


Limits = dict[str, tuple[int, int] | None]


def rate_limits(text: str, defaults: dict[str, tuple[int, int]]) -> Limits:
    """Return how many requests in how many seconds each name of `defaults` may make; None is no limit.

    `text` overrides them, as in `visitor=30/60, ip=off`, or is `off` and lifts all.
    """
    if text.strip().lower() == "off":
        return dict.fromkeys(defaults)
    limits: Limits = dict(defaults)
    for part in filter(None, (part.strip() for part in text.split(","))):
        given = re.fullmatch(r"(\w+)\s*=\s*(?:(off)|([1-9]\d{0,8})/([1-9]\d{0,4}))", part)
        if given is None or given[1] not in defaults:
            raise ImproperlyConfigured(
                f"RATE_LIMITS: {part!r} is not understood. Write, for example, visitor=30/60 (requests/seconds) or "
                f"ip=off; the names are {', '.join(defaults)}."
            )
        limits[given[1]] = None if given[2] else (int(given[3]), int(given[4]))
    return limits


def private_hosts(name: str) -> frozenset[str]:
    """Return the `host:port` pairs that the setting `name` lists, as the egress module compares them.

    `*` stands for every private address, for development. What is not such a pair stops the start: a host without its
    port would match nothing, and nobody would learn why.
    """
    return frozenset(_private_host(name, entry.strip()) for entry in env.list(name, default=[]) if entry.strip())


def dns_resolvers(name: str) -> list[tuple[str, int]]:
    """Return the addresses and ports of the DNS servers that the setting `name` lists; none stand for the system's."""
    return [_resolver(name, entry.strip()) for entry in env.list(name, default=[]) if entry.strip()]


def _resolver(name: str, entry: str) -> tuple[str, int]:
    parts = urlsplit(f"//{entry if entry.count(':') < 2 or '[' in entry else f'[{entry}]'}")
    try:
        return str(ipaddress.ip_address(parts.hostname or "")), parts.port or 53
    except ValueError:
        raise ImproperlyConfigured(
            f"{name}: {entry!r} is not understood. Write the address of a DNS server, with a port unless that is 53: "
            f"9.9.9.9, 127.0.0.1:5353, [2620:fe::fe]:53."
        ) from None


def _private_host(name: str, entry: str) -> str:
    if entry == "*":
        return entry
    found = re.fullmatch(r"(?:\[([0-9a-fA-F:.]+)\]|([^\s/@:\[\]]+)):([0-9]{1,5})", entry)
    host = _host(found) if found else ""
    if found is None or not host or not 0 < int(found[3]) < 65536:
        raise ImproperlyConfigured(
            f"{name}: {entry!r} is not understood. Write host:port, with the port always and IPv6 in brackets: "
            f"llm.internal:443, 127.0.0.1:11434, [::1]:8080."
        )
    return f"{host}:{int(found[3])}"


def _host(found: re.Match[str]) -> str:
    """The host as addresses are compared: lower case, IDNA, IPv6 in its shortest form; empty if there is none such."""
    try:
        return f"[{ipaddress.IPv6Address(found[1])}]" if found[1] else found[2].encode("idna").decode().lower()
    except ValueError:
        return ""


def mail_server(url: str) -> dict[str, Any]:
    """Return Django's mail settings for `url`, `smtp+tls://user:password@host:587` for example.

    Without one, mails are written to the log of a developer, and nowhere in production.
    """
    return dict(environ.Env.email_url_config(url or ("dummymail://" if IS_PRODUCTION else "consolemail://")))


def celery_broker(redis_url: str) -> str:
    """Return the URL that Celery wants for the Redis that `redis_url` names (sockets are spelt otherwise)."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = parse_qs(parts.query)
    password = f":{parts.password}@" if parts.password else ""
    return f"redis+socket://{password}{parts.path}?virtual_host={query.get('db', ['0'])[0]}"
