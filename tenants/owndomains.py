"""The door for tenants' own domains: proves that a domain leads here, and shows there the one tenant and nothing else.

Which tenant that is goes with the request as a context variable (`tenants.context.show_only`): whatever enters another
tenant, or is asked for with another tenant's credential, is refused there, on every route.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from html import escape
from typing import Any

import orjson
from asgiref.sync import sync_to_async
from django.db import InterfaceError, OperationalError
from django.http.request import split_domain_port

from chatcms.core import hosts, problems
from chatcms.core.hosts import DomainOwner
from chatcms.core.routes import API_PREFIX
from tenants import context, selectors
from tenants.services import own_domains

Scope = dict[str, Any]
ASGIApp = Callable[[Scope, Any, Any], Awaitable[None]]

# What is the platform's is not to be found on a tenant's domain.
_PLATFORMS = ("/admin/", "/v1/admin/", "/styles/")
OWN_TENANT = "own_tenant"
_PAGE = '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><p>{detail}</p></html>'
# Balancers ask these by address, whatever the host is called.
_HEALTH = frozenset({"/livez", "/readyz", "/v1/health"})


def with_own_domains(application: ASGIApp) -> ASGIApp:
    """Return an application that knows tenants' domains; `scope["own_tenant"]` is the slug of the one asked."""

    async def at_the_door(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] in _HEALTH or hosts.is_named(host := _host(scope)):
            await application(scope, receive, send)
            return
        owner = await hosts.owner_of(host, sync_to_async(_verified_domains))
        if scope["path"] == own_domains.WELL_KNOWN and not hosts.is_given(host):
            proof = await sync_to_async(own_domains.proof_for_host)(split_domain_port(host)[0])
            await _plain(send, 200 if proof else 404, proof or "Nobody has named this domain here.")
        elif owner is not None:
            await _own(application, owner, scope, receive, send)
        elif hosts.is_given(host):
            await application(scope, receive, send)
        else:
            await _refuse(scope, send, 400, "unknown_host", "This server does not know the host that was asked for.")

    return at_the_door


def _verified_domains() -> Mapping[str, DomainOwner] | None:
    try:
        return selectors.verified_domains()
    except (OperationalError, InterfaceError):
        return None


async def _own(application: ASGIApp, owner: DomainOwner, scope: Scope, receive: Any, send: Any) -> None:
    if not owner.is_open:
        await _refuse(scope, send, 503, "domain_closed", "This address is closed at the moment. Try again later.")
    elif _is_elsewhere(scope["path"], owner.slug):
        await _refuse(scope, send, 404, "not_on_this_domain", "There is no such page on this domain.")
    else:
        context.show_only(owner.tenant_id)
        await application({**scope, OWN_TENANT: owner.slug}, receive, send)


def _host(scope: Scope) -> str:
    """Return what the request says the host is; several headers are joined, and then no host at all."""
    return ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"host").lower()


def _is_elsewhere(path: str, slug: str) -> bool:
    path = f"{path}/"
    return (path.startswith("/t/") and not path.startswith(f"/t/{slug}/")) or path.startswith(_PLATFORMS)


async def _refuse(scope: Scope, send: Any, status: int, code: str, detail: str) -> None:
    """Answer in the form that was asked for: a problem document for programs, a page for people."""
    accept = b",".join(value for name, value in scope["headers"] if name == b"accept")
    if scope["path"].startswith(API_PREFIX):
        body = orjson.dumps(problems.problem(status=status, code=code, detail=detail))
        await _answer(send, status, problems.CONTENT_TYPE, body)
    elif b"text/html" in accept:
        page = _PAGE.format(title=status, detail=escape(detail)).encode()
        await _answer(send, status, "text/html; charset=utf-8", page)
    else:
        await _plain(send, status, detail)


async def _plain(send: Any, status: int, text: str) -> None:
    await _answer(send, status, "text/plain; charset=utf-8", text.encode())


async def _answer(send: Any, status: int, content_type: str, body: bytes) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
