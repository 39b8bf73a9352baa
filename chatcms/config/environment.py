"""Reads the environment: process variables first, then `.env`, then what start-all.sh wrote for its services."""

from __future__ import annotations

import ipaddress
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

from chatcms.config.reader import SettingReader
from chatcms.config.secretstrength import DEVELOPMENT_FERNET_KEY, NO_FERNET_KEY, fernet_weakness, weakness

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(os.environ.get("CHATCMS_VAR") or BASE_DIR / "var")
# What a process ends with when a setting is wrong (EX_CONFIG of sysexits.h); `chatcms.runtime` knows it, too.
WRONG_SETTINGS = 78

environ.Env.read_env(BASE_DIR / ".env")
environ.Env.read_env(VAR_DIR / "runtime.env")
env = SettingReader()

# An unknown word is taken for production: whoever misspells it wants the stricter rules.
ENVIRONMENT = env.choice("ENVIRONMENT", "development", ("development", "production"), otherwise="production")
IS_PRODUCTION = ENVIRONMENT == "production"


def settings_or_exit() -> None:
    """Read the settings; end the process with a line for each that is wrong, and no traceback."""
    from django.conf import settings

    try:
        _ = settings.INSTALLED_APPS
    except ImproperlyConfigured as error:
        sys.stderr.write(f"Settings are wrong; nothing was started.\n{error}\n")
        raise SystemExit(WRONG_SETTINGS) from None


def secret(name: str, development: str, *, unlike: str = "") -> str:
    """Return the secret `name`; production is refused one that is missing, published, weak, or the same as `unlike`."""
    value = env.str(name)
    if not IS_PRODUCTION:
        return value or development
    weak = weakness(value) or ("is the same as another secret" if value == unlike else "")
    if weak:
        env.complain(
            name,
            f"it {weak}. Set it to a random value of its own, for example from: "
            "python3 -c 'import secrets; print(secrets.token_urlsafe(48))'",
        )
    return value or development


def encryption_keys(name: str) -> list[str]:
    """Return the Fernet keys between commas, the newest first; production is refused published and weak ones."""
    keys = env.list(name)
    found = [fernet_weakness(key) for key in keys] if keys else ["is missing"]
    # Elsewhere any key will do with which something can be encrypted.
    weak = next((each for each in found if each and (IS_PRODUCTION or each == NO_FERNET_KEY)), "")
    if weak:
        env.complain(
            name,
            f"one of the keys {weak}. Make one with: "
            "python3 -c 'import base64, os; print(base64.urlsafe_b64encode(os.urandom(32)).decode())'",
        )
    return keys or [DEVELOPMENT_FERNET_KEY]


def service_url(name: str, development: str, *schemes: str) -> str:
    """Return the address of a service; in production it must be given."""
    if IS_PRODUCTION and not env.str(name):
        env.complain(name, "it is not set. Production needs it; see .env.example.")
    return env.url(name, development, *schemes)


def public_url() -> str:
    """Return what links in mails begin with: PUBLIC_URL, else where the server listens on this computer."""
    host = env.str("HOST", "127.0.0.1")
    shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1", "localhost"} else host  # noqa: S104
    local = f"http://{f'[{shown}]' if ':' in shown else shown}:{env.int('PORT', 8000, most=65535)}"
    return env.url("PUBLIC_URL", local, "http", "https").rstrip("/")


def database(url: str, *, pooled: bool) -> dict[str, Any]:
    """Return Django's database settings for `url`; `pooled` for web processes only (never across a fork)."""
    parts = environ.Env.db_url_config(url, engine="chatcms.core.db.tenantdb")
    options = parts.setdefault("OPTIONS", {})
    options["application_name"] = env.str("CHATCMS_PROCESS", "command")
    if "host" in options:
        parts["HOST"] = options.pop("host")
    options.setdefault("connect_timeout", "5")
    pool_size, pool_timeout = env.int("DB_POOL_SIZE", 8, most=1000), env.float("DB_POOL_TIMEOUT", 15.0)
    if pooled:
        options["pool"] = {
            "min_size": 1,
            "max_size": pool_size,
            "timeout": pool_timeout,
            "max_lifetime": 600.0,
        }
    parts["CONN_MAX_AGE"] = 0
    return dict(parts)


Limits = dict[str, tuple[int, int] | None]


def rate_limits(text: str, defaults: Mapping[str, tuple[int, int] | None]) -> Limits:
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
    none: frozenset[str] = frozenset()
    return env.checked(name, lambda: frozenset(_private_host(name, entry) for entry in env.list(name)), none)


def dns_resolvers(name: str) -> list[tuple[str, int]]:
    """Return the addresses and ports of the DNS servers that the setting `name` lists; none stand for the system's."""
    return env.checked(name, lambda: [_resolver(name, entry) for entry in env.list(name)], [])


def _resolver(name: str, entry: str) -> tuple[str, int]:
    try:
        parts = urlsplit(f"//{entry if entry.count(':') < 2 or '[' in entry else f'[{entry}]'}")
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
    url = url or ("dummymail://" if IS_PRODUCTION else "consolemail://")
    is_known = url.partition("://")[0] in environ.Env.EMAIL_SCHEMES
    try:
        return dict(environ.Env.email_url_config(url if is_known else "dummymail://"))
    except (ValueError, KeyError):
        is_known = False
        return dict(environ.Env.email_url_config("dummymail://"))
    finally:
        if not is_known:
            env.complain("EMAIL_URL", "this is no mail server. Write smtp+tls://user:password@smtp.example.com:587.")


def celery_broker(redis_url: str) -> str:
    """Return the URL that Celery wants for the Redis that `redis_url` names (sockets are spelt otherwise)."""
    parts = urlsplit(redis_url)
    if parts.scheme != "unix":
        return redis_url
    query = parse_qs(parts.query)
    password = f":{parts.password}@" if parts.password else ""
    return f"redis+socket://{password}{parts.path}?virtual_host={query.get('db', ['0'])[0]}"
